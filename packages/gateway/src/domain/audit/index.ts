// The one way into the log.

export type { Entry } from './entry.ts';
export { createJournal, type Journal } from './service.ts';
