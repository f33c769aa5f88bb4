// Joining a gateway over real TLS on loopback: what is trusted, what is sent, what is kept.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base32, newId, systemClock } from '@sallyport/core';
import { formatJoinToken, type HostFacts, type Refusal } from '@sallyport/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadIdentity } from './identity.ts';
import { type JoinOptions, joinGateway, nameOfHost } from './join.ts';
import { makeCa } from './testing/certificates.ts';
import { GatewayStandIn } from './testing/gateway-stand-in.ts';

const facts: HostFacts = {
  ...{ hostname: 'Web-1.example', os: 'Debian', kernel: '6.1', arch: 'x64', agentVersion: '0.1.0' },
  ...{ isRoot: false, ownLogin: 'deploy', labels: { env: 'test' } },
};
const hourMs = 3_600_000;

let root = '';
let gateway: GatewayStandIn;
let options: JoinOptions;
const started: GatewayStandIn[] = [];
const start = async (how?: Parameters<typeof GatewayStandIn.start>[1]): Promise<GatewayStandIn> => {
  const one = await GatewayStandIn.start(systemClock, how);
  started.push(one);
  return one;
};

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-join-'));
  const folder = { path: join(root, 'agent'), uid: process.getuid?.() ?? 0, random: randomBytes };
  options = { folder, name: undefined, facts, force: false, clock: systemClock, timeoutMs: 5000 };
  gateway = await start();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.vanish()));
  rmSync(root, { recursive: true, force: true });
});

const filesOf = (): string[] => (readdirSync(root).includes('agent') ? readdirSync(join(root, 'agent')) : []);

describe('joining', () => {
  it('makes the key here, proves it, and keeps an identity that loads again (CON-2)', async () => {
    const joined = await joinGateway(gateway.url, gateway.token(), options);
    expect(joined).toMatchObject({ ok: true, value: { name: 'web-1', workspace: 'test', trust: 'workspace-ca' } });
    const loaded = await loadIdentity(options.folder);
    expect(loaded).toMatchObject({ ok: true, value: { name: 'web-1', labels: { env: 'test' } } });
    expect(
      filesOf().map((name) => [name.replace(/-[0-9a-f]{16}/, '-N'), statSync(join(root, 'agent', name)).mode & 0o777]),
    ).toEqual([
      ['agent-key-N.pem', 0o600],
      ['agent.json', 0o600],
    ]);
  });

  it('never sends or copies the private key, and keeps no token (CON-2)', async () => {
    await joinGateway(gateway.url, gateway.token(), options);
    const key = filesOf().find((name) => name.startsWith('agent-key-')) ?? '';
    const secretPart = readFileSync(join(root, 'agent', key), 'utf8').split('\n')[1] ?? 'none';
    expect(JSON.stringify(gateway.requests)).not.toContain(secretPart);
    const identity = readFileSync(join(root, 'agent', 'agent.json'), 'utf8');
    expect(identity).not.toContain(secretPart);
    expect(identity).not.toContain(gateway.secret);
  });

  it('twice is refused with the way out, and with --force gives a new key and removes the old one (CON-2)', async () => {
    await joinGateway(gateway.url, gateway.token(), options);
    const before = filesOf();
    const again = await joinGateway(gateway.url, gateway.token(), options);
    expect(again).toMatchObject({
      ok: false,
      error: { code: 'ALREADY_JOINED', hint: expect.stringContaining('--force') },
    });
    expect(filesOf()).toEqual(before);
    const forced = await joinGateway(gateway.url, gateway.token(), { ...options, force: true });
    expect(forced.ok).toBe(true);
    expect(filesOf()).toHaveLength(2);
    expect(filesOf()).not.toEqual(before);
  });
});

const refusal = (code: Refusal['code']): Refusal => ({
  code,
  message: `said ${code}`,
  rule: 'join token',
  hint: `mend ${code}`,
});

describe('a refused join', () => {
  it.each([
    'TOKEN_INVALID',
    'TOKEN_EXPIRED',
    'TOKEN_USED_UP',
    'TOKEN_REVOKED',
    'LABEL_NOT_ALLOWED',
    'NAME_TAKEN',
    'AUDIT_UNAVAILABLE',
  ] as const)('by the gateway shows its words and keeps nothing: %s (CON-2, CON-6)', async (code) => {
    gateway.refusals.set('/v1/servers', refusal(code));
    expect(await joinGateway(gateway.url, gateway.token(), options)).toEqual({ ok: false, error: refusal(code) });
    expect(filesOf()).toEqual([]);
  });

  const pinless = formatJoinToken({
    token: newId('token', randomBytes),
    secret: base32(randomBytes(32)),
    caFingerprint: undefined,
  });
  it.each<[string, () => Promise<[string, string]>, string, string]>([
    [
      'the gateway is another than the token pins',
      async () => [(await start()).url, gateway.token()],
      'GATEWAY_UNTRUSTED',
      'nothing was sent',
    ],
    ['the pin is missing and the CA is no public one', async () => [gateway.url, pinless], 'GATEWAY_UNTRUSTED', 'TLS'],
    [
      'the pinned gateway has another host name',
      async () => [(await start({ ca: gateway.ca, host: 'other.example' })).url, gateway.token()],
      'GATEWAY_UNTRUSTED',
      'name',
    ],
    [
      'its certificate has expired',
      async () => {
        const now = systemClock.now();
        const old = await start({ ca: gateway.ca, validity: { notBefore: now - 2 * hourMs, notAfter: now - hourMs } });
        return [old.url, gateway.token()];
      },
      'GATEWAY_UNTRUSTED',
      'clock',
    ],
    [
      'nothing listens there',
      async () => {
        const gone = await start();
        await started.splice(started.indexOf(gone), 1)[0]?.vanish();
        return [gone.url, gateway.token()];
      },
      'GATEWAY_UNREACHABLE',
      'port',
    ],
    ['the address is plain http', async () => ['http://127.0.0.1', gateway.token()], 'URL_MALFORMED', 'https'],
    ['the token is cut', async () => [gateway.url, gateway.token().slice(0, -3)], 'TOKEN_MALFORMED', 'whole'],
  ])('because %s keeps nothing and sends no token (CON-2, CON-6)', async (_, target, code, hint) => {
    const [url, token] = await target();
    const refused = await joinGateway(url, token, options);
    expect(refused).toMatchObject({ ok: false, error: { code, hint: expect.stringContaining(hint) } });
    expect(started.flatMap(({ requests }) => requests)).toEqual([]);
    expect(filesOf()).toEqual([]);
  });

  it('of a man in the middle who shows the pinned CA certificate sends no token (CON-2)', async () => {
    // The real CA's certificate is public: the impostor sends it along with a leaf of its own.
    const impostorCa = await makeCa(systemClock.now(), 'CN=Test workspace CA');
    const impostor = await start({
      ca: { ...impostorCa, certPem: gateway.ca.certPem, fingerprint: gateway.ca.fingerprint },
    });
    const refused = await joinGateway(impostor.url, gateway.token(), options);
    expect(refused).toMatchObject({ ok: false, error: { code: 'GATEWAY_UNTRUSTED' } });
    expect(impostor.connections).toBeGreaterThan(0);
    expect(impostor.requests).toEqual([]);
  });

  it('whose folder others can read is refused before the gateway is reached (CON-2)', async () => {
    await joinGateway(gateway.url, gateway.token(), options);
    const { chmodSync } = await import('node:fs');
    chmodSync(join(root, 'agent', 'agent.json'), 0o644);
    const before = gateway.connections;
    const refused = await joinGateway(gateway.url, gateway.token(), { ...options, force: true });
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'STATE_UNSAFE', hint: expect.stringContaining('chmod 0600') },
    });
    expect(gateway.connections).toBe(before);
  });
});

it.each([
  ['Web-1.example', 'web-1'],
  ['a_b', 'a-b'],
  ['-x-', 'x'],
  ['한글', 'server'],
  ['', 'server'],
  [`${'a'.repeat(62)}-b`, 'a'.repeat(62)],
])('a host named %j joins as %s (CON-2)', (hostname, name) => {
  expect(nameOfHost(hostname)).toBe(name);
});
