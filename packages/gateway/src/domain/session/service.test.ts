// Live sessions over the real gate, database and log; the server's machine is this one.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, ok } from '@sallyport/core';
import { childMachine, execRequest, granted } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestWorkspace, testWorkspace, workspace as workspaceName } from '../../testing/workspace.ts';
import type { Caller } from '../identity/index.ts';
import { createRecordings } from '../recording/index.ts';
import { createGate, createSessions, type MachineSource, type SessionService } from './index.ts';

let workspace: TestWorkspace;
let sessions: SessionService;
let home: string;
let target: Server;
const maxPerPerson = 3;
const maxChannels = 4;

beforeEach(async () => {
  workspace = await testWorkspace();
  home = await mkdtemp(join(tmpdir(), 'sallyport-sessions-'));
  target = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  sessions = sessionsOf(workspace);
  await workspace.server('web-1');
});
afterEach(async () => {
  await sessions.endAll({ code: 'STOPPING', message: 'the test is over', rule: 'test', hint: 'none' });
  target.close();
  await workspace.close();
  await rm(home, { recursive: true, force: true });
});

function sessionsOf({ store, policy, journal, clock, random }: TestWorkspace): SessionService {
  const gate = createGate({
    ...{ servers: store, policy, journal, clock, random, workspace: workspaceName, maxDurationMs: 3_600_000 },
  });
  const machines: MachineSource = {
    isOnline: () => true,
    begin: async ({ id, powers, endsAt }) =>
      ok({ machine: childMachine({ home }), accepted: { session: id, powers: [...powers], endsAt } }),
  };
  const made = createSessions({
    ...{ gate, machines, store, journal, clock, random, idleMs: 0, warnBeforeMs: 0 },
    recordings: createRecordings({ folder: join(home, 'recordings'), journal, clock }),
    limits: { maxSessions: 10, maxSessionsPerPerson: maxPerPerson, maxChannelsPerSession: maxChannels },
    onFault: () => undefined,
  });
  policy.onChange(() => made.reconsider());
  return made;
}

const open = (caller: Caller) =>
  sessions.open({ caller, server: 'web-1', login: 'deploy', door: 'client' }, () => undefined);
const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
async function apply(text: string): Promise<void> {
  const author = await workspace.person(`author-${workspace.policy.current().version}`, ['owner']);
  expectOk(await workspace.policy.apply(author, text, 'for the test'));
}

const deployAll = '@id("deploy") permit(principal, action, resource);';

describe('a database that fails once the gate has opened', () => {
  it('refuses the session, and the log says that it ended as well as that it began (AUD-1)', async () => {
    const { store } = workspace;
    const addSession = () => Promise.reject(new Error('disk I/O error'));
    sessions = sessionsOf({ ...workspace, store: { ...store, addSession } });
    const opened = await open(await workspace.person('owen', ['owner']));
    expect(opened).toMatchObject({ ok: false, error: { code: 'STORE_UNAVAILABLE' } });
    const told = async () =>
      (await workspace.events()).map((event) => event.class).filter((name) => name.startsWith('session.'));
    await expect.poll(told).toEqual(['session.opened', 'session.ended']);
  });
});

describe('limits', () => {
  it('hold for sessions that are asked for at once (SES-6)', async () => {
    const caller = await workspace.person('owen', ['owner']);
    const opened = await Promise.all(Array.from({ length: 12 }, () => open(caller)));
    expect(opened.filter(({ ok: isOpen }) => isOpen)).toHaveLength(maxPerPerson);
    expect(opened.find(({ ok: isOpen }) => !isOpen)).toMatchObject({ error: { code: 'LIMIT_REACHED' } });
    expect(sessions.live()).toHaveLength(maxPerPerson);
  });

  it('hold for channels that are asked for at once (SES-6)', async () => {
    const { machine } = expectOk(await open(await workspace.person('owen', ['owner'])));
    const started = await Promise.all(Array.from({ length: 12 }, () => machine.exec(execRequest('sleep 600'))));
    expect(started.filter(({ ok: isOpen }) => isOpen)).toHaveLength(maxChannels);
    expect(started.find(({ ok: isOpen }) => !isOpen)).toMatchObject({ error: { code: 'LIMIT_REACHED' } });
  });
});

describe('a change of the policy', () => {
  it('ends a session with a forward to where it may not go any more (SES-7)', async () => {
    await apply(deployAll);
    const { machine } = expectOk(await open(await workspace.person('alice', ['member'])));
    const to = { family: 'tcp', host: '127.0.0.1', port: portOf(target) } as const;
    const connection = granted(await machine.dial({ kind: 'dial', to }));
    connection.on('error', () => undefined);
    await apply(
      `${deployAll} @id("not-there") forbid(principal, action == Sally::Action::"dial", resource) when { context has destination && context.destination == "127.0.0.1:${to.port}" };`,
    );
    expect(await machine.ended).toMatchObject({ code: 'POLICY_DENIED', rule: 'not-there' });
  });

  it('leaves a session alone that has nothing open where it may not go (SES-7)', async () => {
    await apply(deployAll);
    const { machine } = expectOk(await open(await workspace.person('alice', ['member'])));
    await apply(
      `${deployAll} @id("not-there") forbid(principal, action == Sally::Action::"dial", resource) when { context has destination };`,
    );
    expect(sessions.live()).toHaveLength(1);
    const to = { family: 'tcp', host: '127.0.0.1', port: portOf(target) } as const;
    expect(await machine.dial({ kind: 'dial', to })).toMatchObject({ ok: false, error: { rule: 'not-there' } });
  });
});

describe('time', () => {
  it('ends a session that a rule allows until then (SES-7, POL-2)', async () => {
    const until = new Date(workspace.clock.now() + 600_000).toISOString();
    await apply(
      `@id("until") permit(principal, action, resource) when { context has now && context.now < datetime("${until}") }; @id("owners") permit(principal in Sally::Role::"owner", action, resource);`,
    );
    const { machine } = expectOk(await open(await workspace.person('alice', ['member'])));
    await workspace.clock.advance(590_000);
    expect(sessions.live()).toHaveLength(1);
    await workspace.clock.advance(70_000);
    expect(await machine.ended).toMatchObject({ code: 'POLICY_DENIED' });
  });
});
