// Dialling a real HTTPS server on loopback: what is sent, what is refused at which step, and what is left behind.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { exporterLabel, exporterLengthBytes } from '@sallyport/protocol';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dialGateway } from './dial.ts';
import { type Certificate, selfSigned } from './testing/certificate.ts';
import { exporterOf, type TestGateway, testGateway, type UpgradeRequest } from './testing/gateway.ts';

let certificate: Certificate;
const closers: (() => Promise<void>)[] = [];
beforeAll(() => {
  certificate = selfSigned();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function gatewayThat(answer?: (upgrade: UpgradeRequest) => void, own = certificate): Promise<TestGateway> {
  const gateway = await testGateway(own, answer);
  closers.push(() => gateway.close());
  return gateway;
}

async function plainServer(server: Server): Promise<URL> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`https://127.0.0.1:${address.port}`);
}

function dial(url: URL, more: Partial<Parameters<typeof dialGateway>[0]> = {}) {
  return dialGateway({ url, path: '/v1/tunnel', ca: certificate.cert, headers: () => ({}), timeoutMs: 3_000, ...more });
}

function answering(status: string, body: string, date = 'Thu, 01 Jan 2026 00:00:00 GMT') {
  return ({ socket }: UpgradeRequest) => {
    socket.end(
      `HTTP/1.1 ${status}\r\ndate: ${date}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  };
}

describe('dialling a gateway', () => {
  it('brings a carrier, and tells what was negotiated: TLS 1.3, AEAD, hybrid key exchange (CON-1, CON-5, SES-10)', async () => {
    const gateway = await gatewayThat();
    const dialled = await dial(gateway.url);
    if (!dialled.ok) throw new Error(dialled.error.message);
    const { carrier, connection } = dialled.value;
    expect(connection).toEqual({
      tls: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      keyExchange: 'X25519MLKEM768',
      address: gateway.url.host,
    });
    const far = await gateway.nextCarrier();
    const arrived = new Promise<Buffer>((resolve) => far.onFrame(resolve));
    carrier.send([Buffer.from('one '), Buffer.from('frame')], () => undefined);
    expect(String(await arrived)).toBe('one frame');
    const closed = new Promise((resolve) => far.onClose(resolve));
    carrier.close('done');
    expect(await closed).toBe('done');
  });

  it('signs with the exporter value that the gateway has for the same connection (CON-2)', async () => {
    const atGateway: Buffer[] = [];
    const seen: UpgradeRequest[] = [];
    const gateway = await gatewayThat((upgrade) => {
      seen.push(upgrade);
      atGateway.push(exporterOf(upgrade, exporterLengthBytes, exporterLabel));
      answering('401 Unauthorized', '')(upgrade);
    });
    const atDialler: Buffer[] = [];
    await dial(gateway.url, {
      headers: (exporter) => {
        atDialler.push(exporter);
        return { 'sally-link': 'lnk_1' };
      },
    });
    expect(atDialler).toEqual(atGateway);
    expect(seen[0]?.request.headers['sally-link']).toBe('lnk_1');
    expect(seen[0]?.request.headers['sec-websocket-extensions']).toBeUndefined();
  });

  it('gives the gateway’s own refusal and time: SERVER_REVOKED (CON-2)', async () => {
    const refusal = { code: 'SERVER_REVOKED', message: 'revoked', rule: 'enrolment', hint: 'ask the owner' };
    const gateway = await gatewayThat(answering('403 Forbidden', JSON.stringify(refusal)));
    expect(await dial(gateway.url)).toEqual({
      ok: false,
      error: {
        step: 'upgrade',
        message: 'revoked',
        hint: 'ask the owner',
        isRetryable: false,
        refusal,
        gatewayTime: Date.parse('2026-01-01T00:00:00Z'),
      },
    });
  });

  it.each([
    ['503 Service Unavailable', '{"code":"STOPPING","message":"m","rule":"r","hint":"h"}', true],
    ['503 Service Unavailable', 'busy', true],
    ['429 Too Many Requests', '', true],
    ['404 Not Found', '<html>', false],
    ['200 OK', '{"code":"NO_SUCH_CODE","message":"m","rule":"r","hint":"h"}', false],
    ['301 Moved Permanently', 'x'.repeat(1_000_000), false],
  ])('fails at the upgrade when the answer is %s %.20s, retryable: %s (CON-3)', async (status, body, isRetryable) => {
    const gateway = await gatewayThat(answering(status, body));
    expect(await dial(gateway.url)).toMatchObject({ ok: false, error: { step: 'upgrade', isRetryable } });
  });

  it('fails at tls when the certificate is by another CA, before any header is sent (CON-2, CON-5)', async () => {
    const gateway = await gatewayThat(undefined, selfSigned());
    let isAsked = false;
    const headers = () => {
      isAsked = true;
      return {};
    };
    const dialled = await dial(gateway.url, { headers });
    expect(dialled).toMatchObject({ ok: false, error: { step: 'tls', isRetryable: false } });
    expect(isAsked).toBe(false);
  });

  it('fails at tls when the certificate is for another host (CON-5)', async () => {
    const other = selfSigned('DNS:other.example');
    const gateway = await gatewayThat(undefined, other);
    const dialled = await dial(gateway.url, { ca: other.cert });
    expect(dialled).toMatchObject({ ok: false, error: { step: 'tls', hint: expect.stringContaining('host name') } });
  });

  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA384' }],
    ['no forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES256-GCM-SHA384' }],
  ] as const)('fails at tls when the peer offers only %s (CON-5)', async (_what, options) => {
    const url = await plainServer(createTlsServer({ ...certificate, ...options }));
    expect(await dial(url)).toMatchObject({ ok: false, error: { step: 'tls' } });
  });

  it('takes TLS 1.2 with AEAD (CON-5)', async () => {
    const server = createTlsServer({ ...certificate, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
    server.on('secureConnection', (socket) => socket.on('error', () => undefined).end('HTTP/1.1 500 x\r\n\r\n'));
    expect(await dial(await plainServer(server))).toMatchObject({ ok: false, error: { step: 'upgrade' } });
  });

  it('fails at tcp when nothing listens (CON-3)', async () => {
    const server = createServer();
    const url = await plainServer(server);
    await closers.pop()?.();
    const hint = 'check the port, and that the gateway runs';
    expect(await dial(url)).toMatchObject({ ok: false, error: { step: 'tcp', hint, isRetryable: true } });
  });

  it('fails at dns when there is no such name (CON-3)', async () => {
    expect(await dial(new URL('https://gateway.invalid:8443'))).toMatchObject({ ok: false, error: { step: 'dns' } });
  });

  it('fails at tls when the peer never answers, in time (CON-3)', async () => {
    const url = await plainServer(createServer());
    const dialled = await dial(url, { timeoutMs: 100 });
    expect(dialled).toMatchObject({ ok: false, error: { step: 'tls', isRetryable: true } });
    expect(dialled.ok ? '' : dialled.error.message).toContain('no answer within 100 ms');
  });

  it('fails at the upgrade when the gateway never answers it, in time (CON-3)', async () => {
    const gateway = await gatewayThat(() => undefined);
    expect(await dial(gateway.url, { timeoutMs: 300 })).toMatchObject({ ok: false, error: { step: 'upgrade' } });
  });

  it('stops when told to (CON-3)', async () => {
    const stop = new AbortController();
    const gateway = await gatewayThat(() => stop.abort());
    const dialled = await dial(gateway.url, { signal: stop.signal });
    expect(dialled.ok ? '' : dialled.error.message).toContain('the dial was stopped');
  });

  it('closes the link when a message is larger than a frame can be (CON-1)', async () => {
    const gateway = await gatewayThat();
    const dialled = await dial(gateway.url);
    if (!dialled.ok) throw new Error(dialled.error.message);
    const far = await gateway.nextCarrier();
    const closed = new Promise((resolve) => far.onClose(resolve));
    far.onFrame(() => undefined);
    dialled.value.carrier.onFrame(() => undefined);
    dialled.value.carrier.send(Buffer.alloc(200_006), () => undefined);
    expect(await closed).toContain('Max payload size exceeded');
  });

  it('says that the connection was cut when it was (CON-3)', async () => {
    const gateway = await gatewayThat();
    const dialled = await dial(gateway.url);
    if (!dialled.ok) throw new Error(dialled.error.message);
    dialled.value.carrier.onFrame(() => undefined);
    const closed = new Promise((resolve) => dialled.value.carrier.onClose(resolve));
    await gateway.nextCarrier();
    await closers.pop()?.();
    expect(await closed).toBe('the connection was cut');
  });
});
