// What a recording says of itself before its first frame and after its last one.

import { canonicalJson } from '@sallyport/core';
import { epochMs, exitStatus, idOf, loginName, oneLine, serverName, windowSize } from '@sallyport/protocol';
import * as z from 'zod/mini';

const maxCommandLength = 131_072; // MAX_ARG_STRLEN of Linux

/** Unknown members are dropped, so that a later writer may add some. */
export const recordingHeader = z.object({
  session: idOf('session'),
  channel: idOf('channel'),
  person: z.object({ id: oneLine(128), name: oneLine(253) }),
  server: z.object({ id: idOf('server'), name: serverName }),
  login: loginName,
  kind: z.enum(['shell', 'exec']),
  command: z.optional(z.string().check(z.maxLength(maxCommandLength))),
  /** Absent when the process had no terminal. */
  terminal: z.optional(z.object({ term: oneLine(64), size: windowSize })),
  startedAt: epochMs,
  /** How the payloads of frame blocks are encrypted; absent when they are not. No scheme is defined yet. */
  encryption: z.optional(z.object({ scheme: oneLine(64) })),
});
export type RecordingHeader = z.infer<typeof recordingHeader>;

const count = z.int().check(z.nonnegative());

/** The last block: what the recording amounts to. Its chain value is the root hash. */
export const sealRecord = z.object({
  /** `closed` by its writer; `interrupted` when a crash had left it open and it was sealed afterwards. */
  reason: z.enum(['closed', 'interrupted']),
  sealedAt: epochMs,
  exit: z.optional(exitStatus),
  blocks: count,
  frames: count,
  durationUs: count,
  bytes: z.object({ output: count, error: count, input: count }),
});
export type SealRecord = z.infer<typeof sealRecord>;

export type Totals = Pick<SealRecord, 'blocks' | 'frames' | 'durationUs' | 'bytes'>;

export const noTotals: Totals = { blocks: 0, frames: 0, durationUs: 0, bytes: { output: 0, error: 0, input: 0 } };

export function sealPayload(seal: SealRecord): Buffer {
  return Buffer.from(canonicalJson(JSON.parse(JSON.stringify(seal))));
}
