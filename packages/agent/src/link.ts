// One live tunnel as the agent serves it: hello, sessions under their grants, renewal. Nothing that the gateway sends on it does more
// than a grant allows, and when the tunnel is gone every session on it is ended.

import { type Clock, err, type LinkId, ok, type Result, type SessionId } from '@sallyport/core';
import {
  type GrantClaims,
  type HostFacts,
  helloAccepted,
  type Refusal,
  renewAccepted,
  type StreamHeader,
} from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';
import { type AdmittedSession, ask, type Mux, serveSessions } from '@sallyport/tunnel';
import { admitGrant, inWords } from './admit-grant.ts';
import type { OpenMachine } from './agent-options.ts';
import { endAt, withPowers } from './bounded-machine.ts';
import type { GrantMemory } from './grant-memory.ts';
import type { Identity } from './identity.ts';
import type { Log } from './log.ts';
import type { RefusalReports } from './refusal-report.ts';
import type { AgentRefusal } from './refusals.ts';
import { keepRenewed } from './renewal.ts';

export type LinkNeeds = {
  readonly identity: () => Identity;
  readonly hostFacts: () => Promise<HostFacts>;
  /** The login's machine on this host, for the session that the grant allows. */
  readonly openMachine: OpenMachine;
  readonly seen: GrantMemory;
  readonly refusals: RefusalReports;
  readonly clock: Clock;
  readonly log: Log;
  readonly clockToleranceMs: number;
  readonly maxSessions: number;
  readonly maxChannelsPerSession: number;
  readonly onSessions: (count: number) => void;
  /** How far the gateway's clock is ahead. */
  readonly onClockSkew: (skewMs: number) => void;
  readonly keepCertificate: (certificatePem: string) => Promise<Result<void, AgentRefusal>>;
};

export type ServedLink = {
  /** Resolves when the gateway has accepted the hello, or with why not; then the tunnel is closed. */
  readonly greeted: Promise<Result<void, AgentRefusal>>;
  /** Ends every session, then the tunnel. Resolves when nothing of them runs any more. */
  end(reason: Refusal): Promise<void>;
};

/** Serves the tunnel until it closes. Each session lives at most as long as the tunnel. */
export function serveLink(mux: Mux, link: LinkId, needs: LinkNeeds): ServedLink {
  const { clock, log } = needs;
  const live: LiveSessions = new Map();
  serveSessions(mux, (header) => admitSession(mux, link, live, header, needs), {
    maxSessions: needs.maxSessions,
    maxChannelsPerSession: needs.maxChannelsPerSession,
  });
  const renewals = keepRenewed({
    certificate: () => needs.identity().certificate,
    renew: () => renew(mux, needs),
    clock,
  });
  const greeted = greet(mux, needs).then((outcome) => {
    if (!outcome.ok) mux.close(outcome.error.message);
    return outcome;
  });
  // Never rejects, by Mux's contract.
  void mux.closed.then(() => renewals.stop());
  return {
    greeted,
    end: async (reason) => {
      log.info('ending', { sessions: live.size, reason: reason.message });
      await Promise.all([...live.values()].map((machine) => machine?.end(reason)));
      mux.close(reason.message);
    },
  };
}

async function greet(mux: Mux, needs: LinkNeeds): Promise<Result<void, AgentRefusal>> {
  const askedMs = needs.clock.monotonicMs();
  const answer = await ask(mux, { kind: 'hello', facts: await needs.hostFacts() }, helloAccepted);
  if (!answer.ok) return answer;
  const identity = needs.identity();
  if (answer.value.server !== identity.server) return err(mistaken(answer.value.server, identity.server));
  const halfTripMs = (needs.clock.monotonicMs() - askedMs) / 2;
  tellSkew(Math.round(answer.value.gatewayTime + halfTripMs - needs.clock.now()), needs);
  needs.log.info('the gateway knows this server', {
    server: identity.server,
    gatewayVersion: answer.value.gatewayVersion,
  });
  return ok();
}

function tellSkew(skewMs: number, { log, clockToleranceMs, onClockSkew }: LinkNeeds): void {
  onClockSkew(skewMs);
  if (Math.abs(skewMs) * 2 <= clockToleranceMs) return;
  const refuses = Math.abs(skewMs) > clockToleranceMs ? 'grants are refused' : 'grants will be refused if it grows';
  const apart = `this host's clock is ${inWords(skewMs)} ${skewMs > 0 ? 'behind' : 'ahead of'} the gateway's: ${refuses}`;
  log.warning(apart, { skewMs, mend: 'timedatectl set-ntp true' });
}

async function renew(mux: Mux, { keepCertificate, log }: LinkNeeds): Promise<Result<void, AgentRefusal>> {
  const answer = await ask(mux, { kind: 'renew' }, renewAccepted);
  const kept = answer.ok ? await keepCertificate(answer.value.certificatePem) : answer;
  if (!kept.ok)
    log.warning('the certificate was not renewed', {
      code: kept.error.code,
      reason: kept.error.message,
      hint: kept.error.hint,
    });
  return kept;
}

/** The sessions of one tunnel: undefined while the machine of one is being opened. */
type LiveSessions = Map<SessionId, Machine | undefined>;

async function admitSession(
  mux: Mux,
  link: LinkId,
  live: LiveSessions,
  header: StreamHeader,
  needs: LinkNeeds,
): Promise<Result<AdmittedSession, Refusal>> {
  const { clock, clockToleranceMs, seen } = needs;
  if (header.kind !== 'session') return err(notForAgents(header.kind));
  const { server, grantKey: workspaceKey } = needs.identity();
  const facts = { server, link, workspaceKey, now: clock.now(), clockToleranceMs, seen };
  const admitted = admitGrant(header.grant, facts);
  if (!admitted.ok) {
    report(mux, admitted.error, needs);
    return admitted;
  }
  const claims = admitted.value;
  // A second machine under one session would be ended with neither stream.
  if (live.has(claims.session)) return err(sessionTaken(claims.session));
  live.set(claims.session, undefined);
  const machine = await openMachine(claims, needs);
  if (!machine.ok) {
    live.delete(claims.session);
    return machine;
  }
  keep(live, claims, machine.value, needs);
  const { session, powers, endsAt } = claims;
  return ok({ accepted: { session, powers, endsAt }, machine: withPowers(machine.value, powers) });
}

async function openMachine(claims: GrantClaims, { log, openMachine }: LinkNeeds): Promise<Result<Machine, Refusal>> {
  const { session, grant, login, person, powers, endsAt } = claims;
  const machine = await openMachine(claims);
  const about = { session, grant, login, person: person.name };
  if (machine.ok) log.info('a session begins', { ...about, powers, endsAt: new Date(endsAt).toISOString() });
  else log.warning('a session could not begin', { ...about, code: machine.error.code, reason: machine.error.message });
  return machine;
}

function keep(live: LiveSessions, { session, endsAt }: GrantClaims, machine: Machine, needs: LinkNeeds): void {
  const { clock, log, onSessions } = needs;
  live.set(session, machine);
  onSessions(live.size);
  endAt(machine, endsAt, clock);
  // Never rejects, by Machine's contract.
  void machine.ended.then((reason) => {
    live.delete(session);
    onSessions(live.size);
    log.info('a session ended', { session, code: reason.code, reason: reason.message });
  });
}

/** A refused grant is told twice: in the agent's own log, which no gateway can change, and to the gateway's. */
function report(mux: Mux, refusal: Refusal, { refusals }: LinkNeeds): void {
  if (!refusals.refused(refusal)) return;
  const { code, message, evidence = {} } = refusal;
  const reason = message.replace(/\p{Cc}+/gu, ' ').slice(0, 512);
  const grant = evidence['grant'];
  const stream = mux.open({
    kind: 'report',
    refusedGrant: { code, reason, ...(typeof grant === 'string' ? { grant } : {}) },
  });
  // The answer is of no interest, but an unread stream holds memory.
  stream.resume().end();
}

function notForAgents(kind: StreamHeader['kind']): Refusal {
  return {
    code: 'PROTOCOL_ERROR',
    message: `an agent serves no ${kind} stream`,
    rule: 'tunnel.streams',
    hint: 'check that agent and gateway have the same version',
  };
}

function sessionTaken(session: SessionId): Refusal {
  return {
    code: 'PROTOCOL_ERROR',
    message: `the session ${session} has begun already`,
    rule: 'tunnel.sessions',
    hint: 'start the session again',
  };
}

function mistaken(theirs: string, ours: string): AgentRefusal {
  return {
    code: 'GATEWAY_ANSWER',
    message: `the gateway takes this server for ${theirs}; it is ${ours}`,
    rule: 'tunnel.hello',
    hint: 'join again: sally agent join URL --token-file FILE --force',
  };
}
