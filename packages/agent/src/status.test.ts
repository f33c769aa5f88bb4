// What `sally agent status` reads: of an agent that runs, that ran, that crashed, or whose file is spoilt.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock as clock } from '@sallyport/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentStatus } from './status.ts';
import { isRunning, startTicksOf } from './status-file.ts';
import { AgentUnderTest } from './testing/agent-under-test.ts';
import { GatewayStandIn } from './testing/gateway-stand-in.ts';

let gateway: GatewayStandIn;
let agent: AgentUnderTest;
beforeEach(async () => {
  gateway = await GatewayStandIn.start(clock);
  agent = await new AgentUnderTest(clock).join(gateway);
});
afterEach(async () => {
  await agent.stop();
  await gateway.vanish();
});

describe('the status', () => {
  it('of an agent that never ran names its server and no run (CON-6)', async () => {
    expect(await agent.status()).toMatchObject({
      identity: { name: 'web-1', workspace: 'test', gateway: gateway.url, trust: 'workspace-ca' },
      ...{ isRunning: false, last: undefined },
    });
  });

  it('of a running agent tells what was negotiated, since when, and what it serves (CON-6)', async () => {
    void agent.run();
    const status = await agent.in('connected');
    expect(status).toMatchObject({ isRunning: true, last: { pid: process.pid, sessions: 0, version: '0.1.0' } });
    const link = status.last?.link;
    expect(link?.state === 'connected' ? link.transport : '').toMatch(/^WSS, TLSv1\.3, TLS_/);
    expect(status.last?.since).toBeLessThanOrEqual(clock.now());
  });

  it('of an agent that crashed does not take another process of its number for it (CON-6)', async () => {
    void agent.run();
    const { last } = await agent.in('connected');
    agent.abort();
    await agent.finished;
    writeFileSync(join(agent.folder.path, 'status.json'), JSON.stringify({ ...last, pidStartedAtTicks: '1' }));
    expect((await agent.status()).isRunning).toBe(false);
  });

  it.each([
    ['cut', '{"pid":'],
    ['of another form', '{"pid":"1"}'],
    ['empty', ''],
  ])('file that is %s counts as none (CON-6)', async (_, text) => {
    writeFileSync(join(agent.folder.path, 'status.json'), text, { mode: 0o600 });
    expect((await agent.status()).last).toBeUndefined();
  });

  it('is refused when the identity is spoilt or open to others, with the mend (CON-2, CON-6)', async () => {
    const identity = join(agent.folder.path, 'agent.json');
    chmodSync(identity, 0o640);
    expect(await agentStatus(agent.folder)).toMatchObject({
      error: { code: 'STATE_UNSAFE', hint: expect.stringContaining('chmod 0600') },
    });
    chmodSync(identity, 0o600);
    writeFileSync(identity, '{}');
    expect(await agentStatus(agent.folder)).toMatchObject({
      error: { code: 'STATE_BROKEN', hint: expect.stringContaining('--force') },
    });
  });
});

it('a process is known by its number and its start (CON-6)', async () => {
  const pidStartedAtTicks = (await startTicksOf(process.pid)) ?? '';
  expect(pidStartedAtTicks).toMatch(/^\d+$/);
  expect(await isRunning({ pid: process.pid, pidStartedAtTicks })).toBe(true);
  expect(await isRunning({ pid: process.pid, pidStartedAtTicks: '1' })).toBe(false);
  expect(await startTicksOf(4_194_305)).toBeUndefined();
});
