// Time as a parameter: everything that decides or waits takes a Clock, so that tests own time.

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time: can jump, so never measure a duration with it. */
  now(): EpochMs;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Calls back once after the delay. The timer does not keep a process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

// setTimeout fires at once for a larger delay (it is kept in a signed 32-bit integer).
const longestTimeoutMs = 2_147_483_647;

/** The machine's clock. Only a program's composition root may name it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timeout = setTimeout(callback, Math.min(Math.max(delayMs, 0), longestTimeoutMs));
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};

/** Resolves after the delay, by that clock. */
export function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
