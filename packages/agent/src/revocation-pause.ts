// Waits that grow while the gateway says that this server is revoked: only a new enrolment mends that, and nobody waits for it.

import { type Clock, fraction, type Random } from '@sallyport/core';

const firstMs = 60_000;
const longestMs = 900_000;

export type RevocationPause = {
  /** The gateway said so again: how long the next dial waits, in milliseconds. */
  revoked(): number;
  /** Resolves when the wait is over, or at the abort. */
  over(signal: AbortSignal): Promise<void>;
  reset(): void;
};

export function revocationPause(clock: Clock, random: Random): RevocationPause {
  let nextMs = firstMs;
  let untilMs = 0;
  return {
    revoked: () => {
      const waitMs = Math.round(nextMs * (1 + fraction(random) / 2));
      nextMs = Math.min(nextMs * 2, longestMs);
      untilMs = clock.monotonicMs() + waitMs;
      return waitMs;
    },
    over: (signal) => {
      const leftMs = untilMs - clock.monotonicMs();
      return leftMs > 0 ? delayUnless(signal, clock, leftMs) : Promise.resolve();
    },
    reset: () => {
      nextMs = firstMs;
    },
  };
}

/** Leaves no listener behind on a signal that lives as long as the agent. */
function delayUnless(signal: AbortSignal, clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}
