// Which grants were used already, in bounded memory. It must never forget a grant that could still be accepted.

import type { EpochMs, GrantId } from '@sallyport/core';

export interface GrantMemory {
  /** Marks the grant as used. `startBy` is its own deadline; after that it may be forgotten. */
  take(grant: GrantId, startBy: EpochMs, now: EpochMs): 'fresh' | 'seen' | 'too-old' | 'full';
}

// 16 grants a second for ten minutes: far above what one server is asked for, and about 1 MB.
const defaultCapacity = 10_000;

export function grantMemory(capacity: number = defaultCapacity): GrantMemory {
  const deadlines = new Map<GrantId, EpochMs>();
  // A clock that is set back cannot revive what was forgotten: nothing with a deadline up to here is fresh again.
  let forgottenUpTo = 0;

  const forgetBefore = (now: EpochMs): void => {
    for (const [grant, startBy] of deadlines) {
      if (startBy >= now) continue;
      deadlines.delete(grant);
      forgottenUpTo = Math.max(forgottenUpTo, startBy);
    }
  };

  return {
    take(grant, startBy, now) {
      if (deadlines.has(grant)) return 'seen';
      if (startBy <= forgottenUpTo) return 'too-old';
      if (deadlines.size >= capacity) forgetBefore(now);
      if (deadlines.size >= capacity) return 'full';
      deadlines.set(grant, startBy);
      return 'fresh';
    },
  };
}
