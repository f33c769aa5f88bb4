// Sessions and their channels in the database.

import type { SessionId } from '@sallyport/core';
import type { Kysely } from 'kysely';
import type { SessionStore } from '../../domain/session/ports.ts';
import type { ChannelRecord } from '../../domain/session/session.ts';
import { channelRow, readOptional, readRows, sessionRow } from './rows.ts';
import type { Tables } from './schema.ts';
import { hasChanged } from './transaction.ts';

const maxSessionsRead = 1000;
// Below the number of parameters that a statement may have in either database.
const maxIdsInQuery = 500;

export function sessionStore(db: Kysely<Tables>): SessionStore {
  return { ...sessions(db), ...channels(db) };
}

function sessions(
  db: Kysely<Tables>,
): Pick<SessionStore, 'addSession' | 'endSession' | 'endAllOpen' | 'sessionById' | 'sessions'> {
  return {
    addSession: async (session) => {
      await db
        .insertInto('session')
        .values({ ...session, endedAt: session.endedAt ?? null, endReason: session.endReason ?? null })
        .execute();
    },
    endSession: async (id, at, reason) =>
      hasChanged(
        await db
          .updateTable('session')
          .set({ endedAt: at, endReason: reason })
          .where('id', '=', id)
          .where('endedAt', 'is', null)
          .executeTakeFirst(),
      ),
    endAllOpen: async (at, reason) => {
      const ended = await db
        .updateTable('session')
        .set({ endedAt: at, endReason: reason })
        .where('endedAt', 'is', null)
        .returningAll()
        .execute();
      return readRows(sessionRow, ended).map(({ id }) => id);
    },
    sessionById: async (id) =>
      readOptional(sessionRow, await db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst()),
    sessions: async ({ isOpen, limit }) => {
      const newest = db.selectFrom('session').selectAll().orderBy('startedAt', 'desc').orderBy('id', 'desc');
      const chosen = isOpen === undefined ? newest : newest.where('endedAt', isOpen ? 'is' : 'is not', null);
      return readRows(sessionRow, await chosen.limit(Math.min(Math.max(limit, 0), maxSessionsRead)).execute());
    },
  };
}

function channels(db: Kysely<Tables>): Pick<SessionStore, 'addChannel' | 'closeChannel' | 'channelsOf'> {
  return {
    addChannel: async ({ hasRecording, ...channel }) => {
      await db
        .insertInto('channel')
        .values({
          ...channel,
          closedAt: channel.closedAt ?? null,
          outcome: channel.outcome ?? null,
          recordingHash: channel.recordingHash ?? null,
          hasRecording: hasRecording ? 1 : 0,
        })
        .execute();
    },
    closeChannel: async (id, at, outcome, recordingHash) =>
      hasChanged(
        await db
          .updateTable('channel')
          .set({ closedAt: at, outcome, recordingHash: recordingHash ?? null })
          .where('id', '=', id)
          .where('closedAt', 'is', null)
          .executeTakeFirst(),
      ),
    channelsOf: async (ids) => {
      const found: ChannelRecord[] = [];
      for (let from = 0; from < ids.length; from += maxIdsInQuery) {
        found.push(...(await channelsOfSome(db, ids.slice(from, from + maxIdsInQuery))));
      }
      return found.toSorted((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
    },
  };
}

async function channelsOfSome(db: Kysely<Tables>, ids: readonly SessionId[]): Promise<ChannelRecord[]> {
  return readRows(channelRow, await db.selectFrom('channel').selectAll().where('session', 'in', ids).execute());
}
