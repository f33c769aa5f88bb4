// A real PostgreSQL for a test: its own cluster in a temporary folder, reached by a Unix socket only, gone when the test is.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Postgres {
  /** The URL of an empty database. */
  readonly url: string;
  /** Another empty database of the same cluster. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server at once, as a crash does. */
  stop(): Promise<void>;
}

type Programs = { readonly initdb: string; readonly postgres: string; readonly psql: string };
type Account = { readonly uid: number; readonly gid: number };

const run = promisify(execFile);
const startTimeoutMs = 30_000;
const versionsFolder = '/usr/lib/postgresql'; // where Debian keeps one folder for each version

/** Why startPostgres cannot work here, or undefined. */
export async function postgresAbsence(): Promise<string | undefined> {
  if (!(await findPrograms())) return 'PostgreSQL (initdb, postgres, psql) is not installed';
  if (process.getuid?.() === 0 && !(await unprivilegedAccount()))
    return 'PostgreSQL refuses to run as root, and there is no user postgres';
  return undefined;
}

export async function startPostgres(): Promise<Postgres> {
  const programs = await findPrograms();
  if (!programs) throw new Error('PostgreSQL is not installed');
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-postgres-'));
  if (account) await chown(folder, account.uid, account.gid);
  const as = { ...account, cwd: folder, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' } };
  const data = join(folder, 'data');
  try {
    await run(
      programs.initdb,
      ['-D', data, '-U', 'sally', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'],
      as,
    );
    const server = spawn(
      programs.postgres,
      ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'max_connections=50'],
      {
        ...as,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    await listening(server);
    const connect = ['-h', folder, '-U', 'sally', '-X', '-q', '-v', 'ON_ERROR_STOP=1'];
    const createDatabase = async (name: string): Promise<string> => {
      await run(
        programs.psql,
        [...connect, '-d', 'postgres', '-c', `create database "${name.replaceAll('"', '""')}"`],
        as,
      );
      return `postgresql://sally@localhost/${encodeURIComponent(name)}?host=${encodeURIComponent(folder)}`;
    };
    const stop = async (): Promise<void> => {
      await ended(server);
      await rm(folder, { recursive: true, force: true });
    };
    return { url: await createDatabase('first'), createDatabase, stop };
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw cause;
  }
}

async function findPrograms(): Promise<Programs | undefined> {
  const versions = existsSync(versionsFolder) ? await readdir(versionsFolder) : [];
  const newestFirst = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(versionsFolder, version, 'bin'));
  const folders = [...newestFirst, ...(process.env['PATH'] ?? '').split(':')];
  const find = (name: string): string | undefined =>
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  const [initdb, postgres, psql] = [find('initdb'), find('postgres'), find('psql')];
  return initdb && postgres && psql ? { initdb, postgres, psql } : undefined;
}

/** PostgreSQL does not run as root; its package brings a user of its own. */
async function unprivilegedAccount(): Promise<Account | undefined> {
  try {
    const { stdout } = await run('getent', ['passwd', 'postgres']);
    const [, , uid, gid] = stdout.split(':');
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}

function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`PostgreSQL did not start: ${said}`)), startTimeoutMs);
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-4000);
      if (!said.includes('database system is ready to accept connections')) return;
      clearTimeout(late);
      resolve();
    });
    server.once('exit', () => {
      clearTimeout(late);
      reject(new Error(`PostgreSQL ended at its start: ${said}`));
    });
  });
}

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    server.kill('SIGQUIT'); // immediate shutdown: no checkpoint, since the data is thrown away
  });
}
