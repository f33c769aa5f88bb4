// Records of a process survive any cut of the bytes, and a record that the protocol does not allow is an error.
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { maxRecordBytes, type RecordKind, recordKind } from '@sallyport/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxGatheredBytes, RecordParser, writeRecord } from './record.ts';

type Record = { readonly kind: RecordKind; readonly payload: Buffer };
const flowing: readonly RecordKind[] = [recordKind.stdin, recordKind.stdout, recordKind.stderr];

const record: fc.Arbitrary<Record> = fc
  .tuple(fc.constantFrom(...Object.values(recordKind)), fc.uint8Array({ maxLength: 3000, size: 'max' }))
  .map(([kind, bytes]) => ({ kind, payload: Buffer.from(bytes) }));

/** Pieces of a process's bytes joined, so that only what was said counts and not where it was cut. */
function merged(records: readonly Record[]): Record[] {
  const result: Record[] = [];
  for (const one of records) {
    const last = result.at(-1);
    if (flowing.includes(one.kind) && one.payload.byteLength === 0) continue;
    if (last && last.kind === one.kind && flowing.includes(one.kind)) {
      result[result.length - 1] = { kind: one.kind, payload: Buffer.concat([last.payload, one.payload]) };
    } else result.push(one);
  }
  return result;
}

async function written(records: readonly Record[]): Promise<Buffer> {
  const stream = new PassThrough({ highWaterMark: 1 << 24 });
  for (const { kind, payload } of records) writeRecord(stream, kind, payload);
  stream.end();
  return buffer(stream);
}

describe('records', () => {
  it('are the same however their bytes are split (SES-1)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 12 }), fc.array(fc.nat(4000)), async (records, cuts) => {
        const bytes = await written(records);
        const read: Record[] = [];
        const parser = new RecordParser((kind, payload) => read.push({ kind, payload: Buffer.from(payload) }));
        let start = 0;
        for (const cut of [...cuts, bytes.byteLength]) {
          expect(parser.push(bytes.subarray(start, start + cut))).toBeUndefined();
          start += cut;
        }
        expect(merged(read)).toEqual(merged(records));
      }),
    );
  });

  it('are the same byte by byte (SES-1)', async () => {
    const records: Record[] = [
      { kind: recordKind.stdinEnd, payload: Buffer.alloc(0) },
      { kind: recordKind.exit, payload: Buffer.from('{"how":"exited","status":0}') },
      { kind: recordKind.stdout, payload: Buffer.from('out') },
      { kind: recordKind.notice, payload: Buffer.from('{}') },
    ];
    const read: Record[] = [];
    const parser = new RecordParser((kind, payload) => read.push({ kind, payload: Buffer.from(payload) }));
    for (const byte of await written(records)) expect(parser.push(Buffer.from([byte]))).toBeUndefined();
    expect(merged(read)).toEqual(records);
  });

  it('longer than one may be are written as several (SES-1)', async () => {
    const payload = Buffer.alloc(3 * maxRecordBytes + 5, 'x');
    const pieces: Buffer[] = [];
    const parser = new RecordParser((_kind, piece) => pieces.push(piece));
    expect(parser.push(await written([{ kind: recordKind.stdout, payload }]))).toBeUndefined();
    expect(Buffer.concat(pieces).equals(payload)).toBe(true);
  });

  it.each([
    ['an unknown kind', Buffer.from([11, 0, 0, 0, 0]), 'unknown record kind 11'],
    ['output longer than a record', head(recordKind.stdout, maxRecordBytes + 1), 'record of kind 4 is too long'],
    [
      'a message longer than is gathered',
      head(recordKind.notice, maxGatheredBytes + 1),
      'record of kind 9 is too long',
    ],
  ])('are refused: %s (SES-1)', (_what, bytes, fault) => {
    expect(new RecordParser(() => undefined).push(bytes)).toBe(fault);
  });

  it('never throw for any bytes (SES-1)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const fault = new RecordParser(() => undefined).push(Buffer.from(bytes));
        expect(fault === undefined || fault.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('written to a stream that is over are dropped (SES-1)', () => {
    const stream = new PassThrough();
    stream.destroy();
    let isDone = false;
    const hasRoom = writeRecord(stream, recordKind.stdin, Buffer.from('late'), () => {
      isDone = true;
    });
    expect([hasRoom, isDone]).toEqual([false, true]);
  });
});

function head(kind: number, bytes: number): Buffer {
  const frame = Buffer.alloc(5);
  frame[0] = kind;
  frame.writeUInt32BE(bytes, 1);
  return frame;
}
