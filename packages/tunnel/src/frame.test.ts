// Frames survive encoding and decoding, and bytes that are no frame are named instead of thrown.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dataHead,
  decodeFrame,
  encodeCredit,
  encodeFin,
  encodeOpen,
  encodePing,
  encodePong,
  encodeRst,
  type Frame,
} from './frame.ts';
import { maxDataBytes } from './limits.ts';

const maxHeaderBytes = 200_000;
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const stream = fc.integer({ min: 1, max: 0xffff_ffff });

const encoded: fc.Arbitrary<readonly [Buffer, Frame]> = fc.oneof(
  fc.tuple(stream, fc.uint8Array({ minLength: 1, maxLength: 5000 })).map(([id, bytes]) => {
    const payload = Buffer.from(bytes);
    return [Buffer.concat([dataHead(id), payload]), { type: 'data', stream: id, payload }] as const;
  }),
  fc.tuple(stream, fc.string({ minLength: 1, unit: 'grapheme' })).map(([id, text]) => {
    return [encodeOpen(id, text), { type: 'open', stream: id, header: Buffer.from(text) }] as const;
  }),
  fc.tuple(u32, stream).map(([id, bytes]) => [encodeCredit(id, bytes), { type: 'credit', stream: id, bytes }] as const),
  stream.map((id) => [encodeFin(id), { type: 'fin', stream: id }] as const),
  fc.tuple(stream, u32).map(([id, code]) => [encodeRst(id, code), { type: 'rst', stream: id, code }] as const),
  u32.map((token) => [encodePing(token), { type: 'ping', token }] as const),
  u32.map((token) => [encodePong(token), { type: 'pong', token }] as const),
);

describe('the frame codec', () => {
  it('reads what it writes (CON-1)', () => {
    fc.assert(
      fc.property(encoded, ([bytes, frame]) => {
        expect(decodeFrame(bytes, maxHeaderBytes)).toEqual({ ok: true, value: frame });
      }),
    );
  });

  it('gives a frame or a fault for any bytes, and never throws (CON-1)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const frame = decodeFrame(Buffer.from(bytes), maxHeaderBytes);
        expect(frame.ok || typeof frame.error === 'string').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [maxDataBytes, true],
    [maxDataBytes + 1, false],
  ])('takes data of %i bytes: %s (CON-1)', (bytes, isTaken) => {
    expect(decodeFrame(Buffer.concat([dataHead(1), Buffer.alloc(bytes)]), maxHeaderBytes).ok).toBe(isTaken);
  });
});
