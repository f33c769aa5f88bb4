// Where `sally` comes in: one proven connection for many sessions, its own or SSH's. Whatever it asks for goes through the gate.

import type { KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, err, ok } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { serveSsh } from '@sallyport/session';
import { createMux, type MuxStream, serveSessions, type webSocketAcceptor } from '@sallyport/tunnel';
import type { Caller, IdentityService } from '../../domain/identity/index.ts';
import type { SessionService } from '../../domain/session/index.ts';
import { presentedDevice, refuseUpgrade, type UpgradeDoor } from '../connection.ts';

type Needs = {
  readonly identity: IdentityService;
  readonly sessions: SessionService;
  readonly clock: Clock;
  readonly acceptor: ReturnType<typeof webSocketAcceptor>;
  /** Ed25519: the SSH door's host key. */
  readonly sshHostKey: KeyObject;
  readonly limits: { readonly maxClients: number; readonly maxSessionsPerPerson: number; readonly maxChannelsPerSession: number };
  readonly onFault: (message: string, error: unknown) => void;
};

export function clientLinkDoor(needs: Needs): UpgradeDoor {
  let clientCount = 0;
  return (request, socket, head) => {
    if (clientCount >= needs.limits.maxClients) return refuseUpgrade(socket, tooManyClients(needs.limits.maxClients), needs.clock.now());
    clientCount += 1;
    socket.once('close', () => {
      clientCount -= 1;
    });
    admit(needs, request, socket, head).catch((error: unknown) => {
      needs.onFault('a client could not be let in', error);
      socket.destroy();
    });
  };
}

async function admit(needs: Needs, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const caller = await needs.identity.authenticate(presentedDevice(request));
  if (!caller.ok) return refuseUpgrade(socket, caller.error, needs.clock.now());
  const carrier = await needs.acceptor(request, socket, head);
  const mux = createMux(carrier, { role: 'acceptor', clock: needs.clock });
  serveSessions(
    mux,
    async (header, { notify }) => {
      if (header.kind !== 'access') return err(wrongSide);
      const opened = await needs.sessions.open({ caller: caller.value, ...header.request, door: 'client' }, notify);
      if (!opened.ok) return opened;
      const { session, machine } = opened.value;
      return ok({ accepted: { session: session.id, powers: [...session.powers], endsAt: session.endsAt }, machine });
    },
    {
      maxSessions: needs.limits.maxSessionsPerPerson,
      maxChannelsPerSession: needs.limits.maxChannelsPerSession,
      onOther: (stream, header) => {
        if (header.kind === 'ssh') return serveSshOn(needs, caller.value, stream, header.server);
        stream.reset(0);
      },
    },
  );
}

/** SSH inside the link: the key that SSH proves must be the key of the device that the link belongs to. */
function serveSshOn({ sessions, clock, sshHostKey }: Needs, caller: Caller, stream: MuxStream, server: string): void {
  serveSsh(stream, {
    hostKey: sshHostKey,
    clock,
    authenticate: ({ publicKey }) => Buffer.from(publicKey).toString('base64url') === caller.device.publicKey,
    open: async (login, notify) => {
      const opened = await sessions.open({ caller, server, login, door: 'ssh' }, notify);
      return opened.ok ? ok(opened.value.machine) : opened;
    },
  });
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
