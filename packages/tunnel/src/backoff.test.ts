// How long a lost link waits before it is dialled again, and how ten thousand of them spread.
import { describe, expect, it } from 'vitest';
import { backoff } from './backoff.ts';
import { seeded } from './testing/random.ts';

const ceilings = [500, 1000, 2000, 4000, 8000, 10_000, 10_000];

describe('backoff', () => {
  it('doubles its ceiling from 500 ms up to 10 s (CON-3)', () => {
    const waits = backoff(() => 0.999_999);
    expect(ceilings.map(() => Math.round(waits.next()))).toEqual(ceilings);
  });

  it('begins again after a reset (CON-3)', () => {
    const waits = backoff(() => 0.5);
    waits.next();
    waits.next();
    waits.reset();
    expect(waits.next()).toBe(250);
  });

  it('spreads ten thousand over the whole span, evenly: no tenth of it holds more than 11.5 % (CON-3)', () => {
    const random = seeded(7);
    for (let tries = 1; tries <= ceilings.length; tries += 1) {
      const tenths = Array.from({ length: 10 }, () => 0);
      for (let n = 0; n < 10_000; n += 1) {
        const waits = backoff(random);
        for (let skipped = 1; skipped < tries; skipped += 1) waits.next();
        const tenth = Math.floor((waits.next() / (ceilings[tries - 1] ?? 1)) * 10);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      expect(Math.max(...tenths)).toBeLessThan(1150);
      expect(Math.min(...tenths)).toBeGreaterThan(850);
    }
  });
});
