// How a process ended, with what Node does not tell: the core flag and real-time signals, read from /proc before Node reaps it.

import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { ExitStatus } from '@sallyport/protocol';

const namesByNumber = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name.slice('SIG'.length)]),
);

/** How long the dying process may still need, once it has closed its output. The agent does nothing else meanwhile. */
const lookForMs = 5;
const lookEveryMs = 0.1;
/** Field 52 of proc_pid_stat(5), counted after the closing parenthesis of field 2. */
const exitCodeField = 49;

/** The wait status of wait(2). */
export function exitStatusOf(status: number): ExitStatus {
  const signal = status & 0x7f;
  if (signal === 0) return { how: 'exited', status: (status >> 8) & 0xff };
  return { how: 'signalled', signal: namesByNumber.get(signal) ?? `RT${signal}`, isCoreDumped: (status & 0x80) !== 0 };
}

/** The exit from what Node reports, completed by the wait status that was seen, if any. */
export function exitOf(code: number | null, signal: NodeJS.Signals | null, seen: number | undefined): ExitStatus {
  const isSeenKilled = seen !== undefined && (seen & 0x7f) !== 0;
  // Node knows no real-time signal by name and reports it as status 0.
  if (isSeenKilled && (signal !== null || code === 0)) return exitStatusOf(seen);
  if (signal !== null) return { how: 'signalled', signal: signal.slice('SIG'.length), isCoreDumped: false };
  return { how: 'exited', status: (code ?? 255) & 0xff };
}

/**
 * The wait status of a child that is dead and not yet reaped. To be called when its output ends: Node reaps in a later step of
 * its loop than it reads, so the dead process is still there. Undefined if it lives on.
 */
export function peekWaitStatus(pid: number): number | undefined {
  const deadline = performance.now() + lookForMs;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  do {
    const stat = readStat(pid);
    if (stat === undefined) return undefined;
    if (stat[0] === 'Z') return Number(stat[exitCodeField]);
    // Sleeping lets it die sooner than spinning on a busy machine does.
    Atomics.wait(pause, 0, 0, lookEveryMs);
  } while (performance.now() < deadline);
  return undefined;
}

function readStat(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .trimEnd()
      .split(' ');
  } catch {
    return undefined;
  }
}
