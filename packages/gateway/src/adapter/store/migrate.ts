// Brings a database to what this program knows, in one transaction: all steps or none. A database that is ahead is left alone (OPS-6).

import { err, ok, type Result } from '@sallyport/core';
import { type Kysely, sql } from 'kysely';
import type { Migration } from './migrations.ts';
import type { Tables } from './schema.ts';

export type NewerDatabase = { readonly version: number; readonly known: number };

// Any number that is ours: two gateways that start at once migrate one after the other.
const migrationLock = 5_341_207;

export async function migrate(
  db: Kysely<Tables>,
  kind: 'sqlite' | 'postgres',
  known: readonly Migration[],
): Promise<Result<{ applied: number }, NewerDatabase>> {
  return await db.transaction().execute(async (step) => {
    // SQLite's transactions take the write lock at their start; PostgreSQL is asked for one.
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(step);
    const version = await versionOf(step);
    if (version > known.length) return err({ version, known: known.length });
    const pending = known.slice(version);
    for (const [at, { name, up }] of pending.entries()) {
      await up(step);
      await step
        .insertInto('migration')
        .values({ number: version + at + 1, name })
        .execute();
    }
    return ok({ applied: pending.length });
  });
}

async function versionOf(db: Kysely<Tables>): Promise<number> {
  await db.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('appliedAt', 'text', (column) => column.notNull().defaultTo(sql`current_timestamp`))
    .execute();
  const last = await db.selectFrom('migration').select('number').orderBy('number', 'desc').limit(1).executeTakeFirst();
  return last?.number ?? 0;
}
