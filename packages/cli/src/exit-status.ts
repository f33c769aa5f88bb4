// Exit statuses of sally itself (sysexits.h); a remote command's own status is passed through. docs/cli.md documents them.

import type { ExitStatus } from '@sallyport/protocol';

export const exitStatuses = {
  ok: 0,
  /** A check that was asked for did not hold: a log that does not verify, a policy with mistakes. */
  checkFailed: 1,
  usage: 64,
  dataInvalid: 65,
  notFound: 68,
  unavailable: 69,
  bug: 70,
  cannotWrite: 73,
  temporary: 75,
  notPermitted: 77,
  config: 78,
} as const;

/** Signal numbers of Linux, for `128 + n` as shells report it. */
const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  XCPU: 24,
  XFSZ: 25,
  SYS: 31,
};

export function signalStatus(signal: string): number {
  return 128 + (signalNumbers[signal] ?? 0);
}

/** What a shell shows for a process that ended so. */
export function shellStatus(exit: ExitStatus): number {
  return exit.how === 'exited' ? exit.status : signalStatus(exit.signal);
}
