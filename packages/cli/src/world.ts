// What the program gets from outside: its words, its streams, the clock, chance. main.ts alone makes it from the process;
// everything else takes it as a parameter, so that tests own all of it.

import type { Readable, Writable } from 'node:stream';
import type { Clock, Random } from '@sallyport/core';

export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** Signals that a command may want to hear of. */
type HeardSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGWINCH' | 'SIGQUIT';

export type World = {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  /** The person's login on this device. */
  readonly login: string;
  readonly hostname: string;
  /** Numeric user id of this process; undefined where the system has none. */
  readonly uid: number | undefined;
  readonly pid: number;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly random: Random;
  /** Absolute paths of the runtime and of the program, for an ssh_config that starts it again. */
  readonly runtimePath: string;
  readonly programPath: string;
  /** Hears a signal instead of dying of it, until the returned function is called. */
  onSignal(signal: HeardSignal, heard: () => void): () => void;
  /** Called in every case when the process ends, also by a crash; must be synchronous. */
  onExit(run: () => void): () => void;
};
