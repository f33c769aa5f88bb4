// Servers and join tokens in the database.

import type { Kysely } from 'kysely';
import type { EnrolmentStore } from '../../domain/enrolment/ports.ts';
import { readOptional, readRows, serverRow, tokenRow } from './rows.ts';
import type { Tables } from './schema.ts';
import { allOrNothing, hasChanged } from './transaction.ts';

export function enrolmentStore(db: Kysely<Tables>): EnrolmentStore {
  return { ...tokens(db), ...servers(db), join: join(db) };
}

function tokens(db: Kysely<Tables>): Pick<EnrolmentStore, 'addToken' | 'tokenById' | 'tokens' | 'revokeToken'> {
  return {
    addToken: async (token) => {
      await db
        .insertInto('joinToken')
        .values({ ...token, labels: JSON.stringify(token.labels), revokedAt: token.revokedAt ?? null })
        .execute();
    },
    tokenById: async (id) =>
      readOptional(tokenRow, await db.selectFrom('joinToken').selectAll().where('id', '=', id).executeTakeFirst()),
    tokens: async () =>
      readRows(
        tokenRow,
        await db.selectFrom('joinToken').selectAll().orderBy('createdAt', 'desc').orderBy('id').execute(),
      ),
    revokeToken: async (id, at) =>
      hasChanged(
        await db
          .updateTable('joinToken')
          .set({ revokedAt: at })
          .where('id', '=', id)
          .where('revokedAt', 'is', null)
          .executeTakeFirst(),
      ),
  };
}

function servers(
  db: Kysely<Tables>,
): Pick<EnrolmentStore, 'serverById' | 'serverByName' | 'servers' | 'saw' | 'revokeServer'> {
  return {
    serverById: async (id) =>
      readOptional(serverRow, await db.selectFrom('server').selectAll().where('id', '=', id).executeTakeFirst()),
    serverByName: async (name) => {
      const named = db.selectFrom('server').selectAll().where('name', '=', name).where('revokedAt', 'is', null);
      return readOptional(serverRow, await named.executeTakeFirst());
    },
    servers: async () =>
      readRows(serverRow, await db.selectFrom('server').selectAll().orderBy('name').orderBy('joinedAt').execute()),
    saw: async (id, at, facts) => {
      await db
        .updateTable('server')
        .set({ lastSeenAt: at, facts: JSON.stringify(facts) })
        .where('id', '=', id)
        .execute();
    },
    revokeServer: async (id, at) =>
      hasChanged(
        await db
          .updateTable('server')
          .set({ revokedAt: at })
          .where('id', '=', id)
          .where('revokedAt', 'is', null)
          .executeTakeFirst(),
      ),
  };
}

function join(db: Kysely<Tables>): EnrolmentStore['join'] {
  return (token, server, now) =>
    allOrNothing<Awaited<ReturnType<EnrolmentStore['join']>>>(db, async (step, undo) => {
      const taken = await step
        .updateTable('joinToken')
        .set((column) => ({ usesLeft: column('usesLeft', '-', 1) }))
        .where('id', '=', token)
        .where('usesLeft', '>', 0)
        .where('expiresAt', '>', now)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      if (!hasChanged(taken)) return undo('token-unusable');
      const added = await step
        .insertInto('server')
        .values({
          ...server,
          labels: JSON.stringify(server.labels),
          facts: server.facts === undefined ? null : JSON.stringify(server.facts),
          lastSeenAt: server.lastSeenAt ?? null,
          revokedAt: server.revokedAt ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (hasChanged(added)) return 'joined';
      const namesake = step
        .selectFrom('server')
        .select('id')
        .where('name', '=', server.name)
        .where('revokedAt', 'is', null);
      return undo((await namesake.executeTakeFirst()) ? 'name-taken' : 'key-taken');
    });
}
