// How servers come in and stay in.

export type { PresentedAgent } from './check.ts';
export type { EnrolmentStore } from './ports.ts';
export { enrolmentRefusals } from './refusals.ts';
export type { JoinTokenRecord, ManagedServer } from './server.ts';
export { createEnrolment, type EnrolmentService } from './service.ts';
