// The agent's commands as a program runs them: each put together from the world that it is given and from this host.
// Everything is loaded when it is asked for, so that the resident agent holds nothing of joining or of the doctor.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Random, Result } from '@sallyport/core';
import type { Labels } from '@sallyport/protocol';
import type { DoctorStep } from './doctor.ts';
import type { Identity } from './identity.ts';
import type { Log } from './log.ts';
import type { AgentRefusal } from './refusals.ts';
import type { StateFolder } from './state-folder.ts';
import type { AgentStatus } from './status.ts';

export type AgentWorld = {
  readonly clock: Clock;
  readonly random: Random;
  readonly uid: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  /** Absolute path of the runtime. */
  readonly runtimePath: string;
  readonly pid: number;
  /** The agent's version. */
  readonly version: string;
  /** Where the state is kept; the usual place when absent. */
  readonly stateFolder: string | undefined;
};

const timeoutMs = 10_000;
// A host without NTP drifts by a second a day or so; grants must begin within 30 s, so much more would make that no limit.
const clockToleranceMs = 10_000;

/** `/var/lib/sallyport-agent` as root, `$XDG_STATE_HOME/sallyport-agent` otherwise. */
export function stateFolderOf(
  world: Pick<AgentWorld, 'uid' | 'env' | 'homeFolder' | 'stateFolder' | 'random'>,
): StateFolder {
  const uid = world.uid ?? -1;
  const state = world.env['XDG_STATE_HOME'];
  // XDG Base Directory Specification: a relative path is to be ignored.
  const home = state?.startsWith('/') ? state : join(world.homeFolder, '.local/state');
  const usual = uid === 0 ? '/var/lib/sallyport-agent' : join(home, 'sallyport-agent');
  return { path: world.stateFolder ?? usual, uid, random: world.random };
}

export type JoinRequest = {
  readonly url: string;
  readonly token: string;
  readonly name: string | undefined;
  readonly labels: Labels;
  readonly force: boolean;
};

export async function joinHere(world: AgentWorld, request: JoinRequest): Promise<Result<Identity, AgentRefusal>> {
  const [{ joinGateway }, { hostFacts }] = await Promise.all([import('./join.ts'), import('@sallyport/host')]);
  const { url, token, name, labels, force } = request;
  const facts = hostFacts({ agentVersion: world.version, labels });
  return joinGateway(url, token, { folder: stateFolderOf(world), name, facts, force, clock: world.clock, timeoutMs });
}

/** Runs until the signal. A refusal is one of the start. */
export async function runHere(world: AgentWorld, log: Log, signal: AbortSignal): Promise<Result<void, AgentRefusal>> {
  const [{ runAgent }, host] = await Promise.all([import('./run.ts'), import('@sallyport/host')]);
  const { clock, random, version, pid } = world;
  const here = await host.prepareHost({ clock, handCommand: handCommand(world.runtimePath) });
  return runAgent({
    ...{ folder: stateFolderOf(world), version, clock, random, log, signal, pid, timeoutMs, clockToleranceMs },
    hostFacts: async (labels) => host.hostFacts({ agentVersion: version, labels }),
    openMachine: async ({ login: name, session, environment: acceptEnvironment }) => {
      const login = await host.findLogin(name);
      return login.ok ? host.localMachine({ host: here, login: login.value, session, acceptEnvironment }) : login;
    },
  });
}

export async function statusHere(world: AgentWorld): Promise<Result<AgentStatus, AgentRefusal>> {
  const { agentStatus } = await import('./status.ts');
  return agentStatus(stateFolderOf(world));
}

/** `url` looks at that address instead of the one that was joined, with what the token pins if there is one. */
export async function diagnoseHere(
  world: AgentWorld,
  target: { readonly url?: string; readonly token?: string },
): Promise<readonly DoctorStep[]> {
  const { diagnose } = await import('./doctor.ts');
  const { env, clock, random, version } = world;
  const lookAtHost = () => lookAtThisHost(world);
  return diagnose({
    folder: stateFolderOf(world),
    ...target,
    env,
    clock,
    random,
    version,
    timeoutMs,
    clockToleranceMs,
    lookAtHost,
  });
}

async function lookAtThisHost({ clock, runtimePath }: AgentWorld): Promise<DoctorStep> {
  const { hostCapabilities, prepareHost } = await import('@sallyport/host');
  const capabilities = await hostCapabilities(await prepareHost({ clock, handCommand: handCommand(runtimePath) }));
  const missing = capabilities.filter(({ isOk }) => !isOk);
  const told = missing.length > 0 ? missing : capabilities;
  const found = told.map(({ what, detail }) => `${what}: ${detail}`).join('; ');
  if (missing.length === 0) return { name: 'host', state: 'ok', found };
  const mend = missing.flatMap(({ hint }) => hint ?? []).join('; ');
  return { name: 'host', state: 'warning', found, mend };
}

/** The login-hand is a program of its own: beside a bundle, in the next folder up from one of its chunks, or among the sources. */
function handCommand(runtimePath: string): readonly string[] {
  const places = ['login-hand.mjs', '../login-hand.mjs', '../../host/src/login-hand.ts'];
  const path = places.map((place) => join(import.meta.dirname, place)).find(existsSync);
  return path === undefined ? [] : [runtimePath, path];
}
