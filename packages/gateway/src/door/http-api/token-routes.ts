// Join tokens: made, listed, revoked. A token's text is shown once, to the person who made it.

import { type Clock, err, ok } from '@sallyport/core';
import { formatJoinToken, idOf, joinToken, joinTokenCreated, joinTokenRequest } from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { Journal } from '../../domain/audit/index.ts';
import {
  type EnrolmentService,
  type EnrolmentStore,
  enrolmentRefusals,
  type JoinTokenRecord,
} from '../../domain/enrolment/index.ts';
import { actorOf } from '../../domain/identity/index.ts';
import type { Guard } from './guard.ts';
import { type HttpServer, refusalResponses } from './server.ts';

type Needs = {
  readonly enrolment: EnrolmentService;
  readonly store: EnrolmentStore;
  readonly journal: Journal;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly caFingerprint: string;
};

const tokenParams = z.object({ id: idOf('token') });

export function tokenRoutes(server: HttpServer, needs: Needs): void {
  const { guard, store, enrolment, clock } = needs;
  server.get(
    '/v1/join-tokens',
    { schema: { tags: ['tokens'], response: { 200: z.array(joinToken), ...refusalResponses } } },
    (request, reply) => guard(request, reply, 'listServers', async () => ok((await store.tokens()).map(shownToken))),
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
        return ok({
          ...shownToken(record),
          token: formatJoinToken({ token: record.id, secret, caFingerprint: needs.caFingerprint }),
        });
      }),
  );
  server.post(
    '/v1/join-tokens/:id/revoke',
    { schema: { tags: ['tokens'], params: tokenParams, response: { 204: z.null(), ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'revokeJoinToken', async (caller) => {
        const { id } = request.params;
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
        reply.code(204);
        return ok(null);
      }),
  );
}

function shownToken({ id, labels, uses, usesLeft, createdAt, expiresAt, revokedAt }: JoinTokenRecord) {
  return { id, labels, uses, usesLeft, createdAt, expiresAt, isRevoked: revokedAt !== undefined };
}
