// The agent's view of the process that runs its commands.

import type { AgentRefusal, AgentWorld } from '@sallyport/agent';
import { err, type Result } from '@sallyport/core';
import type { Failure } from '../failure.ts';
import { programVersion } from '../version.ts';
import type { World } from '../world.ts';

export function agentWorldOf(world: World, stateFolder: string | undefined): AgentWorld {
  const { clock, random, uid, env, homeFolder, runtimePath, pid } = world;
  return { clock, random, uid, env, homeFolder, runtimePath, pid, version: programVersion, stateFolder };
}

export async function agentFailure(refusal: AgentRefusal): Promise<Result<never, Failure>> {
  const { exitStatusOf } = await import('@sallyport/agent');
  return err({ kind: 'agent', refusal, exitStatus: exitStatusOf(refusal) });
}
