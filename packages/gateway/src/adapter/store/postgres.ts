// PostgreSQL for Kysely: a small pool whose every wait has an end, and commits that are on the disk before they are acknowledged.

import { type Dialect, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';

const maxConnections = 10;
const connectTimeoutMs = 5000;
const queryTimeoutMs = 10_000;
const idleTimeoutMs = 30_000;
const bigintType = 20; // the OID of int8, which pg gives as text unless told

export function openPostgres(url: string): Dialect {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    query_timeout: queryTimeoutMs,
    statement_timeout: queryTimeoutMs,
    idle_in_transaction_session_timeout: queryTimeoutMs,
    keepAlive: true,
    application_name: 'sallyport',
    options: '-c synchronous_commit=on -c default_transaction_isolation=read\\ committed',
    types: {
      getTypeParser: (type, format) => (type === bigintType ? safeInteger : types.getTypeParser(type, format)),
    },
  });
  // An idle connection that dies is taken out of the pool by itself; without a listener it would end the program.
  pool.on('error', () => undefined);
  return new PostgresDialect({ pool });
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a stored number is too large');
  return value;
}
