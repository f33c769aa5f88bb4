// How the database is opened: private, brought forward, refused when it is ahead, and still there after a kill.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { expectOk } from '@sallyport/core';
import { type Postgres, postgresAbsence, startPostgres } from '@sallyport/testkit';
import { CamelCasePlugin, Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identityStore } from './identity.ts';
import { migrate } from './migrate.ts';
import { type Migration, migrations } from './migrations.ts';
import { openPostgres } from './postgres.ts';
import { aCode, aPerson } from './samples.ts';
import type { Tables } from './schema.ts';
import { openSqlite } from './sqlite.ts';
import { openStore, type StoreLocation } from './store.ts';

let folder: string;
let path: string;
let postgres: Postgres | undefined;
let absence: string | undefined;

beforeAll(async () => {
  absence = await postgresAbsence();
  if (absence === undefined) postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-open-'));
  path = join(folder, 'data', 'sallyport.db');
});
afterEach(() => rm(folder, { recursive: true }));

const rawDatabase = (at: StoreLocation): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: at.kind === 'sqlite' ? openSqlite(at.path) : openPostgres(at.url),
    plugins: [new CamelCasePlugin()],
  });

describe.each(['sqlite', 'postgres'] as const)('a %s database', (kind) => {
  let at: StoreLocation;
  let databases = 0;

  beforeEach(async (context) => {
    context.skip(kind === 'postgres' && absence !== undefined, absence);
    await mkdir(join(folder, 'data'), { mode: 0o700 });
    at =
      kind === 'sqlite' || !postgres
        ? { kind: 'sqlite', path }
        : { kind, url: await postgres.createDatabase(`o${databases++}`) };
  });

  const raw = async <T>(use: (db: Kysely<Tables>) => Promise<T>): Promise<T> => {
    const db = rawDatabase(at);
    try {
      return await use(db);
    } finally {
      await db.destroy();
    }
  };
  const versions = () => raw((db) => db.selectFrom('migration').select('number').orderBy('number').execute());

  it('of an older program is brought forward with what is in it (OPS-6)', async () => {
    const person = aPerson();
    await raw(async (db) => {
      expect(expectOk(await migrate(db, kind, migrations.slice(0, 2)))).toEqual({ applied: 2 });
      await identityStore(db).addPerson(person);
    });
    const store = expectOk(await openStore(at));
    expect(await store.personById(person.id)).toEqual(person);
    expect(await store.servers()).toEqual([]);
    await store.close();
    expect(await versions()).toEqual(migrations.map((_, index) => ({ number: index + 1 })));
  });

  it('of a newer program is refused in words and left as it is (OPS-6)', async () => {
    const added: Migration = {
      name: 'of tomorrow',
      up: (db) => db.schema.createTable('tomorrow').addColumn('a', 'text').execute(),
    };
    await raw(async (db) => expectOk(await migrate(db, kind, [...migrations, added])));
    const opened = await openStore(at);
    expect(opened).toMatchObject({ ok: false, error: { kind: 'newer' } });
    expect(opened.ok ? '' : opened.error.message).toMatch(/version 6, .* up to 5: it was used by a newer program/);
    expect(await versions()).toHaveLength(migrations.length + 1);
  });

  it('keeps nothing of an upgrade that fails half way (OPS-6)', async () => {
    const broken: Migration = {
      name: 'broken',
      up: async (db) => {
        await db.schema.createTable('half').addColumn('a', 'text').execute();
        await sql`select * from nowhere`.execute(db);
      },
    };
    await raw(async (db) => {
      await expect(migrate(db, kind, [...migrations, broken])).rejects.toThrow(/nowhere/);
      await expect(sql`select * from half`.execute(db)).rejects.toThrow(/half/);
      await expect(sql`select * from person`.execute(db)).rejects.toThrow(/person/);
    });
    await expectOk(await openStore(at)).close();
  });

  it('is opened and made by several programs at once (OPS-6)', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(at)));
    for (const store of stores) await expectOk(store).close();
    expect(await versions()).toHaveLength(migrations.length);
  });

  it('refuses to read a row that somebody changed by hand', async () => {
    const store = expectOk(await openStore(at));
    const person = aPerson();
    await store.addPerson(person);
    await raw((db) => db.updateTable('person').set({ roles: '["root"]' }).execute());
    await expect(store.personById(person.id)).rejects.toThrow(/stored row cannot be read/);
    await store.close();
  });

  it('has the columns that docs/storage-schema.md lists, and no others', async () => {
    await expectOk(await openStore(at)).close();
    const documented = documentedColumns(
      await readFile(join(import.meta.dirname, '../../../../../docs/storage-schema.md'), 'utf8'),
    );
    const columns =
      kind === 'sqlite'
        ? sql<Column>`select m.name as "table", p.name as "column", lower(p.type) as "type", 1 - p."notnull" - (p.pk > 0) as "null"
            from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table'`
        : sql<Column>`select table_name as "table", column_name as "column", data_type as "type",
            case is_nullable when 'YES' then 1 else 0 end as "null" from information_schema.columns where table_schema = 'public'`;
    const { rows } = await raw((db) => columns.execute(db));
    const real = rows.map((row) => `${row.table}.${row.column} ${row.type}${row.null === 1 ? ', or NULL' : ''}`);
    expect(real.toSorted()).toEqual(documented.toSorted());
  });
});

type Column = { table: string; column: string; type: string; null: number };

function documentedColumns(document: string): string[] {
  return document.split(/^### /m).flatMap((section) => {
    const table = /^`(\w+)`/.exec(section)?.[1];
    const rows = [...section.matchAll(/^\| `(\w+)` \| ([^|]+?) \|/gm)];
    return table === undefined ? [] : rows.map(([, column, type]) => `${table}.${column} ${type}`);
  });
}

describe('a SQLite file', () => {
  it('is readable by its owner alone, with its log beside it (HND-5)', async () => {
    const store = expectOk(await openStore({ kind: 'sqlite', path }));
    await store.addPerson(aPerson());
    const modes = await Promise.all(
      [join(folder, 'data'), path, `${path}-wal`, `${path}-shm`].map(async (file) =>
        ((await stat(file)).mode & 0o777).toString(8),
      ),
    );
    expect(modes).toEqual(['700', '600', '600', '600']);
    await store.close();
  });

  it('in a folder that others may enter is refused, with the command that mends it (HND-5)', async () => {
    await mkdir(join(folder, 'data'));
    await chmod(join(folder, 'data'), 0o755);
    expect(await openStore({ kind: 'sqlite', path })).toMatchObject({
      ok: false,
      error: { kind: 'not-private', hint: `chmod 700 ${join(folder, 'data')}` },
    });
  });

  it('that is a symbolic link, or no database, is refused (OPS-1)', async () => {
    await mkdir(join(folder, 'data'), { mode: 0o700 });
    await writeFile(join(folder, 'elsewhere'), 'not a database at all, but long enough to have a header of one');
    await symlink(join(folder, 'elsewhere'), path);
    expect(await openStore({ kind: 'sqlite', path })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('ELOOP') },
    });
    const damaged = { kind: 'sqlite', path: join(folder, 'data', 'damaged.db') } as const;
    await writeFile(damaged.path, 'x'.repeat(8192), { mode: 0o600 });
    expect(await openStore(damaged)).toMatchObject({
      ok: false,
      error: { kind: 'unavailable', message: expect.stringContaining('not a database') },
    });
  });

  it('syncs every commit before it is acknowledged, and waits for nobody inside SQLite', async () => {
    await mkdir(join(folder, 'data'), { mode: 0o700 });
    const db = rawDatabase({ kind: 'sqlite', path });
    const pragma = async (name: string) =>
      Object.values((await sql.raw<object>(`pragma ${name}`).execute(db)).rows[0] ?? {})[0];
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
    expect(await pragma('busy_timeout')).toBe(0);
    await db.destroy();
  });

  it('waits for another writer without stopping the program (OPS-1)', async () => {
    const store = expectOk(await openStore({ kind: 'sqlite', path }));
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    let isAdded = false;
    const person = aPerson();
    const adding = store.addPerson(person).then(() => {
      isAdded = true;
    });
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(isAdded).toBe(false);
    other.exec('commit');
    other.close();
    await adding;
    expect(await store.personById(person.id)).toEqual(person);
    await store.close();
  });

  it('keeps every acknowledged write when the program is killed (OPS-1)', async () => {
    const location = { kind: 'sqlite', path } as const;
    const person = aPerson();
    const store = expectOk(await openStore(location));
    await store.addPerson(person);
    const source = (name: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href);
    const program = `import { openStore } from ${source('store.ts')};
      import { aCode } from ${source('samples.ts')};
      const { value: store } = await openStore(${JSON.stringify(location)});
      for (;;) { const code = aCode(${JSON.stringify(person.id)}); await store.addCode(code); console.log(code.hash); }`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged: string[] = [];
    const exited = once(writer, 'exit');
    for await (const line of createInterface({ input: writer.stdout })) {
      if (acknowledged.push(line) === 200) writer.kill('SIGKILL');
    }
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);
    for (const hash of acknowledged) expect(await store.codeByHash(hash)).toMatchObject({ hash });
    await store.addCode(aCode(person.id));
    await store.close();
  });
});

describe('PostgreSQL', () => {
  it('that is not there is refused without its password (OPS-1)', async () => {
    const url = `postgres://sally:hunter2@/none?host=${encodeURIComponent(folder)}`;
    const opened = await openStore({ kind: 'postgres', url });
    expect(opened).toMatchObject({
      ok: false,
      error: { kind: 'unavailable', hint: expect.stringContaining('store.url') },
    });
    expect(JSON.stringify(opened)).not.toContain('hunter2');
  });

  it('that dies makes the next call reject, not the program end (OPS-1)', async (context) => {
    context.skip(absence !== undefined, absence);
    const mortal = await startPostgres();
    const store = expectOk(await openStore({ kind: 'postgres', url: mortal.url }));
    await mortal.stop();
    await expect(store.ping()).rejects.toThrow();
    await expect(store.servers()).rejects.toThrow();
    await store.close();
  }, 60_000);
});
