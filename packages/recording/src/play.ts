// Gives the frames of a recording at the times at which they happened, for whoever prints them.

import type { Clock } from '@sallyport/core';
import type { Frame } from './frame.ts';

export type PlayOptions = {
  readonly clock: Clock;
  /** 2 is twice as fast. */
  readonly speed?: number;
  /** No pause of the recording lasts longer, before the speed is applied. */
  readonly idleLimitMs?: number;
  readonly signal?: AbortSignal;
};

/** Each frame when it is due; what the reader of the frames needs for itself is not added to the pauses. */
export async function* play(frames: AsyncIterable<Frame>, options: PlayOptions): AsyncGenerator<Frame, void> {
  const { clock, speed = 1, idleLimitMs = Number.POSITIVE_INFINITY, signal } = options;
  if (!(speed > 0)) throw new RangeError('a speed is above zero');
  const startMs = clock.monotonicMs();
  let [lastUs, dueMs] = [0, 0];
  for await (const frame of frames) {
    dueMs += Math.min((frame.atUs - lastUs) / 1000, idleLimitMs) / speed;
    lastUs = frame.atUs;
    const waitMs = startMs + dueMs - clock.monotonicMs();
    if (waitMs > 0) await pause(clock, waitMs, signal);
    if (signal?.aborted) return;
    yield frame;
  }
}

function pause(clock: Clock, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(waitMs, end);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
