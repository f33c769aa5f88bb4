// The Machine as its grant bounds it: only the channels it has powers for, and an end at its time by the agent's own clock,
// whatever the gateway does. It must never let a channel through that the grant does not name.

import { type Clock, type EpochMs, err } from '@sallyport/core';
import type { Power, Refusal } from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';

/** Refuses every channel whose kind is not among the powers. */
export function withPowers(machine: Machine, powers: readonly Power[]): Machine {
  const allowed = new Set(powers);
  const missing = (power: Power): Refusal | undefined => (allowed.has(power) ? undefined : powerMissing(power, powers));
  const guarded =
    <Args extends [{ readonly kind: Power }, ...unknown[]], Opened>(open: (...args: Args) => Promise<Opened>) =>
    async (...args: Args) => {
      const refusal = missing(args[0].kind);
      return refusal ? err(refusal) : open(...args);
    };
  return {
    shell: guarded((request) => machine.shell(request)),
    exec: guarded((request) => machine.exec(request)),
    sftp: guarded((request) => machine.sftp(request)),
    dial: guarded((request) => machine.dial(request)),
    listen: guarded((request, onConnection) => machine.listen(request, onConnection)),
    end: (reason) => machine.end(reason),
    ended: machine.ended,
  };
}

function powerMissing(power: Power, powers: readonly Power[]): Refusal {
  return {
    code: 'POWER_MISSING',
    message: `this session has no power to ${power}`,
    rule: 'grant.powers',
    hint: `it may: ${powers.join(', ')}; ask for access with the power ${power}`,
    evidence: { power, powers: [...powers] },
  };
}

// The wall clock is read again at least this often, so that a clock that was set or a host that slept is noticed.
const longestNapMs = 30_000;

/** Ends the machine at that time; a clock that is set back does not prolong it. Stops watching once the machine has ended. */
export function endAt(machine: Machine, endsAt: EpochMs, clock: Clock): void {
  const lastsUntilMs = clock.monotonicMs() + (endsAt - clock.now());
  const remainingMs = (): number => Math.min(endsAt - clock.now(), lastsUntilMs - clock.monotonicMs());
  const watch = (): void => {
    const leftMs = remainingMs();
    if (leftMs > 0) timer = clock.after(Math.min(leftMs, longestNapMs), watch);
    else void machine.end(timeIsUp(endsAt)); // Never rejects; what it tells is told by machine.ended.
  };
  let timer = clock.after(0, watch);
  // Never rejects, by Machine's contract.
  void machine.ended.then(() => timer.cancel());
}

function timeIsUp(endsAt: EpochMs): Refusal {
  return {
    code: 'SESSION_ENDED',
    message: `the grant of this session ended at ${new Date(endsAt).toISOString()}`,
    rule: 'grant.endsAt',
    hint: 'start a new session',
  };
}
