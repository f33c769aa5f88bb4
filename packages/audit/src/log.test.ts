// The log while it is written: appending, checkpoints, reading, proofs, opening.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, open, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, expectOk } from '@sallyport/core';
import { describe, expect, it } from 'vitest';
import { leafHash } from './merkle.ts';
import { openAuditLog } from './open.ts';
import { verifyConsistencyProof, verifyInclusionProof } from './proof.ts';
import { followAuditFolder, readAuditFolder } from './read.ts';
import { appendMany, event, logOptions, openLog, origin, scratch, signingKey, TestClock } from './testing/fixture.ts';

const linesIn = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1);

describe('appending', () => {
  it('stores one canonical line an event, each naming the one before (AUD-1, AUD-2)', async () => {
    using at = scratch();
    const log = await openLog(at.folder);
    await appendMany(log, 3);
    const lines = linesIn(join(at.folder, '000000000000.jsonl'));
    const parsed = lines.map((line) => JSON.parse(line));
    expect(lines).toEqual(parsed.map((one) => canonicalJson(one)));
    expect(parsed.map((one) => one.seq)).toEqual([0, 1, 2]);
    const hashes = lines.map((line) => leafHash(Buffer.from(line)).toString('hex'));
    expect(parsed.map((one) => one.prev)).toEqual(['0'.repeat(64), hashes[0], hashes[1]]);
    expect(parsed[1]).toMatchObject(event(1));
    await log.close();
  });

  it('numbers events in the order of the calls, whatever shares a write (AUD-1)', async () => {
    using at = scratch();
    const log = await openLog(at.folder, { segmentBytes: 20_000 });
    const results = await Promise.all(Array.from({ length: 500 }, (_, index) => log.append(event(index))));
    expect(results.map((one) => expectOk(one).seq)).toEqual(Array.from({ length: 500 }, (_, index) => index));
    const entries = await log.read(0, 1000);
    expect(entries.map((one) => one.event?.details?.['number'])).toEqual(
      Array.from({ length: 500 }, (_, index) => index),
    );
    await log.close();
  });

  it.each([
    { what: 'an unknown field', more: { colour: 'red' }, code: 'EVENT_INVALID' },
    { what: 'an unknown class', more: { class: 'moon.landed' }, code: 'EVENT_INVALID' },
    { what: 'a time without milliseconds', more: { time: '2026-01-01T00:00:00Z' }, code: 'EVENT_INVALID' },
    { what: 'a lone surrogate', more: { reason: 'a\ud800' }, code: 'EVENT_INVALID' },
    { what: 'a newline in a name', more: { action: 'a\nb' }, code: 'EVENT_INVALID' },
    { what: 'too many bytes', more: { details: { text: 'x'.repeat(1_100_000) } }, code: 'EVENT_TOO_LARGE' },
  ])('refuses $what and goes on (AUD-1)', async ({ more, code }) => {
    using at = scratch();
    const log = await openLog(at.folder);
    const refused = await log.append({ ...event(0), ...JSON.parse(JSON.stringify(more)) });
    expect(refused.ok ? 'stored' : refused.error.code).toBe(code);
    expect(await log.append(event(1))).toEqual({ ok: true, value: { seq: 0 } });
    await log.close();
  });

  it('keeps what the event was when it was appended (AUD-1)', async () => {
    using at = scratch();
    const log = await openLog(at.folder);
    const details = { number: 1 };
    const appended = log.append(event(0, { details }));
    details.number = 2;
    await appended;
    expect((await log.read(0, 1))[0]?.event?.details).toEqual({ number: 1 });
    await log.close();
  });

  it('refuses after close, and close can be called twice (AUD-6)', async () => {
    using at = scratch();
    const log = await openLog(at.folder);
    const last = log.append(event(0));
    await Promise.all([log.close(), log.close()]);
    expect(await last).toEqual({ ok: true, value: { seq: 0 } });
    const refused = await log.append(event(1));
    expect(refused.ok ? '' : refused.error.code).toBe('LOG_CLOSED');
  });

  it('keeps its files to their owner (AUD-2)', async () => {
    using at = scratch();
    const folder = join(at.folder, 'audit');
    const log = await openLog(folder);
    await appendMany(log, 1);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of ['000000000000.jsonl', 'checkpoints', 'hashes']) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
    await log.close();
  });
});

describe('checkpoints of an open log', () => {
  const sizes = (folder: string) =>
    linesIn(join(folder, 'checkpoints'))
      .filter((line) => /^\d+$/.test(line))
      .map(Number);

  it('come after the interval when events came, on demand and at close (AUD-2)', async () => {
    using at = scratch();
    const clock = new TestClock();
    const log = await openLog(at.folder, { clock, checkpointEveryMs: 10_000 });
    clock.advance(60_000);
    await appendMany(log, 2);
    clock.advance(9_999);
    clock.advance(1);
    expect(expectOk(await log.checkpoint()).size).toBe(2);
    clock.advance(60_000);
    await appendMany(log, 1);
    expect(expectOk(await log.checkpoint()).size).toBe(3);
    await appendMany(log, 1);
    await log.close();
    expect(sizes(at.folder)).toEqual([0, 2, 3, 4]);
  });

  it('go on after the log was opened again (AUD-2)', async () => {
    using at = scratch();
    for (let round = 0; round < 3; round++) {
      const log = await openLog(at.folder, { segmentBytes: 2000 });
      expect(log.recovered).toBeUndefined();
      expect(log.size).toBe(round * 10);
      await appendMany(log, 10);
      await log.close();
    }
    expect(sizes(at.folder)).toEqual([0, 10, 20, 30]);
    expect(readdirSync(at.folder).filter((name) => name.endsWith('.jsonl')).length).toBe(3);
  });
});

describe('reading', () => {
  it('gives entries from a number on, across segments (AUD-1)', async () => {
    using at = scratch();
    const log = await openLog(at.folder, { segmentBytes: 1000 });
    for (let one = 0; one < 20; one++) await appendMany(log, 1);
    expect((await log.read(7, 5)).map((entry) => entry.seq)).toEqual([7, 8, 9, 10, 11]);
    expect((await readAuditFolder(at.folder, 18, 5)).map((entry) => entry.seq)).toEqual([18, 19]);
    expect(await log.read(20, 5)).toEqual([]);
    await log.close();
  });

  it('follows what is appended until the log is closed (AUD-1)', async () => {
    using at = scratch();
    const log = await openLog(at.folder, { segmentBytes: 1000 });
    await appendMany(log, 2);
    const seen: number[] = [];
    for await (const entry of log.follow(1)) {
      seen.push(entry.seq);
      if (entry.seq < 12) void appendMany(log, 1);
      else void log.close();
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  it('follows a folder that another process writes, until the signal (AUD-1)', async () => {
    using at = scratch();
    const log = await openLog(at.folder);
    await appendMany(log, 2);
    const stop = new AbortController();
    const clock = new TestClock();
    const entries = followAuditFolder(at.folder, 0, { clock, signal: stop.signal });
    expect((await entries.next()).value?.seq).toBe(0);
    expect((await entries.next()).value?.seq).toBe(1);
    const third = entries.next();
    await appendMany(log, 1);
    const ticking = setInterval(() => clock.advance(250), 1);
    expect((await third).value?.seq).toBe(2);
    clearInterval(ticking);
    stop.abort();
    expect((await entries.next()).done).toBe(true);
    await log.close();
  });
});

describe('proofs of an open log', () => {
  it('show a third party every event and every earlier checkpoint (AUD-2)', async () => {
    using at = scratch();
    const log = await openLog(at.folder);
    const trust = { publicKey: signingKey.publicKey, origin };
    const older: string[] = [];
    for (let one = 0; one < 9; one++) {
      older.push(expectOk(await log.checkpoint()).note);
      await appendMany(log, 1);
    }
    for (const entry of await log.read(0, 9)) {
      const proof = expectOk(await log.proveInclusion(entry.seq));
      expect(expectOk(verifyInclusionProof(entry.line, proof, trust)).size).toBeGreaterThan(entry.seq);
      const other = verifyInclusionProof(entry.line.replace('allow', 'allox'), proof, trust);
      expect(other.ok ? '' : other.error).toBe('the proof is of another line');
      const elsewhere = verifyInclusionProof(entry.line, { ...proof, seq: (entry.seq + 1) % 9 }, trust);
      expect(elsewhere.ok).toBe(false);
    }
    for (const [size, note] of older.entries()) {
      const proof = expectOk(await log.proveConsistency(size));
      expect(verifyConsistencyProof(note, proof, trust).ok).toBe(true);
      const wrong = verifyConsistencyProof(older[(size + 1) % 9] ?? '', proof, trust);
      expect(wrong.ok ? '' : wrong.error).toContain('the proof is from size');
    }
    const absent = await log.proveInclusion(9);
    expect(absent.ok ? '' : absent.error.message).toContain('no event 9 in a log of 9');
    await log.close();
  });

  it('are not made from cached hashes that are wrong (AUD-2)', async () => {
    using at = scratch();
    const log = await openLog(at.folder);
    await appendMany(log, 4);
    const hashes = await open(join(at.folder, 'hashes'), 'r+');
    await hashes.write(Buffer.alloc(64), 0, 64, 0);
    await hashes.close();
    const proof = await log.proveInclusion(1);
    expect(proof.ok ? '' : proof.error.message).toBe('the cached hashes of the audit log are wrong');
    await log.close();
    const again = await openLog(at.folder);
    expect((await again.proveInclusion(1)).ok).toBe(true);
    await again.close();
  });
});

describe('opening', () => {
  async function written(folder: string): Promise<string> {
    const log = await openLog(folder, { segmentBytes: 1500 });
    for (let one = 0; one < 12; one++) await appendMany(log, 1);
    await log.close();
    return join(
      folder,
      readdirSync(folder)
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .at(-1) ?? '',
    );
  }

  it('has one writer (AUD-2)', async () => {
    using at = scratch();
    const log = await openLog(at.folder);
    const second = await openAuditLog(logOptions(at.folder));
    expect(second.ok ? '' : second.error.code).toBe('LOG_IN_USE');
    await log.close();
    await (await openLog(at.folder)).close();
  });

  it('moves a torn last line aside and says so (AUD-6)', async () => {
    using at = scratch();
    const last = await written(at.folder);
    await appendFile(last, '{"action":"GET /v1');
    const log = await openLog(at.folder);
    expect(log.recovered).toMatchObject({ tornBytes: 18, cutCheckpointBytes: 0, size: 12 });
    expect(readFileSync(join(at.folder, log.recovered?.tornFile ?? ''), 'utf8')).toBe('{"action":"GET /v1');
    expect(await log.append(event(12))).toEqual({ ok: true, value: { seq: 12 } });
    await log.close();
    const again = await openLog(at.folder);
    expect(again.recovered).toBeUndefined();
    await again.close();
  });

  it('cuts off an unfinished checkpoint and signs anew (AUD-6)', async () => {
    using at = scratch();
    await written(at.folder);
    const path = join(at.folder, 'checkpoints');
    await truncate(path, statSync(path).size - 20);
    const log = await openLog(at.folder);
    expect(log.recovered?.cutCheckpointBytes).toBeGreaterThan(50);
    expect(expectOk(await log.checkpoint()).size).toBe(12);
    await log.close();
  });

  it('makes the cached hashes again when they are gone (AUD-2)', async () => {
    using at = scratch();
    await written(at.folder);
    await rm(join(at.folder, 'hashes'));
    const log = await openLog(at.folder);
    expect((await log.proveInclusion(3)).ok).toBe(true);
    await log.close();
  });

  const edit = async (path: string, change: (text: string) => string) =>
    writeFile(path, change(readFileSync(path, 'utf8')));
  it.each([
    {
      what: 'a changed line',
      change: (last: string) => edit(last, (text) => text.replace('allow', 'allox')),
      why: '000000000008.jsonl line 2 (event 9) does not follow the line before it',
    },
    {
      what: 'a changed last line',
      change: (last: string) => edit(last, (text) => text.replace(/allow(?!.*\n.*allow)/s, 'allox')),
      why: 'do not hash to the root of the checkpoint at 12',
    },
    {
      what: 'a last line that is gone',
      change: (last: string) => edit(last, (text) => text.slice(0, text.lastIndexOf('{'))),
      why: 'ends after 11 events',
    },
    {
      what: 'a segment that is gone',
      change: (last: string) => rm(last.replace(/[^/]*$/, '000000000000.jsonl')),
      why: 'begins at event',
    },
    {
      what: 'no checkpoints',
      change: (last: string) => rm(last.replace(/[^/]*$/, 'checkpoints')),
      why: 'the file of checkpoints is missing',
    },
    {
      what: 'a torn line that is not the last',
      change: (last: string) => edit(last.replace(/[^/]*$/, '000000000000.jsonl'), (text) => text.slice(0, -1)),
      why: 'does not end with a newline',
    },
    {
      what: 'a checkpoint changed',
      change: (last: string) => edit(last.replace(/[^/]*$/, 'checkpoints'), (text) => text.replace(/\n12\n/, '\n11\n')),
      why: 'the last checkpoint is forged',
    },
  ])('refuses a log with $what, and changes nothing (AUD-2)', async ({ change, why }) => {
    using at = scratch();
    const last = await written(at.folder);
    await change(last);
    const before = existsSync(last) && readFileSync(last);
    const refused = await openAuditLog(logOptions(at.folder));
    expect(refused.ok ? '' : refused.error.code).toBe('LOG_ALTERED');
    expect(refused.ok ? '' : refused.error.message).toContain(why);
    expect(existsSync(last) && readFileSync(last)).toEqual(before);
    const again = await openAuditLog(logOptions(at.folder));
    expect(again.ok ? '' : again.error.code).toBe('LOG_ALTERED');
  });

  it('refuses an origin that a key name cannot be (AUD-2)', async () => {
    using at = scratch();
    const refused = await openAuditLog(logOptions(at.folder, { origin: 'my workspace' }));
    expect(refused.ok ? '' : refused.error.code).toBe('BAD_OPTION');
  });

  it('names a folder that cannot be made (AUD-6)', async () => {
    using at = scratch();
    await writeFile(join(at.folder, 'file'), '');
    const refused = await openAuditLog(logOptions(join(at.folder, 'file', 'audit')));
    expect(refused.ok ? '' : refused.error.message).toContain('ENOTDIR');
  });
});
