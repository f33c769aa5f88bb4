// Opens the gateway's database: found private, brought up to date, and given to the domains through their ports.
// A method that fails rejects with an Error; its caller refuses access.

import { dirname } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import { CamelCasePlugin, type Dialect, Kysely } from 'kysely';
import type { EnrolmentStore } from '../../domain/enrolment/ports.ts';
import type { IdentityStore } from '../../domain/identity/ports.ts';
import type { PolicyStore } from '../../domain/policy/ports.ts';
import type { SessionStore } from '../../domain/session/ports.ts';
import type { WorkspaceStore } from '../../domain/workspace/ports.ts';
import { currentOwner, type FileOwner, type PrivateFileFailure, privateFolder } from '../private-file.ts';
import { enrolmentStore } from './enrolment.ts';
import { identityStore } from './identity.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { openPostgres } from './postgres.ts';
import type { Tables } from './schema.ts';
import { sessionStore } from './session.ts';
import { openSqlite } from './sqlite.ts';
import { policyStore, workspaceStore } from './workspace.ts';

export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** May hold a password: it is never in a message. */
  | { readonly kind: 'postgres'; readonly url: string };

export type StoreFailure = {
  readonly kind: 'unavailable' | 'newer' | 'not-private';
  readonly message: string;
  readonly hint: string;
};

/** Every port that needs a database, over one. */
export type Store = IdentityStore & EnrolmentStore & SessionStore & PolicyStore & WorkspaceStore & StoreLife;

type StoreLife = {
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

export async function openStore(
  location: StoreLocation,
  owner: FileOwner = currentOwner(),
): Promise<Result<Store, StoreFailure>> {
  if (location.kind === 'sqlite') {
    const folder = await privateFolder(dirname(location.path), owner);
    if (!folder.ok) return err(unusableFolder(folder.error));
  }
  let db: Kysely<Tables> | undefined;
  try {
    db = new Kysely<Tables>({ dialect: dialectOf(location), plugins: [new CamelCasePlugin()] });
    const migrated = await migrate(db, location.kind, migrations);
    if (migrated.ok) return ok(storeOver(db));
    await db.destroy();
    return err(newer(migrated.error.version, migrated.error.known));
  } catch (cause) {
    await db?.destroy().catch(() => undefined);
    return err(unavailable(location, cause));
  }
}

function dialectOf(location: StoreLocation): Dialect {
  return location.kind === 'sqlite' ? openSqlite(location.path) : openPostgres(location.url);
}

function storeOver(db: Kysely<Tables>): Store {
  return {
    ...identityStore(db),
    ...enrolmentStore(db),
    ...sessionStore(db),
    ...policyStore(db),
    ...workspaceStore(db),
    ping: async () => {
      await db.selectFrom('migration').select('number').limit(1).execute();
    },
    close: () => db.destroy(),
  };
}

function unusableFolder({ kind, message, hint }: PrivateFileFailure): StoreFailure {
  return { kind: kind === 'not-private' ? 'not-private' : 'unavailable', message, hint };
}

function newer(version: number, known: number): StoreFailure {
  return {
    kind: 'newer',
    message: `the database is at version ${version}, and this program knows versions up to ${known}: it was used by a newer program`,
    hint: 'start the newer program again, or restore a backup that was made before the upgrade; nothing was changed',
  };
}

function unavailable(location: StoreLocation, cause: unknown): StoreFailure {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  if (location.kind === 'sqlite') {
    return {
      kind: 'unavailable',
      message: `the database ${location.path} cannot be opened: ${reason}`,
      hint: 'check the disk and the file; if the file is damaged, restore a backup',
    };
  }
  return {
    kind: 'unavailable',
    message: `the PostgreSQL database cannot be opened: ${reason}`,
    hint: 'check that the server runs, and the address, user and database in store.url or store.urlFile',
  };
}
