// A clock that stands still until a test moves it. Timers fire in the order of their times, with the clock at their time.

import type { Clock, EpochMs } from '@sallyport/core';

export interface FakeClock extends Clock {
  /** Moves both times on and fires what is due. Promises settle between two timers. */
  advance(durationMs: number): Promise<void>;
  /** Sets the wall time alone, as an administrator or NTP does; no timer fires. */
  setWallTime(now: EpochMs): void;
  readonly pendingTimers: number;
}

type Pending = { readonly atMs: number; readonly order: number; readonly callback: () => void };

export function fakeClock(start: EpochMs = Date.parse('2026-01-01T00:00:00Z')): FakeClock {
  const pending = new Set<Pending>();
  let monotonicMs = 0;
  let wallOffset = start;
  let order = 0;

  const nextDue = (untilMs: number): Pending | undefined =>
    [...pending].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];

  return {
    now: () => wallOffset + monotonicMs,
    monotonicMs: () => monotonicMs,
    after: (delayMs, callback) => {
      order += 1;
      const timer = { atMs: monotonicMs + Math.max(delayMs, 0), order, callback };
      pending.add(timer);
      return { cancel: () => void pending.delete(timer) };
    },
    advance: async (durationMs) => {
      const untilMs = monotonicMs + durationMs;
      await settled();
      for (let due = nextDue(untilMs); due; due = nextDue(untilMs)) {
        pending.delete(due);
        monotonicMs = due.atMs;
        due.callback();
        await settled();
      }
      monotonicMs = untilMs;
    },
    setWallTime: (now) => {
      wallOffset = now - monotonicMs;
    },
    get pendingTimers() {
      return pending.size;
    },
  };
}

/** Lets promises that are ready run, as many steps deep as tests need. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
