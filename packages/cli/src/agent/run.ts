// `sally agent run`: the agent in the foreground, until it is told to stop. It holds as little of this program as it can.

import { ok } from '@sallyport/core';
import type { Outcome } from '../command/context.ts';
import { exitStatuses } from '../exit-status.ts';
import type { World } from '../world.ts';
import { agentFailure, agentWorldOf } from './here.ts';

export async function runAgentHere(world: World, state: string | undefined, isJson: boolean): Promise<Outcome> {
  const { openLog, runHere } = await import('@sallyport/agent');
  const stop = new AbortController();
  const forget = [world.onSignal('SIGTERM', () => stop.abort()), world.onSignal('SIGINT', () => stop.abort())];
  const format = world.stderr.isTTY === true && !isJson ? 'human' : 'json';
  const log = openLog({ write: (line) => void world.stderr.write(line), format, clock: world.clock });
  const ran = await runHere(agentWorldOf(world, state), log, stop.signal);
  for (const undo of forget) undo();
  return ran.ok ? ok(exitStatuses.ok) : agentFailure(ran.error);
}
