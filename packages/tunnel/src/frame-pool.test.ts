// Joined frames are the same bytes whatever buffer they are in, and no buffer is used while somebody still holds it.
import { describe, expect, it } from 'vitest';
import { frameHeadBytes } from './frame.ts';
import { framePool } from './frame-pool.ts';
import { maxDataBytes } from './limits.ts';

const parts = (bytes: number, fill: string) => [Buffer.alloc(frameHeadBytes, 'h'), Buffer.alloc(bytes, fill)];

describe('a frame pool', () => {
  it.each([1, 4091, 4092, maxDataBytes, maxDataBytes + 1])(
    'joins the parts of a frame with %i bytes (CON-1)',
    (bytes) => {
      expect(
        framePool()
          .join(parts(bytes, 'x'))
          .equals(Buffer.concat(parts(bytes, 'x'))),
      ).toBe(true);
    },
  );

  it('uses a buffer again only after it was given back (CON-1)', () => {
    const pool = framePool();
    const first = pool.join(parts(maxDataBytes, 'a'));
    const second = pool.join(parts(maxDataBytes, 'b'));
    expect(second.buffer).not.toBe(first.buffer);
    pool.giveBack(first);
    const third = pool.join(parts(9000, 'c'));
    expect(third.buffer).toBe(first.buffer);
    expect([third.equals(Buffer.concat(parts(9000, 'c'))), second.at(-1)]).toEqual([true, 'b'.charCodeAt(0)]);
  });

  it('keeps no more than its limit, and nothing that is not its own (CON-1)', () => {
    const pool = framePool(1);
    const frames = [1, 2].map(() => pool.join(parts(maxDataBytes, 'x')));
    for (const frame of [Buffer.alloc(100), ...frames]) pool.giveBack(frame);
    const again = [1, 2].map(() => pool.join(parts(maxDataBytes, 'y')).buffer);
    expect(frames.map((frame) => again.includes(frame.buffer))).toEqual([true, false]);
  });
});
