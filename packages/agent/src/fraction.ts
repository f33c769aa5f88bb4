// A random fraction from random bytes, for jitter. Nothing secret is made of it.

import type { Random } from '@sallyport/core';

/** 0 ≤ x < 1. */
export function fraction(random: Random): number {
  return Buffer.from(random(4)).readUInt32BE(0) / 0x1_0000_0000;
}
