// Waits for the signal that tells a program in the foreground to stop. A second one ends it at once.

import type { World } from '../world.ts';

export async function untilStopped(world: World): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // The signals are heard only once: the second finds the system's own handling again, which ends the process.
  const undo = [world.onSignal('SIGTERM', resolve), world.onSignal('SIGINT', resolve)];
  await promise;
  for (const forget of undo) forget();
}
