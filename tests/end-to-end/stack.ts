// One product for a file of tests: built once, started before its tests, stopped and removed after them.

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, type StackOptions } from '@sallyport/testkit';
import { afterAll, beforeAll } from 'vitest';
import { buildSally } from '../../scripts/build.ts';

const startTimeoutMs = 90_000;

/** How to start `sally` as it is released; the bundle is made when there is none. */
export async function builtSally(): Promise<readonly string[]> {
  const program = join(import.meta.dirname, '../../dist/sally.mjs');
  if (!existsSync(program)) await buildSally();
  return [process.execPath, program];
}

/** The stack of the tests in this file. */
export function withStack(options: Partial<StackOptions> = {}): { readonly current: Stack; readonly folder: string } {
  let stack: Stack | undefined;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
    stack = await Stack.start({ folder: join(folder, 'stack'), sally: await builtSally(), ...options });
  }, startTimeoutMs);
  afterAll(async () => {
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  }, startTimeoutMs);
  return {
    get current() {
      if (!stack) throw new Error('the stack has not started');
      return stack;
    },
    get folder() {
      return folder;
    },
  };
}
