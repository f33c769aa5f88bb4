// Managed servers: joining with a token, renewing a certificate, listing, revoking.

import { type Clock, err, ok } from '@sallyport/core';
import {
  certificateRenewed,
  idOf,
  parseJoinToken,
  type Server,
  serverJoin,
  serverJoined,
  server as serverShape,
} from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { Journal } from '../../domain/audit/index.ts';
import { type EnrolmentService, type EnrolmentStore, enrolmentRefusals } from '../../domain/enrolment/index.ts';
import type { Fleet } from '../../domain/fleet/index.ts';
import { actorOf } from '../../domain/identity/index.ts';
import type { SessionService } from '../../domain/session/index.ts';
import { presentedAgent } from '../connection.ts';
import { type Guard, refuse } from './guard.ts';
import { type HttpServer, refusalResponses } from './server.ts';

type Needs = {
  readonly enrolment: EnrolmentService;
  readonly store: EnrolmentStore;
  readonly fleet: Fleet;
  readonly sessions: SessionService;
  readonly journal: Journal;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly workspace: string;
  readonly caPem: string;
  /** SPKI DER, base64url. */
  readonly grantKey: string;
};

const serverParams = z.object({ id: idOf('server') });

export function agentRoutes(server: HttpServer, needs: Needs): void {
  server.post(
    '/v1/servers',
    { schema: { tags: ['agents'], body: serverJoin, response: { 201: serverJoined, ...refusalResponses } } },
    async (request, reply) => {
      const token = parseJoinToken(request.body.token);
      if (!token.ok) return refuse(reply, enrolmentRefusals.tokenInvalid());
      const { publicKey, name, facts } = request.body;
      const joined = await needs.enrolment.join(
        { tokenId: token.value.token, tokenSecret: token.value.secret, publicKey, name, facts },
        presentedAgent(request.raw),
      );
      if (!joined.ok) return refuse(reply, joined.error);
      return reply.code(201).send({
        server: joined.value.server.id,
        name,
        workspace: needs.workspace,
        certificatePem: joined.value.certificatePem,
        caPem: needs.caPem,
        grantKey: needs.grantKey,
      });
    },
  );
  server.post(
    '/v1/servers/renew',
    { schema: { tags: ['agents'], response: { 200: certificateRenewed, ...refusalResponses } } },
    async (request, reply) => {
      const renewed = await needs.enrolment.renewAfterExpiry(presentedAgent(request.raw));
      return renewed.ok ? { certificatePem: renewed.value } : refuse(reply, renewed.error);
    },
  );
}

export function serverRoutes(server: HttpServer, needs: Needs): void {
  const { guard, store } = needs;
  server.get(
    '/v1/servers',
    { schema: { tags: ['servers'], response: { 200: z.array(serverShape), ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'listServers', async () => ok((await store.servers()).map((each) => shown(each, needs)))),
  );
  server.post(
    '/v1/servers/:id/revoke',
    { schema: { tags: ['servers'], params: serverParams, response: { 204: z.null(), ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'revokeServer', async (caller) => {
        const { id } = request.params;
        const known = await store.serverById(id);
        if (!known) return err(enrolmentRefusals.serverUnknown(id));
        const recorded = await needs.journal.write({
          class: 'server.revoked',
          ...actorOf(caller),
          action: 'revokeServer',
          resource: { kind: 'server', id, name: known.name },
          decision: 'allow',
        });
        if (!recorded.ok) return recorded;
        await store.revokeServer(id, needs.clock.now());
        needs.fleet.cut(id, `revoked by ${caller.person.name}`);
        reply.code(204);
        return ok(null);
      }),
  );
}

type Kept = Awaited<ReturnType<EnrolmentStore['servers']>>[number];

function shown(server: Kept, { fleet, sessions }: Needs): Server {
  return {
    id: server.id,
    name: server.name,
    labels: server.labels,
    state: stateOf(server, fleet),
    ...(server.facts ? { facts: server.facts } : {}),
    joinedAt: server.joinedAt,
    ...(server.lastSeenAt === undefined ? {} : { lastSeenAt: server.lastSeenAt }),
    sessions: sessions.live().filter((live) => live.session.server.id === server.id).length,
  };
}

function stateOf({ id, revokedAt }: Kept, fleet: Fleet): Server['state'] {
  if (revokedAt !== undefined) return 'revoked';
  return fleet.isOnline(id) ? 'online' : 'offline';
}
