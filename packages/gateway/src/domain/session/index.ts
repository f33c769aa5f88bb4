// Sessions: the gate, and what is live.

export { type AccessQuestion, type AuthorizedSession, createGate, type Gate } from './gate.ts';
export type { MachineSource, Recordings, SessionStore } from './ports.ts';
export { sessionRefusals } from './refusals.ts';
export { createSessions, type OpenSession, type SessionService } from './service.ts';
export type { ChannelRecord, Door, SessionRecord } from './session.ts';
