// What a power loss leaves where a file system lengthens a file before the bytes are there: zeros at the end, or in the last write.

import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOk } from '@sallyport/core';
import { describe, expect, it } from 'vitest';
import { openAuditLog } from './open.ts';
import { appendMany, event, logOptions, openLog, scratch, signingKey } from './testing/fixture.ts';
import { verifyAuditLog } from './verify.ts';

const firstSegment = '000000000000.jsonl';
const zeros = (bytes: number) => Buffer.alloc(bytes);

/** Eight signed events and four more that no checkpoint covers yet; gives the lines of the four. */
async function written(folder: string): Promise<string[]> {
  const log = await openLog(folder);
  await appendMany(log, 8);
  expectOk(await log.checkpoint());
  const checkpoints = readFileSync(join(folder, 'checkpoints'));
  await appendMany(log, 4);
  await log.close();
  writeFileSync(join(folder, 'checkpoints'), checkpoints);
  return readFileSync(join(folder, firstSegment), 'utf8').trimEnd().split('\n').slice(8);
}

describe('zeros after the last line', () => {
  it.each([1, 4096, 1_048_576, 3_145_729])('%i of them are moved aside, and the log goes on (AUD-6)', async (bytes) => {
    using at = scratch();
    await written(at.folder);
    appendFileSync(join(at.folder, firstSegment), zeros(bytes));
    expect(await verifyAuditLog(at.folder, signingKey.publicKey)).toMatchObject({ ok: true, events: 12 });
    const log = await openLog(at.folder);
    expect(log.recovered).toMatchObject({ tornBytes: bytes, size: 12 });
    expect(readFileSync(join(at.folder, log.recovered?.tornFile ?? '')).equals(zeros(bytes))).toBe(true);
    expect(await log.append(event(12))).toEqual({ ok: true, value: { seq: 12 } });
    await log.close();
    expect(await verifyAuditLog(at.folder, signingKey.publicKey)).toMatchObject({ ok: true, events: 13 });
  });
});

describe('zeros within the last write', () => {
  /** The first half of event 9 is not there, and what was written behind it is. */
  async function holed(folder: string, from: number): Promise<Buffer> {
    await written(folder);
    const path = join(folder, firstSegment);
    const bytes = readFileSync(path);
    const lines = bytes.toString('utf8').split('\n');
    const start = Buffer.byteLength(
      lines
        .slice(0, from)
        .map((line) => `${line}\n`)
        .join(''),
    );
    bytes.fill(0, start, start + 60);
    writeFileSync(path, bytes);
    return bytes.subarray(start);
  }

  it('take what follows along, aside: none of it was acknowledged (AUD-6)', async () => {
    using at = scratch();
    const lost = await holed(at.folder, 9);
    const log = await openLog(at.folder);
    expect(log.recovered).toMatchObject({ tornBytes: lost.length, size: 9 });
    expect(readFileSync(join(at.folder, log.recovered?.tornFile ?? '')).equals(lost)).toBe(true);
    expect(await log.append(event(9))).toEqual({ ok: true, value: { seq: 9 } });
    await log.close();
    expect(await verifyAuditLog(at.folder, signingKey.publicKey)).toMatchObject({ ok: true, events: 10 });
  });

  it('that a checkpoint covers are no power loss: the log is refused, and stays as it is (AUD-2)', async () => {
    using at = scratch();
    await holed(at.folder, 5);
    const before = readFileSync(join(at.folder, firstSegment));
    const refused = await openAuditLog(logOptions(at.folder));
    expect(refused.ok ? '' : refused.error.code).toBe('LOG_ALTERED');
    expect(readFileSync(join(at.folder, firstSegment)).equals(before)).toBe(true);
    expect(readdirSync(at.folder).filter((name) => name.startsWith('torn-'))).toEqual([]);
  });

  it('with more behind them than one write holds are none either (AUD-2)', async () => {
    using at = scratch();
    await holed(at.folder, 9);
    appendFileSync(join(at.folder, firstSegment), `${'x'.repeat(1000)}\n`.repeat(2500));
    const refused = await openAuditLog(logOptions(at.folder));
    expect(refused.ok ? '' : refused.error.code).toBe('LOG_ALTERED');
  });

  it('are needed: a line that is only not ours is refused (AUD-2)', async () => {
    using at = scratch();
    await written(at.folder);
    appendFileSync(join(at.folder, firstSegment), '{"seq":12}\n');
    const refused = await openAuditLog(logOptions(at.folder));
    expect(refused.ok ? '' : refused.error.code).toBe('LOG_ALTERED');
  });
});
