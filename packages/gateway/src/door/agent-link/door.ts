// Where agents come in: proves who dials before anything is upgraded, then hands the tunnel to the fleet.
// It must never let a tunnel in that has not proved the enrolled key on this very connection.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, type EpochMs, fraction, isId, type LinkId, ok, type Random } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { createMux, type Mux, type MuxStream, type webSocketAcceptor, writeAnswer } from '@sallyport/tunnel';
import type { Entry, Journal } from '../../domain/audit/index.ts';
import {
  type EnrolmentService,
  type EnrolmentStore,
  enrolmentRefusals,
  type ManagedServer,
} from '../../domain/enrolment/index.ts';
import type { Fleet } from '../../domain/fleet/index.ts';
import { presentedAgent, refuseUpgrade, type UpgradeDoor } from '../connection.ts';
import { type Arrivals, createArrivals } from './arrivals.ts';

// An agent says hello at once; a tunnel that does not is not an agent.
const helloWithinMs = 10_000;

type Needs = {
  readonly enrolment: EnrolmentService;
  readonly store: Pick<EnrolmentStore, 'saw' | 'serverById'>;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly acceptor: ReturnType<typeof webSocketAcceptor>;
  readonly version: string;
  readonly maxAgents: number;
  readonly onFault: (message: string, error: unknown) => void;
};

export function agentLinkDoor(needs: Needs): UpgradeDoor {
  const arrivals = createArrivals(needs.clock);
  return (request, socket, head) => {
    admit(needs, arrivals, request, socket, head).catch((error: unknown) => {
      needs.onFault('an agent could not be let in', error);
      socket.destroy();
    });
  };
}

async function admit(
  needs: Needs,
  arrivals: Arrivals,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const presented = presentedAgent(request);
  if (needs.fleet.size >= needs.maxAgents)
    return refuse(needs, socket, tooManyAgents(needs.maxAgents), presented.address);
  const admitted = await needs.enrolment.authenticate(presented);
  if (!admitted.ok) return refuse(needs, socket, admitted.error, presented.address);
  const link = presented.link;
  if (link === undefined || !isId('link', link))
    return refuse(needs, socket, enrolmentRefusals.proofInvalid('no link id'), presented.address);
  const { server } = admitted.value;
  const arrival = arrivals.begin(server.id);
  if ('code' in arrival) return refuse(needs, socket, arrival, presented.address, server);
  socket.once('close', arrival.over);
  const carrier = await needs.acceptor(request, socket, head);
  const mux = createMux(carrier, { role: 'acceptor', clock: needs.clock, random: () => fraction(needs.random) });
  serveAgent(needs, mux, { server, link, address: presented.address, greeted: arrival.over });
}

type Admitted = {
  readonly server: ManagedServer;
  readonly link: LinkId;
  readonly address: string;
  readonly greeted: () => void;
};

function serveAgent(needs: Needs, mux: Mux, admitted: Admitted): void {
  const late = needs.clock.after(helloWithinMs, () => mux.close('the agent did not say hello'));
  mux.closed.then(
    () => late.cancel(),
    () => late.cancel(),
  );
  let isAttached = false;
  mux.onStream((stream, header) => {
    switch (header.kind) {
      case 'hello': {
        if (isAttached) return stream.reset(0);
        isAttached = true;
        late.cancel();
        admitted.greeted();
        return settle(needs, stream, greet(needs, mux, admitted, header.facts, stream));
      }
      case 'renew':
        if (!isAttached) return stream.reset(0);
        return settle(needs, stream, renew(needs, admitted, stream));
      case 'report':
        if (!isAttached) return stream.reset(0);
        stream.end();
        return settle(needs, stream, report(needs, admitted, header.refusedGrant));
      case 'session':
      case 'access':
      case 'ssh':
      case 'channel':
      case 'connection':
        // An agent asks for nothing: whatever it opens besides is refused.
        return stream.reset(0);
    }
  });
}

async function greet(
  { store, fleet, clock, version }: Needs,
  mux: Mux,
  { server, link, address }: Admitted,
  facts: Parameters<Fleet['attach']>[1],
  stream: MuxStream,
): Promise<void> {
  const now: EpochMs = clock.now();
  await store.saw(server.id, now, facts);
  fleet.attach({ server, link, mux, address, connectedAt: now }, facts);
  // Revoked since it was authenticated: the cut may have looked for a tunnel before this one was there.
  const known = await store.serverById(server.id);
  if (known?.revokedAt !== undefined) return mux.close('this server was revoked');
  writeAnswer(stream, ok({ server: server.id, gatewayTime: now, gatewayVersion: version }));
}

async function report({ journal }: Needs, admitted: Admitted, told: Parameters<typeof refusedGrant>[1]): Promise<void> {
  // A log that takes nothing says so in /ready; the agent has the refusal in its own.
  await journal.refused(refusedGrant(admitted, told), { kind: 'known', id: admitted.server.id });
}

async function renew({ enrolment }: Needs, { server }: Admitted, stream: MuxStream): Promise<void> {
  const renewed = await enrolment.renewOnTunnel(server.id);
  writeAnswer(stream, renewed.ok ? ok({ certificatePem: renewed.value }) : renewed);
}

function settle({ onFault }: Needs, stream: MuxStream, work: Promise<void>): void {
  work.catch((error: unknown) => {
    onFault('an agent could not be answered', error);
    stream.reset(0);
  });
}

function refuse(
  { journal, clock, onFault }: Needs,
  socket: Duplex,
  refusal: Refusal,
  address: string,
  server?: ManagedServer,
): void {
  const entry: Entry = {
    class: 'server.refused',
    actor: server ? { kind: 'server', id: server.id, name: server.name } : { kind: 'unknown', id: 'agent' },
    action: 'connect',
    resource: { kind: 'api', id: '/v1/tunnel' },
    decision: 'deny',
    rules: [refusal.rule],
    reason: refusal.message,
    address,
    details: { code: refusal.code, ...refusal.evidence },
  };
  journal
    .refused(entry, { kind: 'stranger', id: server?.id ?? address })
    .catch((error: unknown) => onFault('a refusal could not be logged', error));
  refuseUpgrade(socket, refusal, clock);
}

function tooManyAgents(limit: number): Refusal {
  return {
    code: 'LIMIT_REACHED',
    message: `${limit} servers are connected, which is the limit`,
    rule: 'limits.maxAgents',
    hint: 'the agent tries again by itself; an administrator can raise limits.maxAgents',
  };
}

function refusedGrant(
  { server, address }: Admitted,
  report: { code: string; reason: string; grant?: string | undefined },
) {
  return {
    class: 'grant.refused' as const,
    actor: { kind: 'server' as const, id: server.id, name: server.name },
    action: 'admitGrant',
    resource: { kind: 'server' as const, id: server.id, name: server.name },
    decision: 'deny' as const,
    rules: [report.code],
    reason: report.reason,
    address,
    details: report.grant === undefined ? {} : { grant: report.grant },
  };
}
