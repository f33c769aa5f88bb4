// The one way into the log.

export { createJournal, type Entry, type Journal } from './service.ts';
