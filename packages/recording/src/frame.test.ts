// The codecs of frames: whatever was written reads back, whatever the bytes are is refused or read.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameKind, maxFrameOverhead, readFrames, readVarint, writeFrame, writeVarint } from './frame.ts';

describe('a varint', () => {
  it('reads back what was written, in as few bytes as it needs (REC-1)', async () => {
    await fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const bytes = Buffer.alloc(9);
        const end = writeVarint(bytes, 0, value);
        expect(readVarint(bytes, 0)).toEqual({ value, end });
        expect(end).toBe(Math.max(1, Math.ceil(value.toString(2).length / 7)));
        expect(readVarint(bytes.subarray(0, end - 1), 0)).toBeUndefined();
      }),
    );
  });

  it.each([
    { what: 'longer than it need be', bytes: [0x80, 0x00] },
    { what: 'without an end', bytes: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] },
    { what: 'above 2^53', bytes: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f] },
    { what: 'that is not there', bytes: [] },
  ])('is refused when it is $what (REC-3)', ({ bytes }) => {
    expect(readVarint(Buffer.from(bytes), 0)).toBeUndefined();
  });
});

const size = fc.record({
  columns: fc.integer({ min: 1, max: 65_535 }),
  rows: fc.integer({ min: 1, max: 65_535 }),
  widthPx: fc.integer({ min: 0, max: 65_535 }),
  heightPx: fc.integer({ min: 0, max: 65_535 }),
});
const content = fc.oneof(
  fc.record({ kind: fc.constantFrom<FrameKind>('output', 'error', 'input'), bytes: fc.uint8Array({ maxLength: 300 }) }),
  size.map((one) => ({ kind: 'resize' as const, bytes: new TextEncoder().encode(JSON.stringify(one)) })),
  fc.string().map((text) => ({ kind: 'mark' as const, bytes: new TextEncoder().encode(text) })),
  fc.integer({ min: 0, max: 255 }).map((status) => ({
    kind: 'exit' as const,
    bytes: new TextEncoder().encode(JSON.stringify({ how: 'exited', status })),
  })),
);

describe('frames', () => {
  it('read back as they were written, with their times (REC-1)', async () => {
    await fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), content), { maxLength: 20 }), fc.nat(), (all, baseUs) => {
        const payload = Buffer.alloc(all.length * (maxFrameOverhead + 1200));
        let end = 0;
        for (const [sinceUs, { kind, bytes }] of all) end = writeFrame(payload, end, sinceUs, kind, bytes);
        const read = readFrames(payload.subarray(0, end), baseUs);
        let atUs = baseUs;
        const expected = all.map(([sinceUs, { kind, bytes }]) => {
          atUs += sinceUs;
          const text = Buffer.from(bytes).toString();
          if (kind === 'resize') return { kind, atUs, size: JSON.parse(text) };
          if (kind === 'exit') return { kind, atUs, exit: JSON.parse(text) };
          return kind === 'mark' ? { kind, atUs, text } : { kind, atUs, bytes: Buffer.from(bytes) };
        });
        expect(read).toEqual({ ok: true, value: expected });
      }),
    );
  });

  it('are refused or read, whatever the bytes are (REC-3)', async () => {
    await fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = readFrames(Buffer.from(bytes), 0);
        if (!read.ok) expect(read.error).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});
