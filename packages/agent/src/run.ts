// Starts the resident agent and runs it until it is told to stop. A fault of the gateway never ends it; only a start that cannot be
// right is refused (not joined, unsafe state, running already).

import { err, ok, type Result } from '@sallyport/core';
import type { AgentOptions } from './agent-options.ts';
import { type Identity, loadIdentity } from './identity.ts';
import type { AgentRefusal } from './refusals.ts';
import { Resident } from './resident.ts';
import { openStateFolder } from './state-folder.ts';
import { isRunning, readStatusFile, type StatusFile, startTicksOf, statusWriter } from './status-file.ts';

const longestIntervalMs = 2_147_483_647;

export async function runAgent(options: AgentOptions): Promise<Result<void, AgentRefusal>> {
  const { folder, log, signal, pid } = options;
  const opened = await openStateFolder(folder);
  if (!opened.ok) return opened;
  const identity = await loadIdentity(folder);
  if (!identity.ok) return identity;
  const former = await readStatusFile(folder);
  if (!former.ok) return former;
  if (former.value && former.value.pid !== pid && (await isRunning(former.value))) {
    return err(runningAlready(former.value.pid));
  }
  const status = statusWriter(folder, await firstStatus(options, identity.value), (refusal) => {
    log.warning('the status cannot be written', { reason: refusal.message, hint: refusal.hint });
  });
  const { server, name, gateway } = identity.value;
  log.info('the agent starts', { version: options.version, server, name, gateway: gateway.origin });
  // Between two attempts nothing else keeps the process alive: a Clock's timers do not.
  const alive = setInterval(() => undefined, longestIntervalMs);
  const resident = new Resident(options, identity.value, status);
  await aborted(signal);
  await resident.stop();
  clearInterval(alive);
  log.info('the agent stopped');
  return ok();
}

async function firstStatus({ clock, version, pid }: AgentOptions, identity: Identity): Promise<StatusFile> {
  const { gateway, server, name, certificate } = identity;
  return {
    pid,
    pidStartedAtTicks: (await startTicksOf(pid)) ?? '',
    version,
    gateway: gateway.origin,
    server,
    name,
    link: { state: 'connecting' },
    since: clock.now(),
    sessions: 0,
    certificateExpiresAt: certificate.notAfter,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function runningAlready(pid: number): AgentRefusal {
  return {
    code: 'ALREADY_RUNNING',
    message: `an agent runs already on this state folder, as process ${pid}`,
    rule: 'agent.single',
    hint: 'see it with sally agent status; stop it first with systemctl stop sallyport-agent',
  };
}
