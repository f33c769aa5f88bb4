// What a crash left: sessions that were never ended, recordings that were never sealed, a torn line in the log. Each is told in the log.

import { type Clock, ok, type Result } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import type { Journal } from '../audit/index.ts';
import type { Recordings, SessionStore } from './ports.ts';

type Needs = {
  readonly store: SessionStore;
  readonly recordings: Recordings;
  readonly journal: Journal;
  readonly clock: Clock;
  /** What the log itself found when it was opened. */
  readonly torn: { readonly file: string; readonly bytes: number } | undefined;
  readonly workspace: string;
};

const reason = 'the gateway stopped without ending it';

export async function recoverSessions({
  store,
  recordings,
  journal,
  clock,
  torn,
  workspace,
}: Needs): Promise<Result<void, Refusal>> {
  const gateway = { kind: 'gateway' as const, id: workspace };
  if (torn) {
    const told = await journal.write({
      class: 'log.recovered',
      actor: gateway,
      action: 'recover',
      resource: { kind: 'log', id: torn.file },
      reason: 'a line that was never acknowledged was moved aside',
      payloadBytes: torn.bytes,
    });
    if (!told.ok) return told;
  }
  for (const session of await store.endAllOpen(clock.now(), reason)) {
    const told = await journal.write({
      class: 'session.ended',
      actor: gateway,
      action: 'end',
      resource: { kind: 'session', id: session },
      session,
      reason,
    });
    if (!told.ok) return told;
    for (const [channel, hash] of await recordings.recover(session))
      await store.closeChannel(channel, clock.now(), reason, hash);
  }
  return ok();
}
