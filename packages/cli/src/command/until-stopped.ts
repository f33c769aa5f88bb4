// Waits for the signal that tells a program in the foreground to stop. A second one ends it at once.

import type { World } from '../world.ts';

export async function untilStopped(world: World): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // The signals are heard only once: the second finds the system's own handling again, which ends the process.
  const undo = [world.onSignal('SIGTERM', resolve), world.onSignal('SIGINT', resolve)];
  // A pending promise keeps no process alive, and a program with nothing open would end here unheard.
  const alive = setInterval(() => undefined, keepAliveMs);
  await promise;
  clearInterval(alive);
  for (const forget of undo) forget();
}

const keepAliveMs = 60_000;
