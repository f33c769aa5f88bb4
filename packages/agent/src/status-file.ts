// What the running agent tells of itself in status.json: replaced as a whole on every change. It holds no secret.

import { readFile } from 'node:fs/promises';
import { type EpochMs, ok, parseJson, type Result } from '@sallyport/core';
import { epochMs, idOf, oneLine } from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { AgentRefusal } from './refusals.ts';
import { readPrivateFile, type StateFolder, writePrivateFile } from './state-folder.ts';

const failure = z.strictObject({ at: epochMs, code: oneLine(64), message: oneLine(1024), hint: oneLine(1024) });

const agentState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('connecting') }),
  z.strictObject({ state: z.literal('connected'), transport: oneLine(128) }),
  z.strictObject({ state: z.literal('retrying'), nextAttemptAt: epochMs }),
  z.strictObject({ state: z.literal('revoked'), nextAttemptAt: epochMs }),
  z.strictObject({ state: z.literal('stopped') }),
]);
export type AgentState = z.infer<typeof agentState>;

const statusFile = z.strictObject({
  /** Process id, and when it started in clock ticks since boot (proc(5)): the two name one process for ever. */
  pid: z.int(),
  pidStartedAtTicks: oneLine(32),
  version: oneLine(64),
  gateway: oneLine(512),
  server: idOf('server'),
  name: oneLine(63),
  link: agentState,
  /** Since when the link is in that state. */
  since: epochMs,
  sessions: z.int().check(z.nonnegative()),
  certificateExpiresAt: epochMs,
  /** How far the gateway's clock is ahead of this host's; absent before the first link. */
  clockSkewMs: z.optional(z.int()),
  lastFailure: z.optional(failure),
});
export type StatusFile = z.infer<typeof statusFile>;
export type LinkFailure = z.infer<typeof failure>;

const statusName = 'status.json';

export async function readStatusFile(folder: StateFolder): Promise<Result<StatusFile | undefined, AgentRefusal>> {
  const text = await readPrivateFile(folder, statusName);
  if (!text.ok) return text;
  const file = statusFile.safeParse(parseJson(text.value ?? ''));
  // One that cannot be read is as good as none: the agent writes it anew.
  return ok(file.success ? file.data : undefined);
}

/** Start time of the process in ticks since boot (proc(5), field 22), undefined when there is no such process. */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command in field 2 may hold spaces and brackets: what follows its last bracket is counted.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

export async function isRunning(status: Pick<StatusFile, 'pid' | 'pidStartedAtTicks'>): Promise<boolean> {
  return (await startTicksOf(status.pid)) === status.pidStartedAtTicks;
}

export type StatusWriter = {
  /** Changes what is told; writes follow one after the other, the newest last. */
  change(part: Partial<StatusFile>): void;
  readonly current: StatusFile;
  /** Resolves when the newest is on disk, or could not be written. */
  settled(): Promise<void>;
};

export function statusWriter(
  folder: StateFolder,
  first: StatusFile,
  onFailure: (refusal: AgentRefusal) => void,
): StatusWriter {
  let current = first;
  let writing: Promise<void> | undefined;
  let isStale = true;
  const write = async (): Promise<void> => {
    while (isStale) {
      isStale = false;
      const written = await writePrivateFile(folder, statusName, `${JSON.stringify(current)}\n`, 'fleeting');
      if (!written.ok) onFailure(written.error);
    }
    writing = undefined;
  };
  writing = write();
  return {
    change(part) {
      current = { ...current, ...part };
      isStale = true;
      writing ??= write();
    },
    get current() {
      return current;
    },
    settled: async () => {
      await writing;
    },
  };
}

export function failureOf(
  refusal: { readonly code: string; readonly message: string; readonly hint: string },
  at: EpochMs,
): LinkFailure {
  const plain = (text: string, maxLength: number): string => text.replace(/\p{Cc}+/gu, ' ').slice(0, maxLength);
  return { at, code: plain(refusal.code, 64), message: plain(refusal.message, 1024), hint: plain(refusal.hint, 1024) };
}
