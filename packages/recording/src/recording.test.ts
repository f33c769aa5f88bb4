// Recordings written, read, damaged and recovered.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { expectOk } from '@sallyport/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecording, verifyRecording } from './reader.ts';
import { recoverRecording } from './recover-recording.ts';
import { header, readAll, scratch, start, TestClock } from './testing/fixture.ts';
import { startRecording } from './writer.ts';

const exited = { how: 'exited', status: 7 } as const;

/** A recording of three blocks, sealed. */
async function recorded(path: string) {
  const clock = new TestClock();
  const writer = await start(path, clock);
  for (const text of ['first', 'second', 'third']) {
    writer.output(Buffer.from(text), 'stdout');
    clock.advance(20);
  }
  return expectOk(await writer.seal(exited));
}

describe('writing a recording', () => {
  it('keeps every frame with its time, and a root hash (REC-1, REC-3)', async () => {
    using at = scratch();
    const clock = new TestClock();
    const writer = await start(at.path('r'), clock);
    writer.output(Buffer.from('$ '), 'stdout');
    clock.advance(1500);
    writer.input(Buffer.from('ls\r'));
    writer.resize({ columns: 80, rows: 24, widthPx: 0, heightPx: 0 });
    clock.advance(0.25);
    writer.output(Buffer.from('oops'), 'stderr');
    writer.mark('ls');
    const sealed = expectOk(await writer.seal(exited));
    const { frames, outcome, header: read } = await readAll(at.path('r'));
    expect(read).toEqual(header);
    expect(frames).toEqual([
      { kind: 'output', atUs: 0, bytes: Buffer.from('$ ') },
      { kind: 'input', atUs: 1_500_000, bytes: Buffer.from('ls\r') },
      { kind: 'resize', atUs: 1_500_000, size: { columns: 80, rows: 24, widthPx: 0, heightPx: 0 } },
      { kind: 'error', atUs: 1_500_250, bytes: Buffer.from('oops') },
      { kind: 'mark', atUs: 1_500_250, text: 'ls' },
      { kind: 'exit', atUs: 1_500_250, exit: exited },
    ]);
    const totals = { blocks: 2, frames: 6, durationUs: 1_500_250, bytes: { output: 2, error: 4, input: 3 } };
    expect(sealed).toMatchObject({ ...totals, fileBytes: statSync(at.path('r')).size });
    expect(outcome).toMatchObject({
      state: 'sealed',
      rootHash: sealed.rootHash,
      seal: { reason: 'closed', exit: exited, ...totals },
    });
  });

  it('reads back any frames in any pieces (REC-1)', async () => {
    using at = scratch();
    let number = 0;
    const piece = fc.tuple(
      fc.constantFrom('stdout', 'stderr', 'input'),
      fc.uint8Array({ maxLength: 200_000, size: 'max' }),
      fc.nat(50),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const path = at.path(`r${number++}`);
        const clock = new TestClock();
        const writer = await start(path, clock);
        for (const [stream, bytes, waitMs] of pieces) {
          if (stream === 'input') writer.input(bytes);
          else writer.output(bytes, stream === 'stdout' ? 'stdout' : 'stderr');
          bytes.fill(0xaa, 0, Math.min(3, bytes.length) * (waitMs % 2));
          clock.advance(waitMs);
          await writer.ready();
        }
        const sealed = expectOk(await writer.seal());
        const { frames, outcome } = await readAll(path);
        expect(outcome?.state).toBe('sealed');
        const bytesOf = (kind: string) =>
          Buffer.concat(frames.flatMap((one) => ('bytes' in one && one.kind === kind ? [one.bytes] : [])));
        expect(bytesOf('input').length).toBe(sealed.bytes.input);
        expect(bytesOf('output').length).toBe(
          pieces.reduce((sum, [stream, bytes]) => sum + (stream === 'stdout' ? bytes.length : 0), 0),
        );
        const times = frames.map((one) => one.atUs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
      { numRuns: 25 },
    );
  });

  it('takes its own copy of a chunk (REC-1)', async () => {
    using at = scratch();
    const writer = await start(at.path('r'));
    const chunk = Buffer.from('before');
    writer.output(chunk, 'stdout');
    chunk.fill('x');
    await writer.seal();
    expect((await readAll(at.path('r'))).frames).toMatchObject([{ bytes: Buffer.from('before') }]);
  });

  it('is on its way to the disk within 16 ms, and synced within a second (REC-3)', async () => {
    using at = scratch();
    const clock = new TestClock();
    const writer = await start(at.path('r'), clock);
    expect(clock.pending).toEqual([1000]);
    writer.output(Buffer.from('x'), 'stdout');
    expect(clock.pending).toEqual([1000, 16]);
    const before = statSync(at.path('r')).size;
    clock.advance(16);
    await expect.poll(() => statSync(at.path('r')).size).toBeGreaterThan(before);
    expect((await readAll(at.path('r'))).outcome).toMatchObject({
      state: 'truncated',
      totals: { blocks: 1, frames: 1 },
    });
    await writer.seal();
    expect(clock.pending).toEqual([]);
  });

  it('asks for a pause when the disk is behind, and loses nothing (REC-1)', async () => {
    using at = scratch();
    const writer = await start(at.path('r'));
    const chunk = Buffer.alloc(100_000, 'y');
    let written = 0;
    while (writer.output(chunk, 'stdout')) written += 1;
    expect(written).toBeGreaterThan(5);
    expect(written).toBeLessThan(40);
    await writer.ready();
    expect(writer.output(chunk, 'stdout')).toBe(true);
    const sealed = expectOk(await writer.seal());
    expect(sealed.bytes.output).toBe((written + 2) * chunk.length);
    expect((await verifyRecording(at.path('r'), sealed.rootHash)).ok).toBe(true);
  });

  it('fails rather than fill the memory when nobody waits (REC-1)', async () => {
    using at = scratch();
    const writer = await start(at.path('r'));
    for (let one = 0; one < 200; one++) writer.output(Buffer.alloc(100_000), 'stdout');
    expect((await writer.failed).code).toBe('OVERRUN');
    await writer.ready();
    const sealed = await writer.seal();
    expect(sealed.ok ? '' : sealed.error.code).toBe('OVERRUN');
    expect((await readAll(at.path('r'))).outcome?.state).toBe('truncated');
  });

  it('keeps its files to their owner, and overwrites or follows nothing (REC-3)', async () => {
    using at = scratch();
    const path = at.path('folder/r');
    await (await start(path)).seal();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(at.path('folder')).mode & 0o777).toBe(0o700);
    const again = await startRecording({ path, header, clock: new TestClock() });
    expect(again.ok ? '' : again.error.code).toBe('FILE_EXISTS');
    symlinkSync(at.path('elsewhere'), at.path('link'));
    const linked = await startRecording({ path: at.path('link'), header, clock: new TestClock() });
    expect(linked.ok ? '' : linked.error.code).toBe('FILE_EXISTS');
    const followed = await readRecording(at.path('link'));
    expect(followed.ok ? '' : followed.error.message).toContain('is a link');
  });

  it('refuses a header that is not one (REC-1)', async () => {
    using at = scratch();
    const refused = await startRecording({
      path: at.path('r'),
      header: { ...header, login: '-x' },
      clock: new TestClock(),
    });
    expect(refused.ok ? '' : refused.error.code).toBe('BAD_HEADER');
  });
});

describe('reading a recording', () => {
  it('has a root hash that anybody can compute from the bytes (REC-3)', async () => {
    using at = scratch();
    const sealed = await recorded(at.path('r'));
    const bytes = readFileSync(at.path('r'));
    const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    let end = 14 + bytes.readUInt32BE(10);
    let value = sha256(bytes.subarray(0, end));
    while (end + 32 < bytes.length) {
      const start = end + 32;
      end = start + 21 + bytes.readUInt32BE(start);
      value = sha256(value, bytes.subarray(start, end));
      expect(bytes.subarray(end, end + 32).equals(value)).toBe(true);
    }
    expect(value.toString('hex')).toBe(sealed.rootHash);
  });

  it.each([1, 20, 60, 150, 300])(
    'tells one that was cut by %i bytes, and reads the whole blocks (REC-3)',
    async (cut) => {
      using at = scratch();
      const { fileBytes } = await recorded(at.path('r'));
      truncateSync(at.path('r'), fileBytes - cut);
      const { frames, outcome } = await readAll(at.path('r'));
      expect(outcome).toMatchObject({ state: 'truncated', totals: { frames: frames.length } });
    },
  );

  it('takes zeros at the end for what a power loss left (REC-3)', async () => {
    using at = scratch();
    const { fileBytes } = await recorded(at.path('r'));
    truncateSync(at.path('r'), blockEnd(readFileSync(at.path('r')), 1));
    truncateSync(at.path('r'), fileBytes + 4000);
    expect((await readAll(at.path('r'))).outcome).toMatchObject({
      state: 'truncated',
      totals: { blocks: 2, frames: 2 },
    });
  });

  it('names the block and the byte of a change (REC-3)', async () => {
    using at = scratch();
    await recorded(at.path('r'));
    const bytes = readFileSync(at.path('r'));
    const place = bytes.indexOf('second');
    bytes[place] = 0x53;
    writeFileSync(at.path('r'), bytes);
    const { frames, outcome } = await readAll(at.path('r'));
    expect(frames).toMatchObject([{ bytes: Buffer.from('first') }]);
    expect(outcome).toMatchObject({ state: 'altered', block: 1, why: 'the block does not hash to its chain value' });
    expect(outcome?.state === 'altered' && outcome.byteOffset).toBe(place - 3 - 21);
  });

  it.each([
    {
      did: 'bytes after the seal',
      change: (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')]),
      why: 'bytes after the seal',
    },
    { did: 'a block out of its place', change: (bytes: Buffer) => swapBlocks(bytes), why: 'does not hash' },
    {
      did: 'another length in a block',
      change: (bytes: Buffer) => bytes.fill(1, headEnd(bytes), headEnd(bytes) + 1),
      why: 'header of the block',
    },
  ])('finds $did (REC-3)', async ({ change, why }) => {
    using at = scratch();
    await recorded(at.path('r'));
    writeFileSync(at.path('r'), change(readFileSync(at.path('r'))));
    const { outcome } = await readAll(at.path('r'));
    expect(outcome).toMatchObject({ state: 'altered', why: expect.stringContaining(why) });
  });

  it('finds a recording that was replaced by another sealed one (REC-3)', async () => {
    using at = scratch();
    const { rootHash } = await recorded(at.path('r'));
    expect(expectOk(await verifyRecording(at.path('r'), rootHash)).outcome.state).toBe('sealed');
    const report = expectOk(
      await verifyRecording(
        at.path('r'),
        rootHash.replace(/./, (digit) => (digit === '0' ? '1' : '0')),
      ),
    );
    expect(report.outcome).toMatchObject({ state: 'altered', why: expect.stringContaining('it was replaced') });
  });

  it.each([
    { what: 'nothing', bytes: Buffer.alloc(0), code: 'NOT_A_RECORDING' },
    { what: 'a text', bytes: Buffer.from('{"version": 2, "width": 80, "height": 24}\n'), code: 'NOT_A_RECORDING' },
    {
      what: 'a later version',
      bytes: Buffer.from('895352454 30d0a1a0002000000ff'.replaceAll(' ', ''), 'hex'),
      code: 'UNSUPPORTED',
    },
    { what: 'an endless header', bytes: Buffer.from('89535245430d0a1a0001ffffffff', 'hex'), code: 'ALTERED' },
  ])('refuses $what (REC-3)', async ({ bytes, code }) => {
    using at = scratch();
    writeFileSync(at.path('r'), bytes);
    const read = await readRecording(at.path('r'));
    expect(read.ok ? '' : read.error.code).toBe(code);
  });

  it('refuses a folder, and names a file that is not there (REC-3)', async () => {
    using at = scratch();
    mkdirSync(at.path('folder'));
    const folder = await readRecording(at.path('folder'));
    expect(folder.ok ? '' : folder.error.code).toBe('NOT_A_RECORDING');
    const absent = await readRecording(at.path('absent'));
    expect(absent.ok ? '' : absent.error.code).toBe('NOT_FOUND');
  });

  it('finds every change of any bytes, never throws and always ends (REC-3)', { timeout: 60_000 }, async () => {
    using at = scratch();
    const { rootHash } = await recorded(at.path('r'));
    const good = readFileSync(at.path('r'));
    const change = fc.array(
      fc.tuple(
        fc.constantFrom('set', 'insert', 'delete'),
        fc.nat(good.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
      ),
      { minLength: 1, maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        let bytes: Buffer = Buffer.from(good);
        for (const [how, place, content] of changes) {
          const rest = how === 'insert' ? place : place + content.length;
          bytes = Buffer.concat([
            bytes.subarray(0, place),
            how === 'delete' ? Buffer.alloc(0) : content,
            bytes.subarray(rest),
          ]);
        }
        writeFileSync(at.path('changed'), bytes);
        const report = await verifyRecording(at.path('changed'), rootHash);
        const isFound = !report.ok || report.value.outcome.state !== 'sealed';
        expect(isFound).toBe(!bytes.equals(good));
      }),
      { numRuns: 300 },
    );
  });
});

function headEnd(bytes: Buffer): number {
  return 14 + bytes.readUInt32BE(10) + 32;
}

/** Where the block of that number ends, its chain value included. */
function blockEnd(bytes: Buffer, index: number): number {
  const start = index === 0 ? headEnd(bytes) : blockEnd(bytes, index - 1);
  return start + 21 + bytes.readUInt32BE(start) + 32;
}

function swapBlocks(bytes: Buffer): Buffer {
  const [first, second, third] = [headEnd(bytes), blockEnd(bytes, 0), blockEnd(bytes, 1)];
  return Buffer.concat([
    bytes.subarray(0, first),
    bytes.subarray(second, third),
    bytes.subarray(first, second),
    bytes.subarray(third),
  ]);
}

describe('recovering a recording', () => {
  it('seals the whole blocks that a crash left (REC-3)', async () => {
    using at = scratch();
    const { fileBytes } = await recorded(at.path('r'));
    truncateSync(at.path('r'), fileBytes - 400);
    const before = await readAll(at.path('r'));
    const recovered = expectOk(await recoverRecording(at.path('r'), new TestClock()));
    expect(recovered).toMatchObject({ wasInterrupted: true, frames: before.frames.length });
    const { frames, outcome } = await readAll(at.path('r'));
    expect(frames).toEqual(before.frames);
    expect(outcome).toMatchObject({ state: 'sealed', rootHash: recovered.rootHash, seal: { reason: 'interrupted' } });
    expect(expectOk(await recoverRecording(at.path('r'), new TestClock()))).toEqual({ ...recovered, cutBytes: 0 });
  });

  it('leaves a sealed one as it is (REC-3)', async () => {
    using at = scratch();
    const { rootHash } = await recorded(at.path('r'));
    const before = readFileSync(at.path('r'));
    expect(expectOk(await recoverRecording(at.path('r'), new TestClock()))).toMatchObject({
      rootHash,
      wasInterrupted: false,
    });
    expect(readFileSync(at.path('r')).equals(before)).toBe(true);
  });

  it('refuses one that was altered, and changes nothing (REC-3)', async () => {
    using at = scratch();
    await recorded(at.path('r'));
    const bytes = readFileSync(at.path('r'));
    bytes[bytes.indexOf('second')] = 0x53;
    writeFileSync(at.path('r'), bytes);
    const refused = await recoverRecording(at.path('r'), new TestClock());
    expect(refused.ok ? '' : refused.error.code).toBe('ALTERED');
    expect(readFileSync(at.path('r')).equals(bytes)).toBe(true);
  });
});
