// The policy in force.

export { createPolicy, deniedBy, type Going, type PolicyService } from './service.ts';
