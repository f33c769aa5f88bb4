// The agent as a real process on this host: it listens on nothing, serves a real login, survives its gateway, and stops when told.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from '@sallyport/core';
import { execRequest, granted, outcomeOf, Running, waitFor } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentWorld, diagnoseHere, joinHere, stateFolderOf, statusHere } from './program.ts';
import { AgentUnderTest, grantFor, open } from './testing/agent-under-test.ts';
import { GatewayStandIn } from './testing/gateway-stand-in.ts';

const login = userInfo().username;

let gateway: GatewayStandIn;
let agent: AgentUnderTest;
let running: Running | undefined;
beforeEach(async () => {
  gateway = await GatewayStandIn.start(clock);
  agent = await new AgentUnderTest(clock).join(gateway);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await agent.stop();
  await gateway.vanish();
});

/** `sally agent run`, the way the service starts it. */
const startIn = ({ root, folder }: AgentUnderTest): Running => {
  const sally = join(import.meta.dirname, '../../cli/src/main.ts');
  const env = { ...process.env, LC_ALL: 'C', XDG_CACHE_HOME: join(root, 'cache') };
  return new Running([process.execPath, sally, 'agent', 'run', '--state', folder.path], { env });
};

const start = (): Running => {
  running = startIn(agent);
  return running;
};

/** Sockets of the process that wait for connections or datagrams of anybody: state 0A for TCP, 07 unconnected for UDP (proc(5)). */
function listeningSockets(pid: number): readonly string[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const open = (table: string, column: number, state: string): readonly string[] =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === state && inodes.includes(fields[column] ?? ''))
      .map((fields) => `${table} ${fields[1]}`);
  const unix = readFileSync(`/proc/${pid}/net/unix`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    // Flag 00010000 is __SO_ACCEPTCON: it listens.
    .filter((fields) => fields[3] === '00010000' && inodes.includes(fields[6] ?? ''))
    .map((fields) => `unix ${fields[7] ?? ''}`);
  return [
    ...['tcp', 'tcp6'].flatMap((table) => open(table, 9, '0A')),
    ...['udp', 'udp6'].flatMap((table) => open(table, 9, '07')),
    ...unix,
  ];
}

describe('the agent as a process', () => {
  it('serves this host under a grant and has no listening socket, before, during and after (CON-1, SES-1)', async () => {
    const { pid } = start();
    const arrival = await gateway.arrival();
    expect(listeningSockets(pid)).toEqual([]);
    const session = granted(await open(arrival, grantFor(gateway, arrival, clock.now(), { login })));
    const command = granted(await session.machine.exec(execRequest('echo sally-$((6*7)); id -un; exit 7')));
    command.stdin.end();
    const outcome = await outcomeOf(command);
    expect(outcome.stdout.toString()).toBe(`sally-42\n${login}\n`);
    expect(outcome.exit).toEqual({ how: 'exited', status: 7 });
    expect(listeningSockets(pid)).toEqual([]);
    await session.machine.end({ code: 'SESSION_ENDED', message: 'done', rule: 'test', hint: 'none' });
    expect(listeningSockets(pid)).toEqual([]);
  });

  it('shows that the check for listening sockets finds one (CON-1)', () => {
    expect(listeningSockets(process.pid)).toContainEqual(expect.stringMatching(/^tcp /));
  });

  it('outlives its gateway, though nothing else keeps the process, and stops with status 0 (CON-3, CON-8)', async () => {
    const started = start();
    await gateway.arrival();
    await gateway.vanish();
    await waitFor(
      () => (started.output.match(/"the gateway is not reached"/g)?.length ?? 0) >= 2 || undefined,
      'two failed tries',
    );
    expect(started.hasExited).toBe(false);
    await started.stop('SIGTERM');
    expect(await started.exited).toBe(0);
    gateway = await GatewayStandIn.start(clock);
  });

  it('that has not joined says what to do and ends with status 78 (CON-6)', async () => {
    const empty = new AgentUnderTest(clock);
    const refused = startIn(empty);
    expect(await refused.exited).toBe(78);
    expect(refused.output).toContain('hint: get a token');
    await empty.stop();
  });
});

describe('the commands', () => {
  const world = (state: string): AgentWorld => ({
    ...{
      clock,
      random: randomBytes,
      uid: process.getuid?.(),
      env: {},
      homeFolder: '/nowhere',
      version: '0.1.0',
      stateFolder: state,
    },
    ...{ runtimePath: process.execPath, pid: process.pid },
  });

  it('join, tell and examine this host as it is (CON-2, CON-6)', async () => {
    const other = new AgentUnderTest(clock);
    const here = world(other.folder.path);
    const request = { url: gateway.url, token: gateway.token(), name: 'this-host', labels: {}, force: false };
    expect(await joinHere(here, request)).toMatchObject({ ok: true, value: { name: 'this-host' } });
    expect(await statusHere(here)).toMatchObject({
      ok: true,
      value: { isRunning: false, identity: { name: 'this-host' } },
    });
    const steps = await diagnoseHere(here, {});
    expect(steps.find(({ name }) => name === 'certificate')?.state).toBe('ok');
    expect(steps.find(({ name }) => name === 'host')?.found).toMatch(/\w+: \w+/);
    await other.stop();
  });

  it.each([
    [0, {}, undefined, '/var/lib/sallyport-agent'],
    [1000, {}, undefined, '/home/ada/.local/state/sallyport-agent'],
    [1000, { XDG_STATE_HOME: '/state' }, undefined, '/state/sallyport-agent'],
    [1000, { XDG_STATE_HOME: 'relative' }, undefined, '/home/ada/.local/state/sallyport-agent'],
    [0, { XDG_STATE_HOME: '/state' }, '/elsewhere', '/elsewhere'],
  ])('of the user %i with %j keep their state in the right place (CON-2)', (uid, env, stateFolder, path) => {
    expect(stateFolderOf({ uid, env, homeFolder: '/home/ada', stateFolder, random: randomBytes }).path).toBe(path);
  });
});
