// SQLite as Node brings it, for Kysely: one file, one connection, every commit on the disk before it is acknowledged.

import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely';

// Another program may be writing. Waiting inside SQLite would stop this program's event loop, so it is asked again instead.
const retryAfterMs = 5;
const maxRetries = 1000;
const busyCode = 5; // SQLITE_BUSY
// Every query of the program is one of a few texts; more than this would be a text with values in it.
const maxStatements = 256;

/** The first query opens the file, making it with mode 0600, and rejects with what the file system or SQLite says. */
export function openSqlite(path: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () =>
      new PatientDriver({ database: async () => preparing(await whenFree(() => openDatabase(path))) }),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class PatientDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: (query, options) => whenFree(() => connection.executeQuery(query, options)),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }

  /** A transaction takes the write lock at its start: one that reads first and writes later could not be waited for. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

async function whenFree<T>(attempt: () => T | Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt();
    } catch (cause) {
      if (!isBusy(cause) || retries >= maxRetries) throw cause;
    }
    await setTimeout(retryAfterMs);
  }
}

/** The low byte of an extended result code is its primary code. */
function isBusy(cause: unknown): boolean {
  return cause instanceof Error && 'errcode' in cause && (Number(cause.errcode) & 0xff) === busyCode;
}

function openDatabase(path: string): DatabaseSync {
  // Made here, because SQLite would make it readable for everybody; its -wal and -shm files take the same mode.
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
  try {
    // WAL with FULL: a commit is synced before it returns; NORMAL would lose the last ones in a power cut.
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off; pragma cell_size_check = on',
    );
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function preparing(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = statements.get(sql);
      if (known) return known;
      if (statements.size >= maxStatements) statements.clear();
      const statement = asKyselyReads(database.prepare(sql));
      statements.set(sql, statement);
      return statement;
    },
  };
}

function asKyselyReads(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(bindable)),
    run: (parameters) => statement.run(...parameters.map(bindable)),
    iterate: (parameters) => statement.iterate(...parameters.map(bindable)),
  };
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint')
    return value;
  throw new TypeError(`a ${typeof value} cannot be stored`);
}
