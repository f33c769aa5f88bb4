// Chance as a parameter: programs pass node:crypto's randomBytes, tests a counter.

/** That many unpredictable bytes. */
export type Random = (byteCount: number) => Uint8Array;

/** 0 ≤ x < 1, for jitter. Nothing secret is made of it. */
export function fraction(random: Random): number {
  return random(4).reduce((sum, byte) => sum * 256 + byte, 0) / 0x1_0000_0000;
}
