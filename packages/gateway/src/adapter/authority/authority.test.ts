// The certificates of the workspace: what they say, what OpenSSL and TLS make of them, and which are refused and why.
import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { promisify } from 'node:util';
import { expectOk, newId, type Random, sha256Hex, toBase64Url } from '@sallyport/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaCertificate, type GatewayAuthority, openAuthority, renewalDueAt, validityOf } from './authority.ts';
import { writeLeaf } from './certificate.ts';

const run = promisify(execFile);
const random: Random = (byteCount) => randomBytes(byteCount);
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const der = (pem: string): Buffer => new X509Certificate(pem).raw;
const hour = 3_600_000;
const now = Math.floor(Date.now() / 1000) * 1000;
const day = { notBefore: now - hour, notAfter: now + 24 * hour };
const server = newId('server', random);

type Made = { authority: GatewayAuthority; privateKey: KeyObject; publicKey: KeyObject; caPem: string };

async function makeAuthority(workspace: string, keys = pair()): Promise<Made> {
  const caPem = await createCaCertificate(
    workspace,
    keys,
    { notBefore: now - hour, notAfter: now + 3650 * 24 * hour },
    random,
  );
  return {
    authority: expectOk(openAuthority({ workspace, caPem, privateKey: keys.privateKey, random })),
    caPem,
    ...keys,
  };
}

let folder: string;
let acme: Made;
let foreign: Made;
const agent = pair();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-ca-'));
  [acme, foreign] = [await makeAuthority('acme'), await makeAuthority('acme')];
});
afterAll(() => rm(folder, { recursive: true }));

const issue = (made: Made, validity = day) =>
  made.authority.issueForServer(server, spki(agent.publicKey), validity.notBefore, validity.notAfter);

async function opensslVerify(made: Made, leaf: string, ...options: string[]): Promise<string> {
  const [ca, file] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')];
  await writeFile(ca, made.caPem);
  await writeFile(file, leaf);
  const verified = run('openssl', ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', ca, ...options, file]);
  return await verified.then(
    ({ stdout }) => stdout.trim(),
    (cause: { stderr: string }) => cause.stderr.trim(),
  );
}

describe('an agent certificate (CON-2)', () => {
  it('is what the agent shows, and nothing else of the agent', async () => {
    const read = expectOk(acme.authority.readAgentCertificate(der(await issue(acme))));
    expect(read).toMatchObject({
      server,
      notBefore: day.notBefore,
      notAfter: day.notAfter,
      publicKeyText: toBase64Url(spki(agent.publicKey)),
    });
    expect(read.publicKey.equals(agent.publicKey)).toBe(true);
  });

  it('names the server by a critical URI alone, and serves clients alone (SPIFFE X509-SVID §2)', async () => {
    const { stdout } = await run('openssl', ['x509', '-noout', '-text', '-in', await kept(await issue(acme))]);
    expect(stdout).toMatch(/Subject:\s*\n/);
    expect(stdout).toMatch(new RegExp(`Subject Alternative Name: critical\\s+URI:spiffe://acme/server/${server}\\n`));
    expect(stdout).toMatch(/Extended Key Usage:\s+TLS Web Client Authentication\n/);
    expect(stdout).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(stdout).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(stdout).toMatch(/Authority Key Identifier/);
  });

  it('is accepted by OpenSSL for clients, and refused for servers, as a CA, of another CA and out of its time', async () => {
    const leaf = await issue(acme);
    expect(await opensslVerify(acme, leaf, '-purpose', 'sslclient')).toMatch(/: OK$/);
    expect(await opensslVerify(acme, leaf, '-purpose', 'sslserver')).toMatch(/unsuitable certificate purpose/);
    expect(await opensslVerify(foreign, leaf)).toMatch(/signature failure|unable to get local issuer/);
    expect(await opensslVerify(acme, leaf, '-attime', String(day.notAfter / 1000 + 1))).toMatch(
      /certificate has expired/,
    );
    expect(await opensslVerify(acme, leaf, '-attime', String(day.notBefore / 1000 - 1))).toMatch(/not yet valid/);
  });

  it('has a serial number of its own each time, positive and short (RFC 5280 §4.1.2.2)', async () => {
    const serials = await Promise.all([issue(acme), issue(acme)]).then((leaves) =>
      leaves.map((leaf) => new X509Certificate(leaf).serialNumber),
    );
    expect(new Set(serials).size).toBe(2);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it("that has expired still says whose it is: the time is the caller's to judge", async () => {
    const past = { notBefore: now - 48 * hour, notAfter: now - 24 * hour };
    expect(expectOk(acme.authority.readAgentCertificate(der(await issue(acme, past)))).notAfter).toBe(past.notAfter);
  });

  it.each([
    ['P-384', spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)],
    ['Ed25519', spki(generateKeyPairSync('ed25519').publicKey)],
    ['RSA', spki(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)],
    ['no key', Buffer.from('30', 'hex')],
    ['no point of the curve', Buffer.concat([spki(agent.publicKey).subarray(0, -64), Buffer.alloc(64, 7)])],
    ['too long', Buffer.concat([spki(agent.publicKey), Buffer.alloc(4096)])],
  ])('is not issued for a key that is %s', async (_what, key) => {
    await expect(acme.authority.issueForServer(server, key, day.notBefore, day.notAfter)).rejects.toThrow();
  });

  it.each<[string, () => Promise<Buffer> | Buffer, string]>([
    ['another CA of the same name', async () => der(await issue(foreign)), 'not signed by the CA of this workspace'],
    [
      'the gateway itself',
      async () => der(await gatewayCertificate()),
      'not a certificate for clients (extended key usage)',
    ],
    ['the CA itself', () => der(acme.caPem), 'a CA certificate, which names no server'],
    [
      'a person',
      () => leafFor([{ type: 'url', value: `spiffe://acme/person/${server}` }]),
      'does not name one server of spiffe://acme',
    ],
    [
      'another workspace',
      () => leafFor([{ type: 'url', value: `spiffe://acme.evil/server/${server}` }]),
      'does not name one server of spiffe://acme',
    ],
    [
      'two servers',
      () =>
        leafFor([
          { type: 'url', value: `spiffe://acme/server/${server}` },
          { type: 'url', value: `spiffe://acme/server/${newId('server', random)}` },
        ]),
      'does not name one server of spiffe://acme',
    ],
    [
      'a URI that looks like two names',
      () => leafFor([{ type: 'url', value: `spiffe://acme/server/${server}, URI:x` }]),
      'does not name one server of spiffe://acme',
    ],
    [
      'a DNS name that looks like the URI',
      () => leafFor([{ type: 'dns', value: `URI:spiffe://acme/server/${server}` }]),
      'does not name one server of spiffe://acme',
    ],
    ['nobody', () => leafFor([]), 'does not name one server of spiffe://acme'],
    ['a changed certificate', async () => changed(der(await issue(acme))), 'not signed by the CA of this workspace'],
    ['a PEM text', async () => Buffer.from(await issue(acme)), 'not a certificate in DER'],
    [
      'bytes after the end',
      async () => Buffer.concat([der(await issue(acme)), Buffer.of(0)]),
      'not a certificate in DER',
    ],
    ['nothing', () => Buffer.alloc(0), 'not a certificate in DER'],
    ['far too much', () => Buffer.alloc(1_000_000, 0x30), 'not a certificate in DER'],
  ])('of %s is refused', async (_what, certificate, reason) => {
    expect(acme.authority.readAgentCertificate(await certificate())).toEqual({ ok: false, error: reason });
  });
});

describe("the gateway's own certificate (CON-5)", () => {
  it('is accepted by OpenSSL for its names and addresses, and for no other', async () => {
    const leaf = await gatewayCertificate();
    expect(await opensslVerify(acme, leaf, '-purpose', 'sslserver', '-verify_hostname', 'gate.example')).toMatch(
      /: OK$/,
    );
    expect(await opensslVerify(acme, leaf, '-purpose', 'sslserver', '-verify_ip', '::1')).toMatch(/: OK$/);
    expect(await opensslVerify(acme, leaf, '-verify_hostname', 'other.example')).toMatch(/hostname mismatch/);
    expect(await opensslVerify(acme, leaf, '-purpose', 'sslclient')).toMatch(/unsuitable certificate purpose/);
  });

  it('serves TLS 1.3 to whoever trusts the workspace CA', async () => {
    const listener = createServer({
      key: gatewayKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: `${await gatewayCertificate()}${acme.caPem}`,
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const trusting = connect({ host: '127.0.0.1', port: port ?? 0, servername: 'gate.example', ca: acme.caPem });
    await once(trusting, 'secureConnect');
    expect([trusting.authorized, trusting.getProtocol()]).toEqual([true, 'TLSv1.3']);
    trusting.destroy();
    const doubting = connect({ host: '127.0.0.1', port: port ?? 0, servername: 'gate.example', ca: foreign.caPem });
    const [failure] = await once(doubting, 'error');
    expect(String(failure)).toMatch(/certificate signature failure|unable to verify|self.signed/);
    listener.close();
  });

  it.each([[[]], [['not a host']], [['a.example', '10.0.0.0/8']], [['https://a.example']], [['a..b']]])(
    'is not issued for %j',
    async (hosts) => {
      await expect(
        acme.authority.issueForGateway(hosts, spki(gatewayKeys.publicKey), day.notBefore, day.notAfter),
      ).rejects.toThrow(RangeError);
    },
  );
});

describe('the authority (CON-2)', () => {
  it('signs leaves and no further authority', async () => {
    const { stdout } = await run('openssl', ['x509', '-noout', '-text', '-in', await kept(acme.caPem)]);
    expect(stdout).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(stdout).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(acme.authority.caFingerprint).toBe(sha256Hex(spki(acme.publicKey)));
  });

  it('is not opened with a key, a certificate or a name that do not belong together', async () => {
    const options = { workspace: 'acme', caPem: acme.caPem, privateKey: acme.privateKey, random };
    const leaf = await issue(acme);
    expect(openAuthority({ ...options, privateKey: foreign.privateKey })).toEqual({
      ok: false,
      error: 'the CA key does not belong to the CA certificate',
    });
    expect(openAuthority({ ...options, caPem: leaf })).toEqual({
      ok: false,
      error: 'the CA certificate is not one of a P-256 CA',
    });
    expect(openAuthority({ ...options, caPem: 'x' })).toEqual({
      ok: false,
      error: 'the CA certificate cannot be read',
    });
    expect(openAuthority({ ...options, workspace: 'Acme/../x' })).toEqual({
      ok: false,
      error: '"Acme/../x" is not a workspace name',
    });
    await expect(async () => createCaCertificate('a b', pair(), day, random)).rejects.toThrow(RangeError);
  });

  it('says when a certificate is to be renewed: after two thirds of its life', async () => {
    expect(renewalDueAt({ notBefore: 0, notAfter: 24 * hour })).toBe(16 * hour);
    expect(validityOf(await issue(acme))).toEqual(day);
    expect(validityOf('x')).toBeUndefined();
  });
});

const gatewayKeys = pair();
const gatewayCertificate = () =>
  acme.authority.issueForGateway(
    ['gate.example', '127.0.0.1', '::1', '*.apps.gate.example'],
    spki(gatewayKeys.publicKey),
    day.notBefore,
    day.notAfter,
  );

async function kept(pem: string): Promise<string> {
  const path = join(folder, `${randomBytes(8).toString('hex')}.pem`);
  await writeFile(path, pem);
  return path;
}

/** A client certificate by the true CA, with names that the authority itself would not give. */
async function leafFor(names: Parameters<typeof writeLeaf>[0]['names']): Promise<Buffer> {
  const leaf = { names, use: 'client' as const, publicKey: spki(agent.publicKey), validity: day };
  return der(await writeLeaf(leaf, 'CN=acme Sallyport CA', acme, random));
}

function changed(certificate: Buffer): Buffer {
  const at = certificate.indexOf(server);
  certificate.write('9', at + server.length - 1);
  return certificate;
}
