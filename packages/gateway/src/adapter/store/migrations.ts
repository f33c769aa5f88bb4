// How the database came to be what it is, step by step. A step that has been released is never changed: a new one is added below it.
// Texts, bigint and integer only, so that SQLite and PostgreSQL read the same steps.

import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

export type Migration = { readonly name: string; readonly up: (db: Kysely<Tables>) => Promise<void> };

export const migrations: readonly Migration[] = [
  { name: 'workspace', up: createWorkspace },
  { name: 'identity', up: createIdentity },
  { name: 'enrolment', up: createEnrolment },
  { name: 'policy', up: createPolicy },
  { name: 'session', up: createSession },
];

async function createWorkspace(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('workspace')
    .addColumn('one', 'integer', (column) => column.primaryKey().check(sql`one = 1`))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('sealedKey')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('certificatePem', 'text')
    .execute();
}

async function createIdentity(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('person')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('device')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('person', 'text', (column) => column.notNull().references('person.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('publicKey', 'text', (column) => column.notNull().unique())
    .addColumn('enrolledAt', 'bigint', (column) => column.notNull())
    .addColumn('revokedAt', 'bigint')
    .execute();
  await db.schema.createIndex('deviceOfPerson').on('device').column('person').execute();
  await db.schema
    .createTable('enrolmentCode')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('person', 'text', (column) => column.notNull().references('person.id'))
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .addColumn('usedAt', 'bigint')
    .execute();
}

async function createEnrolment(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('joinToken')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('uses', 'integer', (column) => column.notNull())
    .addColumn('usesLeft', 'integer', (column) => column.notNull().check(sql`uses_left >= 0`))
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .addColumn('revokedAt', 'bigint')
    .execute();
  await db.schema
    .createTable('server')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('publicKey', 'text', (column) => column.notNull().unique())
    .addColumn('facts', 'text')
    .addColumn('joinedAt', 'bigint', (column) => column.notNull())
    .addColumn('lastSeenAt', 'bigint')
    .addColumn('revokedAt', 'bigint')
    .execute();
  // A name is free again once its server is revoked.
  await db.schema
    .createIndex('serverName')
    .unique()
    .on('server')
    .column('name')
    .where(sql.ref('revokedAt'), 'is', null)
    .execute();
}

async function createPolicy(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('policyVersion')
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('appliedAt', 'bigint', (column) => column.notNull())
    .execute();
}

async function createSession(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('session')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('person', 'text', (column) => column.notNull().references('person.id'))
    .addColumn('personName', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull().references('device.id'))
    .addColumn('server', 'text', (column) => column.notNull().references('server.id'))
    .addColumn('serverName', 'text', (column) => column.notNull())
    .addColumn('login', 'text', (column) => column.notNull())
    .addColumn('door', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('startedAt', 'bigint', (column) => column.notNull())
    .addColumn('endedAt', 'bigint')
    .addColumn('endReason', 'text')
    .execute();
  await db.schema.createIndex('sessionByStart').on('session').columns(['startedAt', 'id']).execute();
  await db.schema
    .createIndex('sessionOpen')
    .on('session')
    .columns(['startedAt', 'id'])
    .where(sql.ref('endedAt'), 'is', null)
    .execute();
  await db.schema
    .createTable('channel')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('session', 'text', (column) => column.notNull().references('session.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('openedAt', 'bigint', (column) => column.notNull())
    .addColumn('closedAt', 'bigint')
    .addColumn('outcome', 'text')
    .addColumn('recordingHash', 'text')
    .addColumn('hasRecording', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('channelOfSession').on('channel').columns(['session', 'openedAt']).execute();
}
