// How long to wait before the next try: exponential with full jitter, so that those who lost a gateway together do not return together.

const baseMs = 500;
const capMs = 10_000;

export interface Backoff {
  /** Milliseconds: uniform between 0 and a ceiling that doubles from 500 ms up to 10 s. */
  next(): number;
  reset(): void;
}

/** `random` gives 0 ≤ x < 1. */
export function backoff(random: () => number): Backoff {
  let ceilingMs = baseMs;
  return {
    next: () => {
      const waitMs = random() * ceilingMs;
      ceilingMs = Math.min(ceilingMs * 2, capMs);
      return waitMs;
    },
    reset: () => {
      ceilingMs = baseMs;
    },
  };
}
