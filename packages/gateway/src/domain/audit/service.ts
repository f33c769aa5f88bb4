// The one way into the log: entries get their time here and are on the disk when write() answers. It must never answer early.

import type { AuditLog } from '@sallyport/audit';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import type { Entry } from './entry.ts';
import { fit } from './fit.ts';

export interface Journal {
  /** Resolves when the entry is durable; an AUDIT_UNAVAILABLE refusal when it cannot be, and then the thing must not happen. */
  write(entry: Entry): Promise<Result<void, Refusal>>;
  /** For what has happened already and cannot be undone: a failure is counted and shown by /ready, never thrown. */
  note(entry: Entry): void;
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
  return {
    write,
    note: (entry) => {
      write(entry).catch((error: unknown) => onFailure(String(error)));
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
