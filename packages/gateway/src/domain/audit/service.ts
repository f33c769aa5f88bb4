// The one way into the log: entries get their time here and are on the disk when write() answers. It must never answer early.

import type { AuditLog } from '@sallyport/audit';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import type { Entry } from './entry.ts';
import { fit } from './fit.ts';
import { createFlood, type Peer } from './flood.ts';

export interface Journal {
  /** Resolves when the entry is durable; an AUDIT_UNAVAILABLE refusal when it cannot be, and then the thing must not happen. */
  write(entry: Entry): Promise<Result<void, Refusal>>;
  /** For what has happened already and cannot be undone: a failure is counted and shown by /ready, never thrown. */
  note(entry: Entry): void;
  /** As write(), for a refusal, which a peer can cause as often as it likes: beyond some in a minute they are counted and told together. */
  refused(entry: Entry, peer: Peer): Promise<Result<void, Refusal>>;
  /** Tells what was counted so far. */
  flush(): Promise<void>;
}

export function createJournal(
  log: Pick<AuditLog, 'append'>,
  clock: Clock,
  onFailure: (message: string) => void,
): Journal {
  const write = async (entry: Entry): Promise<Result<void, Refusal>> => {
    const appended = await log.append({ ...fit(entry), time: new Date(clock.now()).toISOString() });
    if (appended.ok) return ok();
    onFailure(appended.error.message);
    return err(unavailable(appended.error.message, appended.error.hint));
  };
  const note = (entry: Entry): void => {
    write(entry).catch((error: unknown) => onFailure(String(error)));
  };
  const flood = createFlood(clock, () => flood.drain().forEach(note));
  return {
    write,
    note,
    refused: async (entry, peer) => (flood.admits(entry, peer) ? write(entry) : ok()),
    flush: async () => {
      await Promise.all(flood.drain().map(write));
    },
  };
}

function unavailable(message: string, hint: string): Refusal {
  return {
    code: 'AUDIT_UNAVAILABLE',
    message: 'nothing can start that the audit log cannot keep',
    rule: 'AUD-6',
    hint: `an administrator must mend the log: ${hint}`,
    evidence: { message },
  };
}
