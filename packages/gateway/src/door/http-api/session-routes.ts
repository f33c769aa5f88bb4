// Sessions: who is on which server, ending one, and its recordings.

import { err, ok, type SessionId } from '@sallyport/core';
import { idOf, type Session, session as sessionShape } from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { Journal } from '../../domain/audit/index.ts';
import { actorOf } from '../../domain/identity/index.ts';
import type { RecordingService } from '../../domain/recording/index.ts';
import {
  type ChannelRecord,
  type SessionRecord,
  type SessionService,
  type SessionStore,
  sessionRefusals,
} from '../../domain/session/index.ts';
import type { Guard } from './guard.ts';
import { type HttpServer, refusalResponses } from './server.ts';

type Needs = {
  readonly sessions: SessionService;
  readonly store: SessionStore;
  readonly recordings: RecordingService;
  readonly journal: Journal;
  readonly guard: Guard;
};

const sessionParams = z.object({ id: idOf('session') });
const channelParams = z.object({ id: idOf('session'), channel: idOf('channel') });
const listQuery = z.object({
  open: z.optional(z.enum(['0', '1'])),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(1000)), 50),
});

export function sessionRoutes(server: HttpServer, needs: Needs): void {
  const { guard, store, sessions } = needs;
  server.get(
    '/v1/sessions',
    {
      schema: {
        tags: ['sessions'],
        querystring: listQuery,
        response: { 200: z.array(sessionShape), ...refusalResponses },
      },
    },
    (request, reply) =>
      guard(request, reply, 'listSessions', async () => {
        const { open, limit } = request.query;
        return ok(
          await shown(store, await store.sessions(open === undefined ? { limit } : { limit, isOpen: open === '1' })),
        );
      }),
  );
  server.get(
    '/v1/sessions/:id',
    { schema: { tags: ['sessions'], params: sessionParams, response: { 200: sessionShape, ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'listSessions', async () => {
        const record = await store.sessionById(request.params.id);
        const [session] = record ? await shown(store, [record]) : [];
        return session ? ok(session) : unknown(request.params.id);
      }),
  );
  server.post(
    '/v1/sessions/:id/end',
    { schema: { tags: ['sessions'], params: sessionParams, response: { 204: z.null(), ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'endSession', async (caller) => {
        if (!sessions.end(request.params.id, sessionRefusals.endedBy(caller.person.name)))
          return unknown(request.params.id);
        reply.code(204);
        return ok(null);
      }),
  );
}

/** The recording's own bytes: sealed and hash-chained, checked by whoever plays it. */
export function recordingRoutes(server: HttpServer, needs: Needs): void {
  server.get(
    '/v1/sessions/:id/channels/:channel/recording',
    { schema: { tags: ['sessions'], params: channelParams, produces: ['application/octet-stream'] } },
    async (request, reply) => {
      const { id, channel } = request.params;
      const opened = await needs.guard(request, reply, 'playRecording', async (caller) => {
        const recording = await needs.recordings.read(id, channel);
        if (!recording.ok) return recording;
        const recorded = await needs.journal.write({
          class: 'recording.played',
          ...actorOf(caller),
          action: 'playRecording',
          resource: { kind: 'recording', id: channel },
          decision: 'allow',
          session: id,
          channel,
        });
        if (recorded.ok) return recording;
        recording.value.destroy();
        return recorded;
      });
      return reply.sent ? reply : reply.type('application/octet-stream').send(opened);
    },
  );
}

async function shown(store: SessionStore, records: readonly SessionRecord[]): Promise<Session[]> {
  const channels = await store.channelsOf(records.map((record) => record.id));
  return records.map((record) => ({
    id: record.id,
    person: record.personName,
    server: record.serverName,
    login: record.login,
    door: record.door,
    state: record.endedAt === undefined ? 'open' : 'ended',
    startedAt: record.startedAt,
    ...(record.endedAt === undefined ? {} : { endedAt: record.endedAt }),
    ...(record.endReason === undefined ? {} : { endReason: record.endReason }),
    channels: channels.filter((channel) => channel.session === record.id).map(shownChannel),
  }));
}

function shownChannel(channel: ChannelRecord): Session['channels'][number] {
  return {
    id: channel.id,
    kind: channel.kind,
    subject: channel.subject,
    openedAt: channel.openedAt,
    ...(channel.closedAt === undefined ? {} : { closedAt: channel.closedAt }),
    ...(channel.outcome === undefined ? {} : { outcome: channel.outcome }),
    hasRecording: channel.hasRecording,
    ...(channel.recordingHash === undefined ? {} : { recordingHash: channel.recordingHash }),
  };
}

function unknown(id: SessionId) {
  return err(sessionRefusals.sessionUnknown(id));
}
