// The running agent against a real TLS peer on loopback: sessions under grants, refusals told twice, loss and return of the gateway.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { systemClock as clock, newId } from '@sallyport/core';
import type { GrantClaims, Refusal } from '@sallyport/protocol';
import { execRequest, granted, outcomeOf, waitFor } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentUnderTest, grantFor, open } from './testing/agent-under-test.ts';
import { GatewayStandIn } from './testing/gateway-stand-in.ts';

const hourMs = 3_600_000;
const revoked: Refusal = {
  code: 'SERVER_REVOKED',
  message: 'this server was revoked',
  rule: 'revoked',
  hint: 'join again',
};

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

const connected = () => {
  void agent.run();
  return gateway.arrival();
};

describe('a session under a grant', () => {
  it('runs a real command and gives its output and status (SES-1, CON-1)', async () => {
    const arrival = await connected();
    const session = granted(await open(arrival, grantFor(gateway, arrival, clock.now())));
    const process = granted(await session.machine.exec(execRequest('echo sally-$((6*7)); exit 7')));
    process.stdin.end();
    expect(await outcomeOf(process)).toMatchObject({
      stdout: Buffer.from('sally-42\n'),
      exit: { how: 'exited', status: 7 },
    });
    expect((await agent.in('connected')).last?.sessions).toBe(1);
    await session.machine.end(revoked);
    await waitFor(async () => ((await agent.status()).last?.sessions === 0 ? true : undefined), 'the session to end');
  });

  it('has its powers and no other, by the agent (SES-1)', async () => {
    const arrival = await connected();
    const session = granted(await open(arrival, grantFor(gateway, arrival, clock.now(), { powers: ['shell'] })));
    expect(await session.machine.exec(execRequest('id'))).toMatchObject({
      ok: false,
      error: { code: 'POWER_MISSING' },
    });
    expect(await session.machine.sftp({ kind: 'sftp' })).toMatchObject({ ok: false, error: { code: 'POWER_MISSING' } });
  });

  it('is ended by the agent at its end, whatever the gateway does (SES-1)', async () => {
    const arrival = await connected();
    const session = granted(
      await open(arrival, grantFor(gateway, arrival, clock.now(), { endsAt: clock.now() + 300 })),
    );
    expect(await session.machine.ended).toMatchObject({ code: 'SESSION_ENDED', rule: 'grant.endsAt' });
    expect(await agent.machines[0]?.ended).toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('cannot begin twice on one tunnel, even under two grants (SES-1)', async () => {
    const arrival = await connected();
    const session = newId('session', randomBytes);
    const grants = [1, 2].map(() => grantFor(gateway, arrival, clock.now(), { session }));
    const opened = await Promise.all(grants.map((grant) => open(arrival, grant)));
    expect(opened.filter(({ ok }) => ok)).toHaveLength(1);
    expect(opened).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ code: 'PROTOCOL_ERROR' }) }),
    );
    expect(agent.machines).toHaveLength(1);
  });

  it('for a login that is not there is refused and leaves nothing (SES-1)', async () => {
    const arrival = await connected();
    const refused = await open(arrival, grantFor(gateway, arrival, clock.now(), { login: 'nobody-here' }));
    expect(refused).toMatchObject({ ok: false, error: { code: 'LOGIN_UNKNOWN' } });
    expect((await agent.said('a session could not begin'))['code']).toBe('LOGIN_UNKNOWN');
  });
});

describe('a refused grant', () => {
  const now = (): number => clock.now();
  it.each<[string, () => Partial<GrantClaims>]>([
    ['GRANT_WRONG_SERVER', () => ({ server: newId('server', randomBytes) })],
    ['GRANT_WRONG_LINK', () => ({ link: newId('link', randomBytes) })],
    ['GRANT_EXPIRED', () => ({ issuedAt: now() - hourMs, startBy: now() - hourMs })],
    ['GRANT_NOT_YET_VALID', () => ({ issuedAt: now() + hourMs, startBy: now() + 2 * hourMs })],
  ])('%s is told to the asker, in the agent’s own log and to the gateway (CON-2, SES-1)', async (code, changed) => {
    const arrival = await connected();
    expect(await open(arrival, grantFor(gateway, arrival, clock.now(), changed()))).toMatchObject({
      ok: false,
      error: { code },
    });
    expect(await agent.said('a grant was refused')).toMatchObject({
      level: 'warning',
      code,
      reason: expect.any(String),
    });
    await gateway.until(() => gateway.reports.length > 0);
    expect(gateway.reports).toMatchObject([{ code, grant: expect.stringContaining('gnt_') }]);
    expect(agent.machines).toEqual([]);
  });

  it('that is forged or replayed is refused with its reason, and only the first use runs (CON-2, SES-1)', async () => {
    const arrival = await connected();
    const grant = grantFor(gateway, arrival, clock.now());
    expect((await open(arrival, grant)).ok).toBe(true);
    expect(await open(arrival, grant)).toMatchObject({ error: { code: 'GRANT_REPLAYED' } });
    const forger = Object.assign(Object.create(gateway), { grantKey: generateKeyPairSync('ed25519') });
    expect(await open(arrival, grantFor(forger, arrival, clock.now()))).toMatchObject({
      error: { code: 'GRANT_FORGED' },
    });
    await gateway.until(() => gateway.reports.length === 2);
    expect(gateway.reports.map(({ code }) => code)).toEqual(['GRANT_REPLAYED', 'GRANT_FORGED']);
    expect(agent.machines).toHaveLength(1);
  });
});

describe('the certificate', () => {
  it('is renewed over the tunnel when two thirds of its life are over, and kept on disk (CON-2)', async () => {
    const overdue = { notBefore: clock.now() - 20 * hourMs, notAfter: clock.now() + 4 * hourMs };
    const good = gateway.validity;
    gateway.validity = () => overdue;
    await agent.stop();
    agent = await new AgentUnderTest(clock).join(gateway);
    gateway.validity = good;
    const before = agent.identityText;
    await connected();
    await agent.said('the certificate is renewed');
    await waitFor(() => (agent.identityText === before ? undefined : true), 'the new certificate on disk');
    expect(gateway.requests.map(({ path }) => path)).not.toContain('/v1/servers/renew');
    expect((await agent.status()).identity.certificateExpiresAt).toBeGreaterThan(clock.now() + 20 * hourMs);
  });

  it('that ran out while the gateway was away is renewed by its key before the tunnel (CON-2)', async () => {
    const good = gateway.validity;
    gateway.validity = () => ({ notBefore: clock.now() - 48 * hourMs, notAfter: clock.now() - 24 * hourMs });
    await agent.stop();
    agent = await new AgentUnderTest(clock).join(gateway);
    gateway.validity = good;
    await connected();
    expect(gateway.requests.map(({ path }) => path).slice(-2)).toEqual(['/v1/servers/renew', '/v1/tunnel']);
  });

  it('of a revoked server: says so, waits a minute or more, and keeps running (CON-2, CON-8)', async () => {
    gateway.refusals.set('/v1/tunnel', revoked);
    const finished = agent.run();
    const { last } = await agent.in('revoked');
    expect(last?.link).toMatchObject({ nextAttemptAt: expect.any(Number) });
    const waitMs = last?.link.state === 'revoked' ? last.link.nextAttemptAt - last.since : 0;
    expect(waitMs).toBeGreaterThanOrEqual(60_000);
    expect(last?.lastFailure).toMatchObject({ code: 'SERVER_REVOKED', hint: 'join again' });
    expect(await Promise.race([finished, 'still running'])).toBe('still running');
    agent.abort();
    expect(await finished).toEqual({ ok: true, value: undefined });
  });
});

describe('when the gateway is lost', () => {
  it('the sessions end, the agent retries with growing, jittered gaps and comes back by itself (CON-3, CON-8)', async () => {
    const arrival = await connected();
    granted(await open(arrival, grantFor(gateway, arrival, clock.now())));
    const { port, ca } = gateway;
    await gateway.vanish();
    expect(await agent.machines[0]?.ended).toBeDefined();
    const gaps = (): number[] =>
      agent.lines.map((line) => Number(line['retryInMs'])).filter((gap) => !Number.isNaN(gap));
    await waitFor(() => (gaps().length >= 3 ? true : undefined), 'three retries');
    expect(gaps().every((gap, attempt) => gap <= 500 * 2 ** attempt)).toBe(true);
    expect(new Set(gaps()).size).toBeGreaterThan(1);
    expect((await agent.in('retrying')).last?.lastFailure?.message).toBeTruthy();
    gateway = await GatewayStandIn.start(clock, { port, ca });
    expect((await gateway.arrival()).link).not.toBe(arrival.link);
    await agent.in('connected');
  });

  it('or takes the agent for another server, no session is served and the tunnel is closed (CON-2)', async () => {
    gateway.mistakenFor = newId('server', randomBytes);
    const arrival = await connected();
    await arrival.mux.closed;
    expect(await agent.said('the gateway refused the hello')).toMatchObject({ code: 'GATEWAY_ANSWER' });
  });

  it('a clock that is apart is told in words with the mend (CON-6)', async () => {
    gateway.skewMs = 3 * hourMs;
    await connected();
    await agent.in('connected');
    const warning = agent.lines.find((line) => String(line['msg']).includes('3 h behind'));
    expect(warning).toMatchObject({ level: 'warning', mend: expect.stringContaining('timedatectl') });
    expect((await agent.status()).last?.clockSkewMs).toBeGreaterThan(2 * hourMs);
  });
});

describe('the agent as a process', () => {
  it('told to stop tells its sessions, ends them and is done (CON-8)', async () => {
    const arrival = await connected();
    const session = granted(await open(arrival, grantFor(gateway, arrival, clock.now())));
    const process = granted(await session.machine.exec(execRequest('sleep 600')));
    agent.abort();
    expect(await agent.finished).toEqual({ ok: true, value: undefined });
    expect(await session.machine.ended).toMatchObject({ code: 'STOPPING' });
    expect(await process.exit).toMatchObject({ how: 'signalled' });
    const status = await agent.status();
    expect(status.last).toMatchObject({ link: { state: 'stopped' }, sessions: 0 });
  });

  it('does not start twice on one state folder (CON-6)', async () => {
    await connected();
    await agent.in('connected');
    expect(await agent.run(process.ppid)).toMatchObject({ ok: false, error: { code: 'ALREADY_RUNNING' } });
  });

  it('does not start where nothing was joined (CON-6)', async () => {
    const stranger = new AgentUnderTest(clock);
    expect(await stranger.run()).toMatchObject({
      ok: false,
      error: { code: 'NOT_JOINED', hint: expect.stringContaining('agent join') },
    });
    await stranger.stop();
  });

  it('puts no secret into its log or its status (CON-2)', async () => {
    const arrival = await connected();
    const grant = grantFor(gateway, arrival, clock.now());
    granted(await open(arrival, grant));
    await open(arrival, grant);
    const told = JSON.stringify([agent.lines, await agent.status()]);
    for (const secret of [gateway.secret, grant, 'PRIVATE KEY', 'BEGIN CERTIFICATE'])
      expect(told).not.toContain(secret);
  });
});
