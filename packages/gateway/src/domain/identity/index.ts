// Who calls.

export { actorOf, type Caller } from './caller.ts';
export { createDeviceLinks, type DeviceLinks } from './links.ts';
export type { Device, Person } from './person.ts';
export { identityRefusals } from './refusals.ts';
export { createIdentity, type IdentityService, type OwnedDevice, type Presented } from './service.ts';
