// What a killed process and a full disk do to the log: real ones, in processes of their own.

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readAuditFolder } from './read.ts';
import { openLog, scratch, signingKey } from './testing/fixture.ts';
import { verifyAuditLog } from './verify.ts';

const append = fileURLToPath(new URL('testing/append.ts', import.meta.url));
const fillDisk = fileURLToPath(new URL('testing/fill-disk.ts', import.meta.url));

/** Runs the appender and kills it after so many acknowledgements; gives the acknowledged numbers. */
async function appendAndKill(folder: string, afterAcks: number): Promise<number[]> {
  const child = spawn(process.execPath, [append, folder, '200'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acked: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, seq] = line.split(' ');
    if (word === 'acked') acked.push(Number(seq));
    if (acked.length === afterAcks) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return acked;
}

describe('a gateway killed at any moment', () => {
  it('has lost no acknowledged event, twenty times over (AUD-2, AUD-6)', { timeout: 120_000 }, async () => {
    using at = scratch();
    const acked: number[] = [];
    for (let round = 0; round < 20; round++) acked.push(...(await appendAndKill(at.folder, 1 + ((round * 73) % 199))));
    const log = await openLog(at.folder);
    const stored = await log.read(0, 10_000);
    expect(stored.map((one) => one.seq)).toEqual(Array.from({ length: stored.length }, (_, seq) => seq));
    expect(acked.filter((seq) => seq >= stored.length)).toEqual([]);
    expect(new Set(acked).size).toBe(acked.length);
    await log.close();
    expect(await verifyAuditLog(at.folder, signingKey.publicKey)).toMatchObject({ ok: true, uncoveredEvents: 0 });
    expect((await readAuditFolder(at.folder, 0, 10_000)).length).toBe(stored.length);
  });
});

const run = promisify(execFile);
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0;
const canLimit = spawnSync('prlimit', ['--version']).status === 0;
const tryOut = { timeout: 60_000 };

describe('a full disk', () => {
  const onTmpfs =
    'mount -t tmpfs -o size=512k tmpfs "$1" && head -c 300000 /dev/zero > "$1/filler" && exec "$2" "$3" "$1/log" "$1/filler"';

  it('refuses what it cannot store, and goes on by itself when there is room (AUD-6)', tryOut, async ({ skip }) => {
    skip(!canMount, 'unshare cannot make a mount namespace here');
    using at = scratch();
    const disk = join(at.folder, 'disk');
    mkdirSync(disk);
    const args = ['-m', 'sh', '-ec', onTmpfs, 'sh', disk, process.execPath, fillDisk];
    expectRecovered(JSON.parse((await run('unshare', args)).stdout), 'ENOSPC');
    expect(readdirSync(disk)).toEqual([]);
  });

  it('takes a file-size limit for a full disk (AUD-6)', tryOut, async ({ skip }) => {
    skip(!canLimit, 'there is no prlimit here');
    using at = scratch();
    const args = ['--fsize=40000:', process.execPath, fillDisk, join(at.folder, 'log'), 'limit'];
    expectRecovered(JSON.parse((await run('prlimit', args)).stdout), 'EFBIG');
  });
});

function expectRecovered(outcome: Record<string, unknown> & { acked: number[] }, errno: string): void {
  expect(outcome).toMatchObject({
    refused: {
      code: 'DISK_FULL',
      message: expect.stringContaining(errno),
      hint: expect.stringContaining('free space'),
    },
    whileFull: ['DISK_FULL', 'DISK_FULL'],
    wasHealthyWhileFull: false,
    checkpointWhileFull: 'DISK_FULL',
    firstBad: null,
  });
  expect(outcome['after']).toEqual(Array(20).fill('stored'));
  // Every acknowledged event is there, none was acknowledged twice, and nothing else is there.
  expect(outcome.acked).toEqual(Array.from({ length: outcome.acked.length }, (_, seq) => seq));
  expect(outcome['events']).toBe(outcome.acked.length);
  expect(outcome.acked.length).toBeGreaterThan(40);
}
