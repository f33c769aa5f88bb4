import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, expectOk } from '@sallyport/core';
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.ts';
import { appendLeaf, emptyFrontier, type Frontier, leafHash, rootOf } from './merkle.ts';
import { appendMany, event, openLog, origin, scratch, signingKey } from './testing/fixture.ts';
import { verifyAuditLog } from './verify.ts';

const otherKey = generateKeyPairSync('ed25519');
const noteLines = 5;

/** A log of 40 events, ten to a segment, with checkpoints at 0, 10, 20, 30 and 40. */
class Written {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  get segments(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort();
  }

  get lines(): string[] {
    return this.segments.flatMap((name) => readFileSync(this.path(name), 'utf8').split('\n').slice(0, -1));
  }

  /** Writes the lines back, ten to a segment. */
  write(lines: readonly string[]): void {
    for (const [index, name] of this.segments.entries()) {
      const end = index === 3 ? lines.length : index * 10 + 10;
      writeFileSync(
        this.path(name),
        lines
          .slice(index * 10, end)
          .map((line) => `${line}\n`)
          .join(''),
      );
    }
  }

  edit(change: (lines: string[]) => string[]): void {
    this.write(change(this.lines));
  }

  notes(): string[] {
    const lines = readFileSync(this.path('checkpoints'), 'utf8').split('\n').slice(0, -1);
    return Array.from({ length: lines.length / noteLines }, (_, index) =>
      lines
        .slice(index * noteLines, index * noteLines + noteLines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  editNotes(change: (notes: string[]) => string[]): void {
    writeFileSync(this.path('checkpoints'), change(this.notes()).join(''));
  }
}

async function written(folder: string): Promise<Written> {
  const log = await openLog(folder, { segmentBytes: 1 });
  for (let ten = 0; ten < 4; ten++) {
    await appendMany(log, 10);
    expectOk(await log.checkpoint());
  }
  await log.close();
  return new Written(folder);
}

const lineOf = (lines: readonly string[], seq: number) => lines[seq] ?? '';
const changed = (line: string) => line.replace('"allow"', '"deny"');

/** The lines with that one changed and every later `prev` computed anew, as one does who can write the files. */
function rechained(lines: readonly string[], seq: number, change: (line: string) => string): string[] {
  const result = lines.slice(0, seq);
  for (const line of [change(lineOf(lines, seq)), ...lines.slice(seq + 1)]) {
    const last = result.at(-1);
    const prev = last === undefined ? '0'.repeat(64) : leafHash(Buffer.from(last)).toString('hex');
    result.push(canonicalJson({ ...JSON.parse(line), prev, seq: result.length }));
  }
  return result;
}

function rootOfLines(lines: readonly string[]): Buffer {
  return rootOf(lines.reduce<Frontier>((tree, line) => appendLeaf(tree, leafHash(Buffer.from(line))), emptyFrontier));
}

const segment = (index: number) => `0000000000${index}0.jsonl`;
const noHashes = (log: Written) => rmSync(log.path('hashes'));

type Row = {
  did: string;
  tamper: (log: Written) => void;
  bad: { what: string; file: string; line: number; seq?: number };
};

const lineRows: Row[] = [
  {
    did: 'changed a line',
    tamper: (log) => log.edit((lines) => lines.with(14, changed(lineOf(lines, 14)))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed the first line',
    tamper: (log) => log.edit((lines) => lines.with(0, changed(lineOf(lines, 0)))),
    bad: { what: 'changed', file: segment(0), line: 1, seq: 0 },
  },
  {
    did: 'changed one that a checkpoint ends at',
    tamper: (log) => log.edit((lines) => lines.with(19, changed(lineOf(lines, 19)))),
    bad: { what: 'changed', file: segment(1), line: 10, seq: 19 },
  },
  {
    did: 'changed the last line',
    tamper: (log) => log.edit((lines) => lines.with(39, changed(lineOf(lines, 39)))),
    bad: { what: 'changed', file: segment(3), line: 10, seq: 39 },
  },
  {
    did: 'changed the hash that a line names',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 14).replace(/"prev":"../, '"prev":"00'))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed the hash that the last line names',
    tamper: (log) => log.edit((lines) => lines.with(39, lineOf(lines, 39).replace(/"prev":"../, '"prev":"00'))),
    bad: { what: 'changed', file: segment(3), line: 10, seq: 39 },
  },
  {
    did: 'changed the number of a line',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 14).replace('"seq":14', '"seq":94'))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed only spaces',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 14).replace(':', ': '))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'deleted a line',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 1)),
    bad: { what: 'deleted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'deleted the first line',
    tamper: (log) => log.edit((lines) => lines.toSpliced(0, 1)),
    bad: { what: 'deleted', file: segment(0), line: 1, seq: 0 },
  },
  {
    did: 'deleted several lines',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 9)),
    bad: { what: 'deleted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'deleted a segment',
    tamper: (log) => rmSync(log.path(segment(1))),
    bad: { what: 'deleted', file: segment(2), line: 1, seq: 10 },
  },
  {
    did: 'renamed a segment',
    tamper: (log) => renameSync(log.path(segment(1)), log.path('000000000011.jsonl')),
    bad: { what: 'misnamed', file: '000000000011.jsonl', line: 1, seq: 10 },
  },
  {
    did: 'inserted a copy of an event with a new text',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 0, changed(lineOf(lines, 14)))),
    bad: { what: 'inserted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'inserted an event that is nowhere linked',
    tamper: (log) =>
      log.edit((lines) =>
        lines.toSpliced(
          14,
          0,
          canonicalJson({
            ...JSON.parse(canonicalJson(JSON.parse(JSON.stringify(event(3))))),
            prev: 'ab'.repeat(32),
            seq: 14,
          }),
        ),
      ),
    bad: { what: 'inserted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'inserted a line that is no event',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 0, '{"hello":1}')),
    bad: { what: 'inserted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'swapped two lines',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 15)).with(15, lineOf(lines, 14))),
    bad: { what: 'reordered', file: segment(1), line: 5, seq: 15 },
  },
  {
    did: 'doubled a line',
    tamper: (log) => log.edit((lines) => lines.toSpliced(15, 0, lineOf(lines, 14))),
    bad: { what: 'duplicate', file: segment(1), line: 6, seq: 14 },
  },
  {
    did: 'wrote what is not JSON',
    tamper: (log) => log.edit((lines) => lines.with(14, 'nothing to see here')),
    bad: { what: 'not-json', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'wrote JSON that is no line of a log',
    tamper: (log) => log.edit((lines) => lines.with(14, '{"seq":"14"}')),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'wrote bytes that are not UTF-8 into a line',
    tamper: (log) => {
      const bytes = readFileSync(log.path(segment(1)));
      bytes[bytes.indexOf('allow')] = 0xff;
      writeFileSync(log.path(segment(1)), bytes);
    },
    bad: { what: 'changed', file: segment(1), line: 1, seq: 10 },
  },
  {
    did: 'wrote one endless line',
    tamper: (log) => writeFileSync(log.path(segment(3)), 'x'.repeat(3_000_000)),
    bad: { what: 'not-json', file: segment(3), line: 1, seq: 30 },
  },
  {
    did: 'cut a segment in the middle',
    tamper: (log) => writeFileSync(log.path(segment(1)), readFileSync(log.path(segment(1))).subarray(0, -100)),
    bad: { what: 'truncated', file: segment(1), line: 10, seq: 19 },
  },
  {
    did: 'cut off the end',
    tamper: (log) => log.edit((lines) => lines.slice(0, 35)),
    bad: { what: 'truncated', file: segment(3), line: 6, seq: 35 },
  },
  {
    did: 'cut the last line',
    tamper: (log) => writeFileSync(log.path(segment(3)), readFileSync(log.path(segment(3))).subarray(0, -1)),
    bad: { what: 'truncated', file: segment(3), line: 10, seq: 39 },
  },
  {
    did: 'removed all events',
    tamper: (log) => {
      for (const name of log.segments) rmSync(log.path(name));
    },
    bad: { what: 'truncated', file: segment(0), line: 1, seq: 0 },
  },
  {
    did: 'changed an event and computed the chain anew',
    tamper: (log) => log.edit((lines) => rechained(lines, 14, changed)),
    bad: { what: 'rewritten', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed an event and computed a part of the chain anew',
    tamper: (log) => log.edit((lines) => [...rechained(lines, 12, changed).slice(0, 16), ...lines.slice(16)]),
    bad: { what: 'rewritten', file: segment(1), line: 3, seq: 12 },
  },
];

const checkpointRows: Row[] = [
  {
    did: 'changed an event and computed the chain anew, and the cached hashes are gone',
    tamper: (log) => {
      log.edit((lines) => rechained(lines, 14, changed));
      noHashes(log);
    },
    bad: { what: 'checkpoint-mismatch', file: 'checkpoints', line: 11, seq: 19 },
  },
  {
    did: 'signed a checkpoint with another key',
    tamper: (log) =>
      log.editNotes((notes) =>
        notes.with(2, signCheckpoint({ origin, size: 20, root: rootOfLines(log.lines.slice(0, 20)) }, otherKey)),
      ),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'changed the size of a checkpoint',
    tamper: (log) => log.editNotes((notes) => notes.with(2, (notes[2] ?? '').replace('\n20\n', '\n21\n'))),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'changed the signature of a checkpoint',
    tamper: (log) =>
      log.editNotes((notes) =>
        notes.with(2, (notes[2] ?? '').replace(/.{6}==\n$/, 'AAAAAA==\n').replace(/.{8}\n$/, 'AAAAAAAA\n')),
      ),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'put the checkpoint of another log of this key in its place',
    tamper: (log) =>
      log.editNotes((notes) =>
        notes.with(
          2,
          signCheckpoint({ origin: 'other', size: 20, root: rootOfLines(log.lines.slice(0, 20)) }, signingKey),
        ),
      ),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'put a signed checkpoint with another root in its place',
    tamper: (log) =>
      log.editNotes((notes) => notes.with(2, signCheckpoint({ origin, size: 20, root: Buffer.alloc(32) }, signingKey))),
    bad: { what: 'checkpoint-mismatch', file: 'checkpoints', line: 11, seq: 19 },
  },
  {
    did: 'moved a checkpoint to the end',
    tamper: (log) => log.editNotes((notes) => [...notes.toSpliced(2, 1), notes[2] ?? '']),
    bad: { what: 'checkpoint-backwards', file: 'checkpoints', line: 21 },
  },
  {
    did: 'wrote into the file of checkpoints',
    tamper: (log) => log.editNotes((notes) => notes.toSpliced(2, 0, 'hello\n')),
    bad: { what: 'checkpoint-malformed', file: 'checkpoints', line: 11 },
  },
  {
    did: 'removed the file of checkpoints',
    tamper: (log) => rmSync(log.path('checkpoints')),
    bad: { what: 'checkpoints-missing', file: 'checkpoints', line: 1 },
  },
  {
    did: 'emptied the file of checkpoints',
    tamper: (log) => writeFileSync(log.path('checkpoints'), ''),
    bad: { what: 'checkpoints-missing', file: 'checkpoints', line: 1 },
  },
  {
    did: 'put events where the checkpoints were',
    tamper: (log) => {
      rmSync(log.path('checkpoints'));
      renameSync(log.path(segment(0)), log.path('checkpoints'));
    },
    bad: { what: 'checkpoint-malformed', file: 'checkpoints', line: 1 },
  },
];

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
