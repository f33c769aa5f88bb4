// The gate: default deny, every refusal with its rule and in the log, and no way to an AuthorizedSession but through it.

import { expectOk, newId, ok } from '@sallyport/core';
import { starterPolicy } from '@sallyport/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestWorkspace, testWorkspace, workspace as workspaceName } from '../../testing/workspace.ts';
import { type AuthorizedSession, createGate, type Gate } from './index.ts';

let workspace: TestWorkspace;
let gate: Gate;

beforeEach(async () => {
  workspace = await testWorkspace();
  gate = gateOf(workspace);
});
afterEach(() => workspace.close());

function gateOf({ store, policy, journal, clock, random }: TestWorkspace): Gate {
  return createGate({
    servers: store,
    policy,
    journal,
    clock,
    random,
    workspace: workspaceName,
    maxDurationMs: 3_600_000,
  });
}

async function apply(text: string): Promise<void> {
  const author = await workspace.person(`author-${workspace.policy.current().version}`, ['owner']);
  expectOk(await workspace.policy.apply(author, text, 'for the test'));
}

const deploy =
  '@id("deploy") permit(principal, action in [Sally::Action::"exec"], resource) when { context.login == "deploy" };';

describe('the gate', () => {
  it('opens for what a rule allows, with just the powers it allows (POL-1, SES-1)', async () => {
    await apply(deploy);
    const server = await workspace.server('web-1');
    const caller = await workspace.person('alice', ['member']);
    const session = expectOk(await gate.open({ caller, server: 'web-1', login: 'deploy', door: 'ssh' }));
    expect(session).toMatchObject({ server, login: 'deploy', powers: ['exec'], rules: ['deploy'] });
    expect(session.endsAt - session.startedAt).toBe(3_600_000);
  });

  it('has written the record when it opens (AUD-1)', async () => {
    const caller = await workspace.person('owen', ['owner']);
    await workspace.server('web-1');
    const session = expectOk(await gate.open({ caller, server: 'web-1', login: 'root', door: 'client' }));
    const event = (await workspace.events()).find((each) => each.class === 'session.opened');
    expect(event).toMatchObject({
      session: session.id,
      actor: { id: caller.person.id, name: 'owen' },
      device: caller.device.id,
      address: '192.0.2.7',
      decision: 'allow',
      rules: ['owners-everything'],
      details: { login: 'root', door: 'client' },
    });
  });

  it('denies by default, names that rule, and logs it (POL-1)', async () => {
    await workspace.server('web-1');
    const caller = await workspace.person('mallory', ['member']);
    const opened = await gate.open({ caller, server: 'web-1', login: 'root', door: 'ssh' });
    expect(opened).toMatchObject({
      ok: false,
      error: { code: 'POLICY_DENIED', rule: 'default-deny', message: 'you may not be root on web-1' },
    });
    expect((await workspace.events()).at(-1)).toMatchObject({
      class: 'session.refused',
      decision: 'deny',
      rules: ['default-deny'],
      actor: { name: 'mallory' },
    });
  });

  it('names the forbid that decided (POL-1)', async () => {
    await apply(
      `${deploy} @id("no-deploys-on-db") forbid(principal, action, resource) when { resource.hasTag("role") && resource.getTag("role") == "db" };`,
    );
    await workspace.server('db-1', { role: 'db' });
    const opened = await gate.open({
      caller: await workspace.person('alice', ['member']),
      server: 'db-1',
      login: 'deploy',
      door: 'ssh',
    });
    expect(opened).toMatchObject({ ok: false, error: { code: 'POLICY_DENIED', rule: 'no-deploys-on-db' } });
  });

  it('logs and names a refusal by many forbids with long names (POL-1, AUD-6)', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `a-rule-with-a-name-of-some-length-${n}`);
    await apply(`${deploy} ${names.map((id) => `@id("${id}") forbid(principal, action, resource);`).join('\n')}`);
    await workspace.server('web-1');
    const caller = await workspace.person('alice', ['member']);
    const opened = await gate.open({ caller, server: 'web-1', login: 'deploy', door: 'ssh' });
    expect(opened).toMatchObject({ ok: false, error: { code: 'POLICY_DENIED' } });
    const event = (await workspace.events()).at(-1);
    expect(event).toMatchObject({ class: 'session.refused', decision: 'deny' });
    for (const name of names) expect(event?.details?.['why']).toContain(name);
  });

  it('does not tell who may not list servers which of them exist (POL-1)', async () => {
    await apply('@id("auditors-only") permit(principal in Sally::Role::"auditor", action, resource);');
    await workspace.server('web-1');
    const caller = await workspace.person('mallory', ['member']);
    const [known, unknown] = [
      await gate.open({ caller, server: 'web-1', login: 'root', door: 'ssh' }),
      await gate.open({ caller, server: 'web-2', login: 'root', door: 'ssh' }),
    ];
    expect(known).toMatchObject({ ok: false, error: { code: 'POLICY_DENIED' } });
    expect(unknown).toMatchObject({
      ok: false,
      error: { code: 'POLICY_DENIED', message: 'you may not be root on web-2' },
    });
    const owner = await workspace.person('ada', ['auditor']);
    expect(await gate.open({ caller: owner, server: 'web-2', login: 'root', door: 'ssh' })).toMatchObject({
      ok: false,
      error: { code: 'SERVER_UNKNOWN' },
    });
  });

  it('opens nothing that the log cannot keep (AUD-6)', async () => {
    await workspace.server('web-1');
    const caller = await workspace.person('owen', ['owner']);
    await workspace.log.close();
    const opened = await gate.open({ caller, server: 'web-1', login: 'root', door: 'ssh' });
    expect(opened).toMatchObject({ ok: false, error: { code: 'AUDIT_UNAVAILABLE', rule: 'AUD-6' } });
  });

  it('opens nothing when the database does not answer (POL-1)', async () => {
    const caller = await workspace.person('owen', ['owner']);
    const broken = createGate({
      servers: { serverByName: () => Promise.reject(new Error('disk I/O error')) },
      policy: workspace.policy,
      journal: workspace.journal,
      clock: workspace.clock,
      random: workspace.random,
      workspace: workspaceName,
      maxDurationMs: 1000,
    });
    const opened = await broken.open({ caller, server: 'web-1', login: 'root', door: 'ssh' });
    expect(opened).toMatchObject({ ok: false, error: { code: 'STORE_UNAVAILABLE' } });
    expect(JSON.stringify(opened)).toContain('disk I/O error');
    expect((await workspace.events()).at(-1)).toMatchObject({ class: 'session.refused', decision: 'deny' });
  });

  it('gives no power for a permit of one destination: it forbids destinations instead, as the starter policy says (POL-1)', async () => {
    const only = 'context has destination && context.destination == "127.0.0.1:5432"';
    await apply(`@id("only") permit(principal, action == Sally::Action::"dial", resource) when { ${only} };`);
    await workspace.server('web-1');
    const caller = await workspace.person('alice', ['member']);
    const question = { caller, server: 'web-1', login: 'deploy', door: 'ssh' } as const;
    expect(await gate.open(question)).toMatchObject({ ok: false, error: { code: 'POLICY_DENIED' } });
    const [, example] = /(@id\("only-the-database"\).*\n.*;)/.exec(starterPolicy.replaceAll('\n//', '\n')) ?? [];
    await apply(`@id("all") permit(principal, action, resource); ${example}`);
    const session = expectOk(await gate.open(question));
    expect(gate.decidePower(session, 'dial', '127.0.0.1:5432').verdict).toBe('allow');
    expect(gate.decidePower(session, 'dial', '127.0.0.1:22')).toMatchObject({ rules: ['only-the-database'] });
  });

  it('decides each power again with the policy as it is now (SES-7)', async () => {
    await apply(deploy);
    await workspace.server('web-1');
    const caller = await workspace.person('alice', ['member']);
    const session = expectOk(await gate.open({ caller, server: 'web-1', login: 'deploy', door: 'ssh' }));
    expect(gate.decidePower(session, 'exec').verdict).toBe('allow');
    await apply(
      '@id("nothing") forbid(principal, action, resource) when { context has login }; @id("owners") permit(principal in Sally::Role::"owner", action, resource);',
    );
    expect(gate.decidePower(session, 'exec')).toMatchObject({ verdict: 'deny', rules: ['nothing'] });
  });

  it('is the only maker of an authorized session: one written by hand does not compile (SES-1)', () => {
    const facts = {
      id: newId('session', workspace.random),
      login: 'root',
      powers: ['shell'],
      rules: [],
      endsAt: 0,
      startedAt: 0,
    } as const;
    // @ts-expect-error the class is the gate's own: an object of the same shape is not one
    const forged: AuthorizedSession = { ...facts, caller: undefined, server: undefined, door: 'ssh' };
    expect(ok(forged).ok).toBe(true);
  });
});
