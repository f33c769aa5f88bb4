// Running on many servers: how many at a time, and in which order the results come.

import { expect, it } from 'vitest';
import { inParallel } from './many.ts';

it('runs so many at a time and keeps the order of the items (SES-5)', async () => {
  let [running, most] = [0, 0];
  const release: (() => void)[] = [];
  const all = inParallel([3, 1, 2, 5, 4], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => release.push(resolve));
    running -= 1;
    return item * 10;
  });
  for (let left = 5; left > 0; left -= 1) {
    await expect.poll(() => release.length).toBeGreaterThan(0);
    release.pop()?.();
  }
  expect(await all).toEqual([30, 10, 20, 50, 40]);
  expect(most).toBe(2);
});
