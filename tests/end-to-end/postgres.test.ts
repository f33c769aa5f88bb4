// The same product with its state in PostgreSQL instead of the embedded database.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, postgresAbsence, Stack, startPostgres } from '@sallyport/testkit';
import { afterAll, expect, it } from 'vitest';
import { builtSally } from './stack.ts';

const folder = await mkdtemp(join(tmpdir(), 'sallyport-postgres-'));
let postgres: Postgres | undefined;
let stack: Stack | undefined;

afterAll(async () => {
  await stack?.stop();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

it('does the main job on PostgreSQL, and takes up its state after a restart (OPS-1)', async (context) => {
  const absence = await postgresAbsence();
  context.skip(absence !== undefined, absence);
  postgres = await startPostgres();
  const tables = `[store]\nkind = "postgres"\nurl = ${JSON.stringify(postgres.url)}`;
  stack = await Stack.start({ folder: join(folder, 'stack'), sally: await builtSally(), tables });
  expect(await stack.ssh([stack.host, 'echo on-$((40+2))'])).toMatchObject({ status: 0, stdout: 'on-42\n' });
  await stack.gateway.stop();
  await stack.startGateway();
  await stack.untilOnline();
  expect(await stack.ssh([stack.host, 'exit 3'])).toMatchObject({ status: 3 });
  const sessions = await stack.sally(['sessions', 'ls', '--json']);
  expect(JSON.parse(sessions.stdout)).toHaveLength(2);
}, 120_000);
