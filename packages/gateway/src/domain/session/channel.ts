// Each channel of a session: decided by policy as it is now, logged durably before it starts, and told of when it is over.

import { type ChannelId, type Clock, err, newId, ok, type Random, type Result } from '@sallyport/core';
import type { ChannelRequest, ExitStatus, Refusal, SocketAddress } from '@sallyport/protocol';
import type { ChannelOutcome, Supervisor } from '@sallyport/session';
import type { Entry, Journal } from '../audit/index.ts';
import { actorOf } from '../identity/index.ts';
import { deniedBy } from '../policy/index.ts';
import type { AuthorizedSession, Gate } from './gate.ts';
import type { ChannelRecorder, SessionStore } from './ports.ts';
import { sessionRefusals } from './refusals.ts';

type Needs = {
  readonly gate: Gate;
  readonly store: SessionStore;
  readonly journal: Journal;
  readonly recorder: ChannelRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly maxChannels: number;
  readonly onFault: (message: string, error: unknown) => void;
};

/** Also tells what has been asked for and is not over: each of it must still be allowed when the policy changes. */
export type SupervisedChannels = Supervisor & { readonly asked: ReadonlySet<ChannelRequest> };

export function superviseChannels(session: AuthorizedSession, needs: Needs): SupervisedChannels {
  const open = new Map<ChannelId, ChannelRequest>();
  // From before it is decided on: what waits for the log counts, and a change of the policy finds it.
  const asked = new Set<ChannelRequest>();
  return {
    asked,
    opening: async (request) => {
      const before = asked.size;
      asked.add(request);
      const admitted = await admit(session, needs, request, before);
      if (admitted.ok) open.set(admitted.value, request);
      else asked.delete(request);
      return admitted;
    },
    closed: (channel, outcome) => {
      const request = open.get(channel);
      open.delete(channel);
      if (!request) return;
      asked.delete(request);
      needs.journal.note(closedEntry(session, channel, request, outcome));
      keepClosed(needs, channel, outcome).catch((error: unknown) =>
        needs.onFault('a channel could not be closed in the database', error),
      );
    },
  };
}

async function admit(
  session: AuthorizedSession,
  needs: Needs,
  request: ChannelRequest,
  openCount: number,
): Promise<Result<ChannelId, Refusal>> {
  const refusal = refusalOf(session, needs, request, openCount);
  if (refusal) {
    const peer = { kind: 'known' as const, id: session.caller.person.id };
    const recorded = await needs.journal.refused(refusedEntry(session, request, refusal), peer);
    return recorded.ok ? err(refusal) : recorded;
  }
  const channel = newId('channel', needs.random);
  const recorded = await needs.journal.write({
    class: 'channel.opened',
    ...common(session, request),
    resource: { kind: 'channel', id: channel, name: request.kind },
    decision: 'allow',
    rules: [...needs.gate.decidePower(session, request.kind, destinationOf(request)).rules],
    channel,
  });
  if (!recorded.ok) return recorded;
  try {
    await needs.store.addChannel({
      id: channel,
      session: session.id,
      kind: request.kind,
      subject: subjectOf(request),
      openedAt: needs.clock.now(),
      closedAt: undefined,
      outcome: undefined,
      recordingHash: undefined,
      hasRecording: request.kind === 'shell' || request.kind === 'exec',
    });
  } catch (error) {
    return err(sessionRefusals.storeUnavailable(String(error)));
  }
  needs.recorder.expect(request, channel);
  return ok(channel);
}

function refusalOf(
  session: AuthorizedSession,
  { gate, maxChannels }: Needs,
  request: ChannelRequest,
  openCount: number,
): Refusal | undefined {
  if (openCount >= maxChannels) return sessionRefusals.tooManyChannels(maxChannels);
  const decision = gate.decidePower(session, request.kind, destinationOf(request));
  const what = `${request.kind} is not allowed as ${session.login} on ${session.server.name}`;
  if (decision.verdict === 'deny') return deniedBy(decision, what);
  // The grant was signed for the powers of the beginning: the agent would refuse anything beyond.
  return session.powers.includes(request.kind) ? undefined : sessionRefusals.powerMissing(what);
}

async function keepClosed(
  { store, recorder, clock }: Needs,
  channel: ChannelId,
  outcome: ChannelOutcome,
): Promise<void> {
  const hash = await recorder.sealed(channel);
  await store.closeChannel(channel, clock.now(), outcomeText(outcome), hash);
}

function common(session: AuthorizedSession, request: ChannelRequest) {
  const subject = printable(subjectOf(request), 400);
  const destination = `${session.login}@${session.server.name}${subject === '' || request.kind === 'exec' ? '' : ` ${subject}`}`;
  return {
    ...actorOf(session.caller),
    action: request.kind,
    session: session.id,
    destination,
    ...(request.kind === 'exec' ? { details: { command: request.command } } : {}),
  };
}

function refusedEntry(session: AuthorizedSession, request: ChannelRequest, refusal: Refusal): Entry {
  return {
    class: 'channel.refused',
    ...common(session, request),
    resource: { kind: 'session', id: session.id },
    decision: 'deny',
    rules: [refusal.rule],
    reason: refusal.message,
  };
}

function closedEntry(
  session: AuthorizedSession,
  channel: ChannelId,
  request: ChannelRequest,
  outcome: ChannelOutcome,
): Entry {
  return {
    class: 'channel.closed',
    ...actorOf(session.caller),
    action: request.kind,
    resource: { kind: 'channel', id: channel, name: request.kind },
    session: session.id,
    channel,
    reason: outcomeText(outcome),
    payloadBytes: outcome.bytesIn + outcome.bytesOut,
    details: {
      bytesIn: outcome.bytesIn,
      bytesOut: outcome.bytesOut,
      ...(outcome.exit === undefined ? {} : { exit: outcome.exit }),
      ...(outcome.refusal === undefined ? {} : { refusal: outcome.refusal.code }),
    },
  };
}

function outcomeText({ exit, refusal }: ChannelOutcome): string {
  if (refusal) return `refused: ${printable(refusal.message, 200)}`;
  return exit ? exitText(exit) : 'closed';
}

function exitText(exit: ExitStatus): string {
  return exit.how === 'exited' ? `exit ${exit.status}` : `signal ${exit.signal}`;
}

/** The command, the address, or nothing. */
function subjectOf(request: ChannelRequest): string {
  switch (request.kind) {
    case 'exec':
      return request.command;
    case 'dial':
      return addressText(request.to);
    case 'listen':
      return addressText(request.on);
    case 'shell':
    case 'sftp':
      return '';
  }
}

export function destinationOf(request: ChannelRequest): string | undefined {
  return request.kind === 'dial' || request.kind === 'listen' ? subjectOf(request) : undefined;
}

function addressText(address: SocketAddress): string {
  if (address.family === 'unix') return address.path;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function printable(text: string, maxLength: number): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, maxLength);
}
