// What a killed recorder and a full disk leave: real ones, in processes of their own.

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expectOk } from '@sallyport/core';
import { describe, expect, it } from 'vitest';
import { recoverRecording } from './recover-recording.ts';
import { readAll, scratch, TestClock } from './testing/fixture.ts';

const program = fileURLToPath(new URL('testing/record.ts', import.meta.url));
const run = promisify(execFile);
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0;

describe('a recorder that dies', () => {
  it.each([1, 4, 9])(
    'leaves whole blocks, which can be sealed (REC-3), round %i',
    { timeout: 60_000 },
    async (reports) => {
      using at = scratch();
      const child = spawn(process.execPath, [program, at.path('r')], { stdio: ['ignore', 'pipe', 'inherit'] });
      let [seen, fileBytes] = [0, 0];
      for await (const line of createInterface({ input: child.stdout })) {
        fileBytes = Number(line);
        seen += 1;
        if (seen === reports) child.kill('SIGKILL');
      }
      if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
      const recovered = expectOk(await recoverRecording(at.path('r'), new TestClock()));
      expect(recovered.wasInterrupted).toBe(true);
      expect(recovered.fileBytes).toBeGreaterThanOrEqual(fileBytes);
      const { frames, outcome } = await readAll(at.path('r'));
      expect(outcome).toMatchObject({ state: 'sealed', seal: { reason: 'interrupted' } });
      const lines = frames.map((frame) => ('bytes' in frame ? frame.bytes.toString() : ''));
      expect(lines).toEqual(lines.map((_, line) => `line ${line}\n`));
    },
  );
});

describe('a full disk', () => {
  it('fails the recording by name, and what was whole can be sealed later (REC-1, REC-3)', { timeout: 60_000 }, async ({
    skip,
  }) => {
    skip(!canMount, 'unshare cannot make a mount namespace here');
    using at = scratch();
    mkdirSync(at.path('disk'));
    const script =
      'mount -t tmpfs -o size=512k tmpfs "$1" && head -c 200000 /dev/zero > "$1/filler" && exec "$2" "$3" "$1/r" fill "$1/filler"';
    const { stdout } = await run('unshare', [
      '-m',
      'sh',
      '-ec',
      script,
      'sh',
      at.path('disk'),
      process.execPath,
      program,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      failure: {
        code: 'DISK_FULL',
        message: expect.stringContaining('ENOSPC'),
        hint: expect.stringContaining('free space'),
      },
      sealed: 'DISK_FULL',
      state: 'truncated',
      recovered: true,
    });
  });
});
