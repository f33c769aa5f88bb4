// Managed servers: joining with a token, renewing a certificate, listing, revoking; and the tokens themselves.

import { type Clock, err, ok, type TokenId } from '@sallyport/core';
import {
  certificateRenewed,
  formatJoinToken,
  idOf,
  joinToken,
  joinTokenCreated,
  joinTokenRequest,
  parseJoinToken,
  type Server,
  server as serverShape,
  serverJoin,
  serverJoined,
} from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { Journal } from '../../domain/audit/index.ts';
import { type EnrolmentService, type EnrolmentStore, enrolmentRefusals, type JoinTokenRecord } from '../../domain/enrolment/index.ts';
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
  readonly caFingerprint: string;
  /** SPKI DER, base64url. */
  readonly grantKey: string;
};

const serverParams = z.object({ id: idOf('server') });
const tokenParams = z.object({ id: idOf('token') });

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
  server.get('/v1/servers', { schema: { tags: ['servers'], response: { 200: z.array(serverShape), ...refusalResponses } } }, (request, reply) =>
    guard(request, reply, 'listServers', async () => ok((await store.servers()).map((each) => shown(each, needs)))),
  );
  server.post(
    '/v1/servers/:id/revoke',
    { schema: { tags: ['servers'], params: serverParams, response: { 204: z.null(), ...refusalResponses } } },
    async (request, reply) => {
      const answer = await guard(request, reply, 'revokeServer', async (caller) => {
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
        return ok(null);
      });
      return answer === null ? reply.code(204).send(null) : answer;
    },
  );
}

export function tokenRoutes(server: HttpServer, needs: Needs): void {
  const { guard, store, enrolment, clock } = needs;
  server.get('/v1/join-tokens', { schema: { tags: ['tokens'], response: { 200: z.array(joinToken), ...refusalResponses } } }, (request, reply) =>
    guard(request, reply, 'listServers', async () => ok((await store.tokens()).map(shownToken))),
  );
  server.post(
    '/v1/join-tokens',
    { schema: { tags: ['tokens'], body: joinTokenRequest, response: { 200: joinTokenCreated, ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'createJoinToken', async (caller) => {
        const { record, secret } = await enrolment.createToken(request.body);
        const recorded = await needs.journal.write({
          class: 'token.created',
          ...actorOf(caller),
          action: 'createJoinToken',
          resource: { kind: 'token', id: record.id },
          decision: 'allow',
          details: { labels: record.labels, uses: record.uses, expiresAt: record.expiresAt },
        });
        if (!recorded.ok) return recorded;
        return ok({ ...shownToken(record), token: formatJoinToken({ token: record.id, secret, caFingerprint: needs.caFingerprint }) });
      }),
  );
  server.post(
    '/v1/join-tokens/:id/revoke',
    { schema: { tags: ['tokens'], params: tokenParams, response: { 204: z.null(), ...refusalResponses } } },
    async (request, reply) => {
      const answer = await guard(request, reply, 'revokeJoinToken', async (caller) => {
        const id: TokenId = request.params.id;
        if (!(await store.tokenById(id))) return err(enrolmentRefusals.tokenUnknown(id));
        const recorded = await needs.journal.write({
          class: 'token.revoked',
          ...actorOf(caller),
          action: 'revokeJoinToken',
          resource: { kind: 'token', id },
          decision: 'allow',
        });
        if (!recorded.ok) return recorded;
        await store.revokeToken(id, clock.now());
        return ok(null);
      });
      return answer === null ? reply.code(204).send(null) : answer;
    },
  );
}

type Kept = Awaited<ReturnType<EnrolmentStore['servers']>>[number];

function shown(server: Kept, { fleet, sessions }: Needs): Server {
  return {
    id: server.id,
    name: server.name,
    labels: server.labels,
    state: server.revokedAt !== undefined ? 'revoked' : fleet.isOnline(server.id) ? 'online' : 'offline',
    ...(server.facts ? { facts: server.facts } : {}),
    joinedAt: server.joinedAt,
    ...(server.lastSeenAt === undefined ? {} : { lastSeenAt: server.lastSeenAt }),
    sessions: sessions.live().filter((live) => live.session.server.id === server.id).length,
  };
}

function shownToken({ id, labels, uses, usesLeft, createdAt, expiresAt, revokedAt }: JoinTokenRecord) {
  return { id, labels, uses, usesLeft, createdAt, expiresAt, isRevoked: revokedAt !== undefined };
}
