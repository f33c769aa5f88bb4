// A full disk: nothing starts that the log cannot keep, everybody is told why, and it goes on by itself once there is room.

import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { waitFor } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import { withStack } from './stack.ts';

// A disk of its own for the gateway's data, in a mount namespace that ends with it.
const mountSmallDisk = 'mkdir -p -m 700 "$0" && mount -t tmpfs -o size=24m,mode=700 tmpfs "$0" && exec "$@"';
const mayMount = process.getuid?.() === 0 && existsSync('/usr/bin/unshare');

const stack = withStack(
  mayMount
    ? { gatewayPrefix: (data) => ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mountSmallDisk, data] }
    : {},
);

it('refuses sessions while the disk is full, says so, and serves again when there is room (AUD-6, OPS-1)', async (context) => {
  context.skip(!mayMount, 'mounting a small disk needs root and unshare');
  const { current } = stack;
  expect(await current.ssh([current.host, 'echo before'])).toMatchObject({ status: 0, stdout: 'before\n' });
  const ballast = current.dataPath('ballast');
  await fill(ballast);
  const refused = await waitFor(async () => {
    const done = await current.sally(['exec', `${current.login}@${current.serverName}`, '--', 'echo must not run']);
    return done.status === 0 ? undefined : done;
  }, 'a session to be refused');
  expect(refused.stdout).toBe('');
  expect(refused.stderr).toMatch(/AUDIT_UNAVAILABLE|STORE_UNAVAILABLE/);
  expect(refused.stderr).toMatch(/hint:/);
  await rm(ballast);
  const again = await waitFor(async () => {
    const done = await current.ssh([current.host, 'echo after']);
    return done.status === 0 ? done : undefined;
  }, 'sessions to be served again');
  expect(again.stdout).toBe('after\n');
  expect(await current.sally(['audit', 'verify'])).toMatchObject({ status: 0 });
}, 120_000);

/** Writes until the disk has no byte left. */
async function fill(path: string): Promise<void> {
  for (const size of [1 << 20, 1 << 12, 1]) {
    for (;;) {
      try {
        await writeFile(path, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}
