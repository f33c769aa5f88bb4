// Small reads of /proc and /sys, and signals, where "it is gone" is an ordinary answer.

import { readFileSync } from 'node:fs';

/** The file's text, or nothing if it cannot be read: processes and groups vanish while they are looked at. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** The signals that a client may send (RFC 4254 §6.10). */
const signals = {
  ABRT: 'SIGABRT',
  ALRM: 'SIGALRM',
  FPE: 'SIGFPE',
  HUP: 'SIGHUP',
  ILL: 'SIGILL',
  INT: 'SIGINT',
  KILL: 'SIGKILL',
  PIPE: 'SIGPIPE',
  QUIT: 'SIGQUIT',
  SEGV: 'SIGSEGV',
  TERM: 'SIGTERM',
  USR1: 'SIGUSR1',
  USR2: 'SIGUSR2',
} as const;
export type SignalName = keyof typeof signals;

export function isSignalName(name: string): name is SignalName {
  return Object.hasOwn(signals, name);
}

export function signalGroup(group: number, name: SignalName): void {
  signalQuietly(-group, signals[name]);
}
