// Runs one of the host's own small programs to its end, within bounds. It must never see a shell or an environment from outside.

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { err, ok, type Result } from '@sallyport/core';

export type Finished = { readonly status: number; readonly stdout: string; readonly stderr: string };

const timeoutMs = 5_000;
const maxOutputBytes = 262_144;
const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** The environment of everything that runs before a login's own: nothing of the agent's passes on. */
export const bareEnvironment: Readonly<Record<string, string>> = { PATH: folders.join(':'), LC_ALL: 'C' };

/** The program's absolute path, or undefined where the host has none. */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How the program ended and what it wrote; what went wrong when it could not run, took too long or wrote too much. */
export function run(file: string, args: readonly string[]): Promise<Result<Finished, string>> {
  return new Promise((resolve) => {
    const limits = { timeout: timeoutMs, maxBuffer: maxOutputBytes, killSignal: 'SIGKILL' } as const;
    execFile(file, args, { ...limits, cwd: '/', env: bareEnvironment }, (error, stdout, stderr) => {
      if (!error) return resolve(ok({ status: 0, stdout, stderr }));
      if (typeof error.code === 'number') return resolve(ok({ status: error.code, stdout, stderr }));
      resolve(err(error.killed === true ? `${file} took over ${timeoutMs} ms or wrote too much` : error.message));
    });
  });
}
