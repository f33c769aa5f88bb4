// The resident agent: dials the gateway, serves the tunnel, dials again for ever. No fault of the gateway ends it, and it touches
// nothing on the host but its own state folder and what sessions do as their logins.

import { type Clock, delay, type EpochMs, err, ok, type Random, type Result, type SessionId } from '@sallyport/core';
import type { HostFacts, Labels, Refusal } from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';
import { type DialFailure, keepLinked } from '@sallyport/tunnel';
import { type AgentLink, dialAsAgent } from './dial.ts';
import { grantMemory } from './grant-memory.ts';
import { type Identity, loadIdentity, saveIdentity } from './identity.ts';
import { type ServedLink, serveLink } from './link.ts';
import type { Log } from './log.ts';
import type { AgentRefusal } from './refusals.ts';
import { withCertificate } from './renewal.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';
import { failureOf, isRunning, readStatusFile, type StatusWriter, startTicksOf, statusWriter } from './status-file.ts';

export type AgentOptions = {
  readonly folder: StateFolder;
  readonly version: string;
  readonly hostFacts: (labels: Labels) => Promise<HostFacts>;
  /** The login's machine on this host, for one session. */
  readonly openMachine: (login: string, session: SessionId) => Promise<Result<Machine, Refusal>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Aborting it ends the sessions, then the agent. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly clockToleranceMs?: number;
  /** The process that status.json names: this one. */
  readonly pid: number;
};

export const defaultTimeoutMs = 10_000;
// A host without NTP drifts by a second a day or so; grants live 30 s, so more than that would be no limit.
export const defaultClockToleranceMs = 10_000;
const maxSessions = 256;
const maxChannelsPerSession = 256;
// A revoked server asks again only in case the revocation was a mistake that a new enrolment mends.
const revokedPauseMs = { first: 60_000, longest: 900_000 };
const endWithinMs = 10_000;
const longestIntervalMs = 2_147_483_647;

/** Runs until the signal; a refusal is one of the start only (not joined, unsafe state, running already). */
export async function runAgent(options: AgentOptions): Promise<Result<void, AgentRefusal>> {
  const { folder, log, signal } = options;
  const opened = await openStateFolder(folder);
  if (!opened.ok) return opened;
  const identity = await loadIdentity(folder);
  if (!identity.ok) return identity;
  const former = await readStatusFile(folder);
  if (!former.ok) return former;
  if (former.value && former.value.pid !== options.pid && (await isRunning(former.value)))
    return err(runningAlready(former.value.pid));
  const status = statusWriter(folder, await firstStatus(options, identity.value), (refusal) => {
    log.warning('the status cannot be written', { reason: refusal.message, hint: refusal.hint });
  });
  const { server, name, gateway } = identity.value;
  log.info('the agent starts', { version: options.version, server, name, gateway: gateway.origin });
  // Between two attempts nothing else keeps the process alive: a Clock's timers do not.
  const alive = setInterval(() => undefined, longestIntervalMs);
  const agent = resident(options, identity.value, status);
  await aborted(signal);
  await agent.stop();
  clearInterval(alive);
  log.info('the agent stopped');
  return ok();
}

function resident(options: AgentOptions, first: Identity, status: StatusWriter): { stop(): Promise<void> } {
  const { clock, random, log, signal } = options;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const seen = grantMemory();
  let identity = first;
  let served: ServedLink | undefined;
  const pause = revocationPause(clock, random);

  const keepCertificate = async (renewed: Identity): Promise<void> => {
    identity = renewed;
    const certificateExpiresAt = renewed.certificate.notAfter;
    status.change({ certificateExpiresAt });
    log.info('the certificate is renewed', { until: new Date(certificateExpiresAt).toISOString() });
    const saved = await saveIdentity(options.folder, renewed);
    // It is used all the same: the disk may have room again before the next one.
    if (!saved.ok)
      log.error('the certificate could not be kept', { reason: saved.error.message, hint: saved.error.hint });
  };

  const serve = ({ mux, link, connection }: AgentLink): void => {
    const needs = {
      ...{ seen, clock, log, maxSessions, maxChannelsPerSession },
      identity: () => identity,
      hostFacts: () => options.hostFacts(identity.labels),
      openMachine: options.openMachine,
      clockToleranceMs: options.clockToleranceMs ?? defaultClockToleranceMs,
      onSessions: (sessions: number) => status.change({ sessions }),
      onClockSkew: (clockSkewMs: number) => status.change({ clockSkewMs }),
      keepCertificate: async (pem: string) => {
        const renewed = withCertificate(identity, pem);
        if (renewed.ok) await keepCertificate(renewed.value);
        return renewed.ok ? ok() : renewed;
      },
    };
    const own = serveLink(mux, link, needs);
    served = own;
    pause.reset();
    // Neither rejects: failures of the hello are values, and closed resolves by Mux's contract.
    void own.greeted.then((greeted) => {
      if (greeted.ok)
        status.change({
          link: { state: 'connected', transport: `${connection.tls} ${connection.cipher}` },
          since: clock.now(),
        });
      else
        log.error('the gateway refused the hello', {
          code: greeted.error.code,
          reason: greeted.error.message,
          hint: greeted.error.hint,
        });
    });
    void mux.closed.then((reason) => log.warning('the tunnel is closed', { link, reason }));
  };

  const linked = keepLinked({
    dial: async () => {
      await pause.over(signal);
      const { version } = options;
      return dialAsAgent(() => identity, keepCertificate, { version, timeoutMs, clock, random, signal });
    },
    onLink: serve,
    onFailure: (failure, retryInMs) => tellFailure(failure, retryInMs, pause, status, options),
    clock,
    random: () => fraction(random),
  });
  return {
    stop: async () => {
      // A session that cannot be ended in time is killed with the agent's own control group.
      if (served) await Promise.race([served.end(stopping()), delay(clock, endWithinMs)]);
      await linked.stop();
      status.change({ link: { state: 'stopped' }, since: clock.now(), sessions: 0 });
      await status.settled();
    },
  };
}

type Pause = { revoked(): number; over(signal: AbortSignal): Promise<void>; reset(): void };

/** Waits that grow while the gateway says that this server is revoked. */
function revocationPause(clock: Clock, random: Random): Pause {
  let nextMs = revokedPauseMs.first;
  let until: EpochMs = 0;
  return {
    revoked: () => {
      const waitMs = Math.round(nextMs * (1 + fraction(random) / 2));
      nextMs = Math.min(nextMs * 2, revokedPauseMs.longest);
      until = clock.monotonicMs() + waitMs;
      return waitMs;
    },
    over: (signal) => {
      const leftMs = until - clock.monotonicMs();
      return leftMs > 0 ? delayUnless(signal, clock, leftMs) : Promise.resolve();
    },
    reset: () => {
      nextMs = revokedPauseMs.first;
    },
  };
}

function tellFailure(
  failure: DialFailure,
  retryInMs: number,
  pause: Pause,
  status: StatusWriter,
  { clock, log }: AgentOptions,
): void {
  const { step, refusal } = failure;
  const { message, hint } = refusal ?? failure;
  const isRevoked = refusal?.code === 'SERVER_REVOKED';
  const waitMs = isRevoked ? Math.max(pause.revoked(), retryInMs) : retryInMs;
  const now = clock.now();
  const code = refusal?.code ?? step.toUpperCase();
  const text = isRevoked
    ? 'this server is revoked: nobody reaches it through the gateway'
    : 'the gateway is not reached';
  log[isRevoked ? 'error' : 'warning'](text, { step, code, reason: message, hint, retryInMs: Math.round(waitMs) });
  const nextAttemptAt = Math.round(now + waitMs);
  const { since } = status.current;
  const state = isRevoked ? ('revoked' as const) : ('retrying' as const);
  const isSame = status.current.link.state === state;
  status.change({
    link: { state, nextAttemptAt },
    since: isSame ? since : now,
    lastFailure: failureOf({ code: refusal?.code ?? 'GATEWAY_UNREACHABLE', message, hint }, now),
  });
}

async function firstStatus({ clock, version, pid }: AgentOptions, { gateway, server, name, certificate }: Identity) {
  return {
    pid,
    pidStartedAtTicks: (await startTicksOf(pid)) ?? '',
    version,
    gateway: gateway.origin,
    server,
    name,
    link: { state: 'connecting' as const },
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

/** Leaves no listener behind on a signal that lives as long as the agent. */
function delayUnless(signal: AbortSignal, clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}

/** 0 ≤ x < 1. */
function fraction(random: Random): number {
  return Buffer.from(random(4)).readUInt32BE(0) / 0x1_0000_0000;
}

function stopping(): Refusal {
  return {
    code: 'STOPPING',
    message: 'the agent on this server stops',
    rule: 'agent.stop',
    hint: 'try again in a moment',
  };
}

function runningAlready(pid: number): AgentRefusal {
  return {
    code: 'ALREADY_RUNNING',
    message: `an agent runs already on this state folder, as process ${pid}`,
    rule: 'agent.single',
    hint: 'see it with sally agent status; stop it first with systemctl stop sallyport-agent',
  };
}
