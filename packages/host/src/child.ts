// A child that leads a session of its own (setsid), from its start to its reaping. It must never be signalled after it was reaped.

import { spawn } from 'node:child_process';
import { err, ok, type Result } from '@sallyport/core';
import type { ExitStatus } from '@sallyport/protocol';
import type { CommandLine } from './as-login.ts';
import { exitOf, peekWaitStatus } from './exit-status.ts';

export interface Child {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly isRunning: boolean;
  /** To be called when its output has ended: see peekWaitStatus. */
  look(): void;
}

/** Descriptors for 0, 1 and 2 of the child; they stay the caller's to close. */
export type ChildDescriptors = readonly [stdin: number, stdout: number, stderr: number];

export async function startChild(
  command: CommandLine,
  environment: Readonly<Record<string, string>>,
  descriptors: ChildDescriptors,
): Promise<Result<Child, string>> {
  const child = spawn(command.file, command.args, {
    cwd: '/',
    detached: true,
    env: environment,
    stdio: [...descriptors],
  });
  const { pid } = child;
  if (pid === undefined) {
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(err(error.message)));
    });
  }
  let isRunning = true;
  let seen: number | undefined;
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => {
      isRunning = false;
      resolve(exitOf(code, signal, seen));
    });
  });
  return ok({
    pid,
    exited,
    get isRunning() {
      return isRunning;
    },
    look: () => {
      if (isRunning) seen ??= peekWaitStatus(pid);
    },
  });
}
