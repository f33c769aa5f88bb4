// The policy in force.

export { createPolicy, deniedBy, type PolicyService } from './service.ts';
