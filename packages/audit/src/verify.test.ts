// Verifying real logs that were tampered with in every way that the tables know.

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.ts';
import { appendMany, openLog, origin, scratch, signingKey } from './testing/fixture.ts';
import { checkpointRows, lineRows } from './testing/tampering.ts';
import {
  changed,
  lineOf,
  noHashes,
  otherKey,
  rechained,
  rootOfLines,
  segment,
  type Written,
  written,
} from './testing/written-log.ts';
import { verifyAuditLog } from './verify.ts';

describe('verifying', () => {
  it('finds a log good, and says how far its checkpoints reach (AUD-2)', async () => {
    using at = scratch();
    await written(at.folder);
    const log = await openLog(at.folder);
    await appendMany(log, 3);
    const report = await verifyAuditLog(at.folder, signingKey.publicKey, { origin });
    expect(report).toMatchObject({
      ok: true,
      events: 43,
      checkpoints: 5,
      uncoveredEvents: 3,
      unknownEvents: 0,
      tornBytes: 0,
    });
    expect(report.lastCheckpoint?.size).toBe(40);
    await log.close();
  });

  it('finds an empty log good (AUD-2)', async () => {
    using at = scratch();
    await (await openLog(at.folder)).close();
    const report = await verifyAuditLog(at.folder, signingKey.publicKey);
    expect(report).toMatchObject({ ok: true, events: 0, checkpoints: 1 });
  });

  it.each(lineRows)('names the place when somebody $did (AUD-2)', async ({ tamper, bad }) => {
    using at = scratch();
    const log = await written(at.folder);
    tamper(log);
    const report = await verifyAuditLog(at.folder, signingKey.publicKey, { origin });
    expect(report.firstBad).toMatchObject(bad);
    expect(report.ok).toBe(false);
    expect(report.firstBad?.hint).not.toBe('');
  });

  it.each(checkpointRows)('names the checkpoint when somebody $did (AUD-2)', async ({ tamper, bad }) => {
    using at = scratch();
    const log = await written(at.folder);
    tamper(log);
    const report = await verifyAuditLog(at.folder, signingKey.publicKey, { origin });
    expect(report.firstBad).toMatchObject(bad);
    expect(report.ok).toBe(false);
  });

  it.each(lineRows)('finds it without the cached hashes as well when somebody $did (AUD-2)', async ({ tamper }) => {
    using at = scratch();
    const log = await written(at.folder);
    tamper(log);
    noHashes(log);
    expect((await verifyAuditLog(at.folder, signingKey.publicKey)).ok).toBe(false);
  });

  it('does not believe cached hashes that are wrong (AUD-2)', async () => {
    using at = scratch();
    const log = await written(at.folder);
    log.edit((lines) => lines.with(14, changed(lineOf(lines, 14))));
    writeFileSync(log.path('hashes'), Buffer.alloc(40 * 64, 7));
    const report = await verifyAuditLog(at.folder, signingKey.publicKey);
    expect(report.firstBad).toMatchObject({ what: 'changed', line: 5, seq: 14 });
  });

  it('refuses every checkpoint under the wrong key, and says so (AUD-2)', async () => {
    using at = scratch();
    await written(at.folder);
    const report = await verifyAuditLog(at.folder, otherKey.publicKey);
    expect(report.firstBad).toMatchObject({ what: 'checkpoint-forged', file: 'checkpoints', line: 1 });
    expect(report.firstBad?.hint).toContain('public key');
  });

  it('verifies events that it does not know, and counts them (AUD-2)', async () => {
    using at = scratch();
    const log = await written(at.folder);
    const lines = rechained(log.lines, 14, (line) => line.replace('api.allowed', 'moon.landed'));
    log.write(lines);
    log.editNotes(() =>
      [0, 40].map((size) => signCheckpoint({ origin, size, root: rootOfLines(lines.slice(0, size)) }, signingKey)),
    );
    expect(await verifyAuditLog(at.folder, signingKey.publicKey)).toMatchObject({
      ok: true,
      events: 40,
      unknownEvents: 1,
    });
  });

  it('takes an unterminated last line for one that is being written (AUD-2)', async () => {
    using at = scratch();
    const log = await written(at.folder);
    appendFileSync(log.path(segment(3)), '{"action":');
    expect(await verifyAuditLog(at.folder, signingKey.publicKey)).toMatchObject({
      ok: true,
      events: 40,
      tornBytes: 10,
    });
  });

  it('reads single files as well as a folder, and says when there are none (AUD-2)', async () => {
    using at = scratch();
    const log = await written(at.folder);
    const source = { segments: log.segments.map((name) => log.path(name)), checkpoints: log.path('checkpoints') };
    expect(await verifyAuditLog(source, signingKey.publicKey)).toMatchObject({ ok: true, events: 40 });
    const absent = await verifyAuditLog(join(at.folder, 'absent'), signingKey.publicKey);
    expect(absent.firstBad).toMatchObject({ what: 'checkpoints-missing' });
  });
});

describe('verifying against a checkpoint kept elsewhere', () => {
  it('finds a log good that contains what it covered (AUD-2)', async () => {
    using at = scratch();
    const log = await written(at.folder);
    for (const knownCheckpoint of log.notes()) {
      expect((await verifyAuditLog(at.folder, signingKey.publicKey, { knownCheckpoint })).ok).toBe(true);
    }
  });

  /** The log of one who has the signing key and makes a new history, checkpoints and all. */
  function forge(log: Written, lines: readonly string[]): void {
    log.write(lines);
    const sizes = [0, 10, lines.length];
    log.editNotes(() =>
      sizes.map((size) => signCheckpoint({ origin, size, root: rootOfLines(lines.slice(0, size)) }, signingKey)),
    );
    noHashes(log);
  }

  it.each([
    {
      did: 'rewrote history with the signing key',
      lines: (lines: string[]) => rechained(lines, 14, changed),
      bad: { what: 'known-checkpoint', file: segment(2), line: 10, seq: 29 },
    },
    {
      did: 'cut the end off and signed again',
      lines: (lines: string[]) => lines.slice(0, 25),
      bad: { what: 'truncated', file: segment(2), line: 6, seq: 25 },
    },
  ])('names it when somebody $did (AUD-2)', async ({ lines, bad }) => {
    using at = scratch();
    const log = await written(at.folder);
    const knownCheckpoint = log.notes()[3] ?? '';
    forge(log, lines(log.lines));
    expect((await verifyAuditLog(at.folder, signingKey.publicKey)).ok).toBe(true);
    const report = await verifyAuditLog(at.folder, signingKey.publicKey, { knownCheckpoint });
    expect(report.firstBad).toMatchObject(bad);
  });

  it('refuses a known checkpoint by another key (AUD-2)', async () => {
    using at = scratch();
    await written(at.folder);
    const knownCheckpoint = signCheckpoint({ origin, size: 1, root: Buffer.alloc(32) }, otherKey);
    const report = await verifyAuditLog(at.folder, signingKey.publicKey, { knownCheckpoint });
    expect(report.firstBad).toMatchObject({ what: 'known-checkpoint', file: 'known checkpoint' });
  });
});
