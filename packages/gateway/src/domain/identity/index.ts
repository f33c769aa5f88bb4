// Who calls.

export { actorOf, type Caller } from './caller.ts';
export { type Device, type EnrolmentCode, type Person, type Role, roles } from './person.ts';
export type { IdentityStore } from './ports.ts';
export { identityRefusals } from './refusals.ts';
export { createIdentity, type IdentityService, type Presented } from './service.ts';
