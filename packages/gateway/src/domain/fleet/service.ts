// The agents that are connected now, and the only way from an authorized session to a machine.
// A tunnel that can be reached is not enough: each session carries a grant, signed here for that tunnel and checked by the agent.

import { type Clock, err, type LinkId, newId, type Random, type ServerId } from '@sallyport/core';
import { type HostFacts, signGrant } from '@sallyport/protocol';
import { type Mux, openSession } from '@sallyport/tunnel';
import type { Journal } from '../audit/index.ts';
import type { ManagedServer } from '../enrolment/index.ts';
import { type MachineSource, sessionRefusals } from '../session/index.ts';
import type { KeyPair } from '../workspace/index.ts';

// A grant travels at once; longer than this and somebody has kept it.
const grantStartWithinMs = 30_000;

type AgentLink = {
  readonly server: ManagedServer;
  /** The agent's own name for this connection. */
  readonly link: LinkId;
  readonly mux: Mux;
  readonly address: string;
  readonly connectedAt: number;
};

export interface Fleet extends MachineSource {
  /** Takes a proven tunnel. An older tunnel of the same server is closed: the newest one is alive. */
  attach(link: AgentLink, facts: HostFacts): void;
  readonly size: number;
  /** Cuts the server's tunnel at once, and with it every session on it. */
  cut(server: ServerId, reason: string): void;
  closeAll(reason: string): void;
}

type Needs = {
  readonly grantKey: KeyPair;
  /** Variables that a client may set in its sessions. */
  readonly acceptEnvironment: readonly string[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
};

export function createFleet({ grantKey, acceptEnvironment, journal, clock, random }: Needs): Fleet {
  const links = new Map<ServerId, AgentLink>();
  return {
    attach: (link, facts) => {
      const { id, name } = link.server;
      links.get(id)?.mux.close('a newer tunnel of this server took its place');
      links.set(id, link);
      journal.note(
        presence('server.connected', link, {
          version: facts.agentVersion,
          hostname: facts.hostname,
          isRoot: facts.isRoot,
        }),
      );
      link.mux.closed.then(
        (reason) => {
          if (links.get(id) === link) links.delete(id);
          journal.note({ ...presence('server.disconnected', link, { server: name }), reason: printable(reason) });
        },
        () => links.delete(id),
      );
    },
    isOnline: (server) => links.has(server),
    get size() {
      return links.size;
    },
    cut: (server, reason) => links.get(server)?.mux.close(reason),
    closeAll: (reason) => {
      for (const link of links.values()) link.mux.close(reason);
    },
    begin: async (session, on) => {
      const link = links.get(session.server.id);
      if (!link) return err(sessionRefusals.serverOffline(session.server.name));
      const issuedAt = clock.now();
      const grant = signGrant(
        {
          grant: newId('grant', random),
          session: session.id,
          server: session.server.id,
          link: link.link,
          person: { id: session.caller.person.id, name: session.caller.person.name },
          device: session.caller.device.id,
          login: session.login,
          powers: [...session.powers],
          environment: [...acceptEnvironment],
          rules: [...session.rules],
          issuedAt,
          startBy: issuedAt + grantStartWithinMs,
          endsAt: session.endsAt,
        },
        grantKey,
      );
      return openSession(link.mux, { kind: 'session', grant }, on);
    },
  };
}

function presence(
  name: 'server.connected' | 'server.disconnected',
  link: AgentLink,
  details: Record<string, string | boolean>,
) {
  return {
    class: name,
    actor: { kind: 'server' as const, id: link.server.id, name: link.server.name },
    action: name === 'server.connected' ? 'connect' : 'disconnect',
    resource: { kind: 'server' as const, id: link.server.id, name: link.server.name },
    address: link.address,
    details: { ...details, link: link.link },
  };
}

function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 512);
}
