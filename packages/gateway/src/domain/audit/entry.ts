// What is told to the log.

import type { AuditEvent } from '@sallyport/protocol';

/** An event without its time, which the journal gives. */
export type Entry = Omit<AuditEvent, 'time'>;
