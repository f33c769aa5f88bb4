// Learning a pinned CA from a real TLS server, with certificates that openssl made: what is taken, what is not, and that nothing is sent.

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { expectOk, sha256Hex } from '@sallyport/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTls } from './connect-tls.ts';
import { learnPinnedCa } from './pinned-ca.ts';
import { selfSigned } from './testing/certificate.ts';
import { tlsFloor } from './tls.ts';

const folder = mkdtempSync(join(tmpdir(), 'sally-pin-'));
const servers: Server[] = [];
let sentBytes = 0;

afterAll(async () => {
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const openssl = (...words: readonly string[]): Buffer => execFileSync('openssl', words, { stdio: 'pipe' });
const read = (name: string): string => readFileSync(at(name), 'utf8');
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const fingerprintOf = (pem: string): string =>
  sha256Hex(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }));

/** A CA, and a leaf for loopback that it signed. */
function makeChain(): void {
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=Ours', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  openssl('req', ...newKey, '-subj', '/CN=leaf', '-keyout', at('leaf.key'), '-out', at('leaf.csr'));
  writeFileSync(at('leaf.ext'), 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n');
  const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    at('leaf.csr'),
    ...signer,
    '-days',
    '2',
    '-extfile',
    at('leaf.ext'),
    '-out',
    at('leaf.pem'),
  );
}

async function serve(cert: string, key: string): Promise<URL> {
  const server = createServer({ cert, key, ...tlsFloor }, (socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        sentBytes += chunk.byteLength;
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`https://127.0.0.1:${address.port}`);
}

describe('a pinned CA', () => {
  let url: URL;
  beforeAll(async () => {
    makeChain();
    url = await serve(read('leaf.pem') + read('ca.pem'), read('leaf.key'));
  });

  it('is taken from the chain that is shown, and a connection that trusts only it is verified (CON-2)', async () => {
    const ca = expectOk(await learnPinnedCa(url, fingerprintOf(read('ca.pem')), 5_000));
    expect(fingerprintOf(ca)).toBe(fingerprintOf(read('ca.pem')));
    const connected = expectOk(await connectTls({ url, ca, timeoutMs: 5_000 }));
    expect(connected.authorized).toBe(true);
    connected.destroy();
  });

  it('is not another key, and who issued what was shown is told (CON-2)', async () => {
    expect(await learnPinnedCa(url, 'ab'.repeat(32), 5_000)).toEqual({
      ok: false,
      error: { step: 'tls', cause: 'notPinned', issuer: 'CN=Ours' },
    });
  });

  it('is no certificate that is not a CA’s, though the key has the fingerprint (CON-2)', async () => {
    const refused = await learnPinnedCa(url, fingerprintOf(read('leaf.pem')), 5_000);
    expect(refused).toMatchObject({ ok: false, error: { cause: 'notPinned' } });
  });

  it('is not known where its own certificate is not shown: the leaf alone is refused (CON-2)', async () => {
    const alone = await serve(read('leaf.pem'), read('leaf.key'));
    const refused = await learnPinnedCa(alone, fingerprintOf(read('ca.pem')), 5_000);
    expect(refused).toMatchObject({ ok: false, error: { cause: 'notPinned', issuer: 'CN=Ours' } });
  });

  it('is not trusted in another one’s place: untrusted (CON-2, CON-5)', async () => {
    const other = selfSigned();
    const refused = await connectTls({ url, ca: other.cert, timeoutMs: 5_000 });
    expect(refused).toMatchObject({ ok: false, error: { step: 'tls', cause: 'untrusted' } });
  });

  it('cannot be learned where nothing listens (CON-6)', async () => {
    const gone = await serve(read('leaf.pem'), read('leaf.key'));
    const server = servers.pop();
    if (server) await once(server.close(), 'close');
    expect(await learnPinnedCa(gone, 'ab'.repeat(32), 5_000)).toMatchObject({ error: { cause: 'nothingListens' } });
  });

  it('was asked for without a byte being sent (CON-2)', () => {
    expect(sentBytes).toBe(0);
  });
});
