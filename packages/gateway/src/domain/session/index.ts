// Sessions: the gate, and what is live.

export { type AccessQuestion, type AuthorizedSession, createGate, type Gate } from './gate.ts';
export type { ChannelRecorder, MachineSource, Recordings, SessionStore } from './ports.ts';
export { recoverSessions } from './recover.ts';
export { sessionRefusals } from './refusals.ts';
export { createSessions, type OpenSession, type SessionService } from './service.ts';
export type { ChannelRecord, Door, SessionRecord } from './session.ts';
