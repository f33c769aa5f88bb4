// Servers: joined with a bounded token, known by a certificate over their own key and a proof bound to the connection.

import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { expectOk, newId, toBase64Url } from '@sallyport/core';
import { proveLink } from '@sallyport/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostFacts, type TestWorkspace, testWorkspace } from '../../testing/workspace.ts';
import { createEnrolment, type EnrolmentService, type PresentedAgent } from './index.ts';

const exporter = Buffer.alloc(32, 1);
const dayMs = 86_400_000;

let workspace: TestWorkspace;
let enrolment: EnrolmentService;
let key: { publicKey: KeyObject; privateKey: KeyObject };

beforeEach(async () => {
  workspace = await testWorkspace();
  const { store, authority, journal, clock, random } = workspace;
  enrolment = createEnrolment({ store, authority, journal, clock, random });
  key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
});
afterEach(() => workspace.close());

const spki = (of = key) => toBase64Url(of.publicKey.export({ type: 'spki', format: 'der' }));

function proven(id: string, link: string, over: Partial<PresentedAgent> = {}, signer = key.privateKey): PresentedAgent {
  return {
    certificate: undefined,
    link,
    proof: proveLink({ role: 'agent', id, link }, exporter, signer),
    exporter,
    address: '198.51.100.3',
    ...over,
  };
}

async function token(ask: Partial<Parameters<EnrolmentService['createToken']>[0]> = {}) {
  return enrolment.createToken({ uses: 1, ttlSeconds: 3600, labels: {}, ...ask });
}

type Token = Awaited<ReturnType<typeof token>>;

function join(
  { record, secret }: Token,
  over: Partial<Parameters<EnrolmentService['join']>[0]> = {},
  presented?: PresentedAgent,
) {
  const request = {
    tokenId: record.id,
    tokenSecret: secret,
    publicKey: spki(),
    name: 'web-1',
    facts: hostFacts,
    ...over,
  };
  return enrolment.join(request, presented ?? proven(record.id, ''));
}

describe('joining', () => {
  it('enrols the key, gives its labels and a certificate for it alone (CON-2)', async () => {
    const joined = expectOk(await join(await token({ labels: { env: 'prod' } })));
    expect(joined.server).toMatchObject({ name: 'web-1', labels: { env: 'prod' }, publicKey: spki() });
    const certificate = new X509Certificate(joined.certificatePem);
    expect(certificate.subjectAltName).toBe(`URI:spiffe://test/server/${joined.server.id}`);
    expect(certificate.validToDate.getTime() - workspace.clock.now()).toBe(dayMs);
    expect((await workspace.events()).at(-1)).toMatchObject({
      class: 'server.joined',
      decision: 'allow',
      address: '198.51.100.3',
    });
  });

  const refusals: [string, string, () => Promise<unknown>][] = [
    ['with a wrong secret', 'TOKEN_INVALID', async () => join({ ...(await token()), secret: 'x' })],
    [
      'with a token nobody made',
      'TOKEN_INVALID',
      async () =>
        join({ ...(await token()), record: { ...(await token()).record, id: newId('token', workspace.random) } }),
    ],
    [
      'with a token that has expired',
      'TOKEN_EXPIRED',
      async () => {
        const made = await token({ ttlSeconds: 60 });
        await workspace.clock.advance(60_000);
        return join(made);
      },
    ],
    [
      'with a token that was revoked',
      'TOKEN_REVOKED',
      async () => {
        const made = await token();
        await workspace.store.revokeToken(made.record.id, workspace.clock.now());
        return join(made);
      },
    ],
    [
      'with a token that is used up',
      'TOKEN_USED_UP',
      async () => {
        const made = await token();
        expectOk(await join(made));
        key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        return join(made, { name: 'web-2', publicKey: spki() });
      },
    ],
    [
      'with a label that the token does not give',
      'LABEL_NOT_ALLOWED',
      async () => join(await token({ labels: { env: 'dev' } }), { facts: { ...hostFacts, labels: { env: 'prod' } } }),
    ],
    [
      'under a name that is taken',
      'NAME_TAKEN',
      async () => {
        await workspace.server('web-1');
        return join(await token());
      },
    ],
    [
      'with a key that does not sign the connection',
      'PROOF_INVALID',
      async () => {
        const made = await token();
        return join(made, {}, proven(made.record.id, '', { exporter: Buffer.alloc(32, 9) }));
      },
    ],
    [
      'with a key that is not P-256',
      'PROOF_INVALID',
      async () => {
        const made = await token();
        const ed = generateKeyPairSync('ed25519');
        return join(made, { publicKey: spki(ed) }, proven(made.record.id, '', {}, ed.privateKey));
      },
    ],
    ['with what is no key', 'PROOF_INVALID', async () => join(await token(), { publicKey: 'AAAA' })],
  ];
  it.each(refusals)('is refused %s: %s (CON-2)', async (_how, code, attempt) => {
    expect(await attempt()).toMatchObject({ ok: false, error: { code } });
    expect((await workspace.events()).at(-1)).toMatchObject({
      class: 'server.refused',
      decision: 'deny',
      details: { code },
    });
  });

  it('never says a name is free by using the token up (CON-2)', async () => {
    await workspace.server('web-1');
    const made = await token();
    await join(made);
    expect((await join(made, { name: 'web-2' })).ok).toBe(true);
  });
});

describe('an agent that connects', () => {
  const link = 'lnk_0000000000000000';

  async function joined() {
    const { server, certificatePem } = expectOk(await join(await token()));
    const certificate = toBase64Url(new X509Certificate(certificatePem).raw);
    return { server, certificate };
  }

  it('is the server whose enrolled key signs this connection (CON-2)', async () => {
    const { server, certificate } = await joined();
    expect(expectOk(await enrolment.authenticate(proven(server.id, link, { certificate }))).server.id).toBe(server.id);
  });

  it.each([
    ['without a certificate', () => ({ certificate: undefined }), 'CERTIFICATE_INVALID'],
    ['with a certificate that is none', () => ({ certificate: 'AAAA' }), 'CERTIFICATE_INVALID'],
    ['without a proof', () => ({ proof: undefined }), 'PROOF_INVALID'],
    ['with a proof of another connection', () => ({ exporter: Buffer.alloc(32, 9) }), 'PROOF_INVALID'],
    ['with a proof for another link id', () => ({ link: 'lnk_1111111111111111' }), 'PROOF_INVALID'],
    ['on a connection below TLS 1.3', () => ({ exporter: undefined }), 'PROOF_INVALID'],
  ] as const)('is refused %s (CON-2)', async (_how, over, code) => {
    const { server, certificate } = await joined();
    expect(await enrolment.authenticate(proven(server.id, link, { certificate, ...over() }))).toMatchObject({
      ok: false,
      error: { code },
    });
  });

  it('is refused with a certificate over another key, even one this CA signed (CON-2)', async () => {
    const { server } = await joined();
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const now = workspace.clock.now();
    const pem = await workspace.authority.issueForServer(
      server.id,
      other.publicKey.export({ type: 'spki', format: 'der' }),
      now,
      now + 1000,
    );
    const certificate = toBase64Url(new X509Certificate(pem).raw);
    const refused = await enrolment.authenticate(proven(server.id, link, { certificate }, other.privateKey));
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'CERTIFICATE_INVALID', evidence: { why: 'it is over another key' } },
    });
  });

  it('is refused once it is revoked, and cannot renew (CON-2)', async () => {
    const { server, certificate } = await joined();
    await workspace.store.revokeServer(server.id, workspace.clock.now());
    expect(await enrolment.authenticate(proven(server.id, link, { certificate }))).toMatchObject({
      ok: false,
      error: { code: 'SERVER_REVOKED' },
    });
    expect(await enrolment.renewOnTunnel(server.id)).toMatchObject({ ok: false, error: { code: 'SERVER_REVOKED' } });
    expect(await enrolment.renewAfterExpiry(proven(server.id, link, { certificate }))).toMatchObject({
      ok: false,
      error: { code: 'SERVER_REVOKED' },
    });
  });

  it('renews after its certificate ran out, for 30 days and no longer (CON-2)', async () => {
    const { server, certificate } = await joined();
    await workspace.clock.advance(2 * dayMs);
    expect(await enrolment.authenticate(proven(server.id, link, { certificate }))).toMatchObject({
      ok: false,
      error: { code: 'CERTIFICATE_EXPIRED' },
    });
    const renewed = new X509Certificate(
      expectOk(await enrolment.renewAfterExpiry(proven(server.id, link, { certificate }))),
    );
    expect(renewed.validToDate.getTime()).toBe(workspace.clock.now() + dayMs);
    await workspace.clock.advance(30 * dayMs);
    expect(await enrolment.renewAfterExpiry(proven(server.id, link, { certificate }))).toMatchObject({
      ok: false,
      error: { code: 'CERTIFICATE_EXPIRED' },
    });
  });
});
