// The doctor against real sockets: each kind of trouble is named at its own step, with a mend, and nothing after it is tried.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { systemClock as clock } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { freePort } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DoctorOptions, type DoctorStep, diagnose, type StepName } from './doctor.ts';
import { AgentUnderTest } from './testing/agent-under-test.ts';
import { GatewayStandIn } from './testing/gateway-stand-in.ts';

const hourMs = 3_600_000;
const hostStep: DoctorStep = { name: 'host', state: 'ok', found: 'root' };

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

const look = (changed: Partial<DoctorOptions> = {}): Promise<readonly DoctorStep[]> =>
  diagnose({
    ...{
      folder: agent.folder,
      env: {},
      clock,
      random: randomBytes,
      version: '0.1.0',
      timeoutMs: 2000,
      clockToleranceMs: 10_000,
    },
    lookAtHost: () => Promise.resolve(hostStep),
    ...changed,
  });
const stepOf = (steps: readonly DoctorStep[], name: StepName): DoctorStep | undefined =>
  steps.find((step) => step.name === name);
const statesOf = (steps: readonly DoctorStep[]): string =>
  steps.map(({ name, state }) => `${name} ${state}`).join(', ');

describe('the doctor', () => {
  it('finds nothing wrong where nothing is, each step in its place (CON-6)', async () => {
    const steps = await look();
    expect(statesOf(steps)).toBe(
      'dns ok, tcp ok, proxy ok, tls ok, clock ok, certificate ok, policy not tried, host ok',
    );
    expect(stepOf(steps, 'tls')?.found).toMatch(/TLSv1\.3, TLS_.*workspace CA/);
    expect(stepOf(steps, 'certificate')?.found).toMatch(/web-1 \(srv_.*valid for 24 h/);
  });

  it('leaves the tunnel of a running agent alone (CON-6, CON-8)', async () => {
    void agent.run();
    const { mux } = await gateway.arrival();
    expect(stepOf(await look(), 'certificate')?.state).toBe('ok');
    expect(gateway.arrivals).toHaveLength(1);
    expect(await Promise.race([mux.closed, 'open'])).toBe('open');
  });

  it('says that a proxy is set and not used, without its password (CON-6)', async () => {
    const step = stepOf(await look({ env: { HTTPS_PROXY: 'http://ada:secret@proxy:3128' } }), 'proxy');
    expect(step).toMatchObject({ state: 'warning', found: expect.stringContaining('HTTPS_PROXY') });
    expect(JSON.stringify(step)).not.toContain('secret');
  });

  it.each<[string, StepName, string, () => Promise<Partial<DoctorOptions>>]>([
    ['a name that does not exist', 'dns', 'spelling', async () => ({ url: `https://${'x'.repeat(64)}.invalid` })],
    ['a port where nothing listens', 'tcp', 'port', async () => ({ url: `https://127.0.0.1:${await freePort()}` })],
  ])('names %s and stops there (CON-6)', async (_, broken, mend, changed) => {
    const steps = await look(await changed());
    expect(stepOf(steps, broken)).toMatchObject({ state: 'failed', mend: expect.stringContaining(mend) });
    expect(stepOf(steps, 'tls')).toMatchObject({ state: 'not tried', found: `needs ${broken}` });
    expect(stepOf(steps, 'certificate')?.state).toBe('not tried');
    expect(stepOf(steps, 'host')).toEqual(hostStep);
  });

  it('names something that speaks no TLS (CON-6)', async () => {
    const plain = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const address = plain.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const steps = await look({ url: `https://127.0.0.1:${port}` });
    expect(statesOf(steps)).toContain('tcp ok, proxy ok, tls failed, clock not tried');
    plain.close();
  });

  it('names a gateway that has another CA than the one joined, as a proxy that inspects TLS does (CON-6)', async () => {
    const { port } = gateway;
    await gateway.vanish();
    gateway = await GatewayStandIn.start(clock, { port });
    const steps = await look();
    expect(stepOf(steps, 'tls')).toMatchObject({ state: 'failed', mend: expect.stringContaining('inspect TLS') });
    expect(gateway.requests).toEqual([]);
  });

  it.each([
    [3, '3 h behind'],
    [-3, '3 h ahead of'],
  ])('names a clock that is %i hours apart and the command that sets it (CON-6)', async (hours, words) => {
    gateway.skewMs = hours * hourMs;
    const step = stepOf(await look(), 'clock');
    expect(step).toMatchObject({
      state: 'failed',
      found: expect.stringContaining(words),
      mend: expect.stringContaining('timedatectl'),
    });
  });

  it.each<[string, Refusal['code'], DoctorStep['state']]>([
    ['a revoked server', 'SERVER_REVOKED', 'failed'],
    ['an unknown certificate', 'CERTIFICATE_INVALID', 'failed'],
    ['a certificate that has run out', 'CERTIFICATE_EXPIRED', 'warning'],
  ])('names %s (CON-2, CON-6)', async (_, code, state) => {
    gateway.refusals.set('/v1/tunnel', { code, message: `said ${code}`, rule: 'r', hint: `mend ${code}` });
    expect(stepOf(await look(), 'certificate')).toMatchObject({ state, mend: expect.any(String) });
  });

  it('names a state folder that others can read before anything is sent (CON-2, CON-6)', async () => {
    const { chmodSync } = await import('node:fs');
    chmodSync(agent.folder.path, 0o755);
    const before = gateway.connections;
    const step = stepOf(await look(), 'certificate');
    expect(step).toMatchObject({ state: 'failed', mend: expect.stringContaining('chmod 0700') });
    expect(gateway.connections).toBe(before);
  });
});

describe('the doctor before joining', () => {
  it('checks the gateway against what the token pins (CON-2, CON-6)', async () => {
    const stranger = new AgentUnderTest(clock);
    const target = { folder: stranger.folder, url: gateway.url };
    gateway.requests.length = 0;
    expect(statesOf(await look({ ...target, token: gateway.token() }))).toContain(
      'tls ok, clock ok, certificate not tried',
    );
    expect(stepOf(await look({ ...target, token: gateway.token('ab'.repeat(32)) }), 'tls')?.state).toBe('failed');
    expect(stepOf(await look(target), 'tls')).toMatchObject({
      state: 'warning',
      mend: expect.stringContaining('token'),
    });
    expect(JSON.stringify(gateway.requests)).not.toContain(gateway.secret);
    await stranger.stop();
  });

  it('without an address says that nothing is joined (CON-6)', async () => {
    const stranger = new AgentUnderTest(clock);
    const steps = await look({ folder: stranger.folder });
    expect(stepOf(steps, 'certificate')).toMatchObject({
      state: 'failed',
      mend: expect.stringContaining('agent join'),
    });
    expect(stepOf(steps, 'dns')?.state).toBe('not tried');
    await stranger.stop();
  });
});
