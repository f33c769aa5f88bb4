// Where `sally` comes in: one proven connection for many sessions, its own or SSH's. Whatever it asks for goes through the gate.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, err, fraction, ok, type Random } from '@sallyport/core';
import { type Refusal, sshDomainOf } from '@sallyport/protocol';
import { certifyHostKey, serveSsh } from '@sallyport/session';
import { createMux, type Mux, type MuxStream, serveSessions, type webSocketAcceptor } from '@sallyport/tunnel';
import { type Caller, type DeviceLinks, type IdentityService, identityRefusals } from '../../domain/identity/index.ts';
import { type AccessQuestion, type SessionService, sessionRefusals } from '../../domain/session/index.ts';
import { presentedDevice, refuseUpgrade, type UpgradeDoor } from '../connection.ts';

// The key lives as long as its connection; a client whose clock is off by less than this is let in.
const clockToleranceMs = 3_600_000;
const certificateLifeMs = 86_400_000;

type Needs = {
  readonly identity: IdentityService;
  readonly links: DeviceLinks;
  readonly sessions: SessionService;
  readonly clock: Clock;
  readonly acceptor: ReturnType<typeof webSocketAcceptor>;
  /** Ed25519: signs the SSH door's host certificates. */
  readonly sshHostCa: KeyObject;
  readonly workspace: string;
  readonly random: Random;
  /** Variables that an SSH client may set. */
  readonly acceptEnvironment: readonly string[];
  readonly limits: {
    readonly maxClients: number;
    readonly maxSessionsPerPerson: number;
    readonly maxChannelsPerSession: number;
  };
  readonly onFault: (message: string, error: unknown) => void;
};

type Open = (
  question: Omit<AccessQuestion, 'caller'>,
  notify: (text: string) => void,
) => ReturnType<SessionService['open']>;

export function clientLinkDoor(needs: Needs): UpgradeDoor {
  return (request, socket, head) => {
    admit(needs, request, socket, head).catch((error: unknown) => {
      needs.onFault('a client could not be let in', error);
      socket.destroy();
    });
  };
}

async function admit(needs: Needs, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const caller = await needs.identity.authenticate(presentedDevice(request));
  if (!caller.ok) return refuseUpgrade(socket, caller.error, needs.clock);
  // Only who is known is counted: strangers could otherwise take every place.
  const full = tooMany(needs, caller.value);
  if (full) return refuseUpgrade(socket, full, needs.clock);
  const carrier = await needs.acceptor(request, socket, head);
  const mux = createMux(carrier, { role: 'acceptor', clock: needs.clock, random: () => fraction(needs.random) });
  const mayOpen = needs.links.attach(caller.value, mux);
  // Revoked since it was authenticated: the cut may have looked for links before this one was there.
  if (await needs.identity.isRevoked(caller.value.device.id)) return mux.close('this device was revoked');
  serveLink(needs, mux, caller.value, mayOpen);
}

function serveLink(needs: Needs, mux: Mux, caller: Caller, mayOpen: () => boolean): void {
  const open: Open = async (question, notify) =>
    mayOpen() ? needs.sessions.open({ ...question, caller }, notify) : err(identityRefusals.deviceRevoked());
  serveSessions(
    mux,
    async (header, { notify }) => {
      if (header.kind !== 'access') return err(wrongSide);
      const opened = await open({ ...header.request, door: 'client' }, notify);
      if (!opened.ok) return opened;
      const { session, machine } = opened.value;
      return ok({ accepted: { session: session.id, powers: [...session.powers], endsAt: session.endsAt }, machine });
    },
    {
      maxSessions: needs.limits.maxSessionsPerPerson,
      maxChannelsPerSession: needs.limits.maxChannelsPerSession,
      onOther: (stream, header) => {
        if (header.kind === 'ssh') return serveSshOn(needs, caller, stream, header.server, open);
        stream.reset(0);
      },
    },
  );
}

/** SSH inside the link: the key that SSH proves must be the key of the device that the link belongs to. */
function serveSshOn(needs: Needs, caller: Caller, stream: MuxStream, server: string, open: Open): void {
  const { clock, acceptEnvironment } = needs;
  serveSsh(stream, {
    ...hostIdentity(needs, server),
    clock,
    acceptEnvironment,
    authenticate: ({ publicKey }) => Buffer.from(publicKey).toString('base64url') === caller.device.publicKey,
    open: async (login, notify) => {
      const opened = await open({ server, login, door: 'ssh' }, notify);
      return opened.ok ? ok(opened.value.machine) : opened;
    },
  });
}

/** A host key of this connection only, certified for the one server that it leads to: nobody is asked about it (SES-2). */
function hostIdentity({ sshHostCa, workspace, clock, random }: Needs, server: string) {
  const { privateKey: hostKey, publicKey } = generateKeyPairSync('ed25519');
  const hostName = `${server}.${sshDomainOf(workspace)}`;
  const now = clock.now();
  const hostCertificate = certifyHostKey({
    hostKey: publicKey,
    signingKey: sshHostCa,
    hostNames: [hostName],
    keyId: hostName,
    validFrom: now - clockToleranceMs,
    validUntil: now + certificateLifeMs,
    random,
  });
  return { hostKey, hostCertificate };
}

// A link without a session is of no use, so one person needs no more links than sessions; more would be everybody else's.
function tooMany({ links, limits }: Needs, { person }: Caller): Refusal | undefined {
  if (links.size >= limits.maxClients) return tooManyClients(limits.maxClients);
  return links.countOf(person.id) >= limits.maxSessionsPerPerson
    ? sessionRefusals.tooMany(limits.maxSessionsPerPerson, person.name)
    : undefined;
}

function tooManyClients(limit: number): Refusal {
  return {
    code: 'LIMIT_REACHED',
    message: `${limit} devices are connected, which is the limit`,
    rule: 'limits.maxClients',
    hint: 'try again later, or ask an administrator to raise limits.maxClients',
  };
}

const wrongSide: Refusal = {
  code: 'PROTOCOL_ERROR',
  message: 'a client asks for access; grants go from the gateway to agents',
  rule: 'the link protocol',
  hint: 'use a `sally` of the same version as the gateway',
};
