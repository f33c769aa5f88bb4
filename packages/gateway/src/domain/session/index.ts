// Sessions: the gate, and what is live.

export { type AccessQuestion, type AuthorizedSession, createGate, type Gate } from './gate.ts';
export type { ChannelRecorder, MachineSource, Recordings, SessionStore } from './ports.ts';
export { recoverSessions } from './recover.ts';
export { sessionRefusals } from './refusals.ts';
export { endRevoked } from './revoked-device.ts';
export { createSessions, type SessionService } from './service.ts';
export type { ChannelRecord, SessionRecord } from './session.ts';
