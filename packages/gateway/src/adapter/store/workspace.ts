// The workspace, its sealed keys and the versions of its policy in the database.

import { toBase64Url } from '@sallyport/core';
import type { Kysely } from 'kysely';
import type { PolicyStore } from '../../domain/policy/ports.ts';
import type { WorkspaceStore } from '../../domain/workspace/ports.ts';
import { policyVersionRow, readOptional, readRows, sealedKeyRow, workspaceRow } from './rows.ts';
import type { Tables } from './schema.ts';
import { allOrNothing, hasChanged } from './transaction.ts';

export function workspaceStore(db: Kysely<Tables>): WorkspaceStore {
  return {
    workspace: async () => readOptional(workspaceRow, await db.selectFrom('workspace').selectAll().executeTakeFirst()),
    keys: async () => readRows(sealedKeyRow, await db.selectFrom('sealedKey').selectAll().orderBy('name').execute()),
    create: (workspace, keys) =>
      allOrNothing<boolean>(db, async (step, undo) => {
        const made = await step
          .insertInto('workspace')
          .values({ one: 1, ...workspace })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (!hasChanged(made)) return undo(false);
        const rows = keys.map(({ name, sealed, certificatePem }) => ({
          name,
          sealed: toBase64Url(sealed),
          certificatePem: certificatePem ?? null,
        }));
        if (rows.length > 0) await step.insertInto('sealedKey').values(rows).execute();
        return true;
      }),
  };
}

export function policyStore(db: Kysely<Tables>): PolicyStore {
  const newest = db.selectFrom('policyVersion').selectAll().orderBy('version', 'desc');
  return {
    latest: async () => readOptional(policyVersionRow, await newest.limit(1).executeTakeFirst()),
    add: async (version) =>
      hasChanged(
        await db
          .insertInto('policyVersion')
          .values(version)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      ),
    versions: async () => readRows(policyVersionRow, await newest.execute()),
  };
}
