// The policy in force.

export type { PolicyStore, PolicyVersion } from './ports.ts';
export { createPolicy, deniedBy, type PolicyService } from './service.ts';
