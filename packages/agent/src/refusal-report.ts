// Refused grants, told in the agent's own log and to the gateway: each of the first ones in a minute, of the others how many.
// A gateway that turned can send as many as it likes; it must not fill this host's disk, nor bury the first ones.

import type { Clock } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import type { Log } from './log.ts';

const windowMs = 60_000;
const maxToldInWindow = 10;

export type RefusalReports = {
  /** Logs or counts it; whether the gateway is to be told as well. */
  refused(refusal: Refusal): boolean;
};

export function refusalReports(clock: Clock, log: Log): RefusalReports {
  let told = 0;
  let counted = new Map<string, number>();
  const endWindow = (): void => {
    const codes = Object.fromEntries(counted);
    const count = [...counted.values()].reduce((sum, number) => sum + number, 0);
    told = 0;
    counted = new Map();
    if (count > 0) log.warning('more grants were refused', { count, ...codes, withinMs: windowMs });
  };
  return {
    refused: ({ code, message, rule, evidence = {} }) => {
      if (told === 0) clock.after(windowMs, endWindow);
      if (told >= maxToldInWindow) {
        counted.set(code, (counted.get(code) ?? 0) + 1);
        return false;
      }
      told += 1;
      log.warning('a grant was refused', { code, reason: message, rule, ...evidence });
      return true;
    },
  };
}
