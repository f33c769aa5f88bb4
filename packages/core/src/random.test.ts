// The ends of the span that jitter is taken from.
import { describe, expect, it } from 'vitest';
import { fraction } from './random.ts';

describe('a fraction', () => {
  it.each([
    [[0, 0, 0, 0], 0],
    [[0, 0, 0, 1], 1 / 2 ** 32],
    [[128, 0, 0, 0], 0.5],
    [[255, 255, 255, 255], 1 - 1 / 2 ** 32],
  ])('of the bytes %j is %d: never 1 (CON-3)', (bytes, expected) => {
    expect(fraction((count) => Uint8Array.from(bytes.slice(0, count)))).toBe(expected);
  });
});
