// A TLS connection of the API client's own: verified by OpenSSL (chain, validity, host name) against the profile's CA before a byte is
// sent, and with the exporter value that binds the device's proof to this very connection (RFC 9266).

import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { equalBytes, err, ok, type Result, sha256 } from '@sallyport/core';
import { exporterLabel, exporterLengthBytes } from '@sallyport/protocol';
import { tlsFloor } from '@sallyport/tunnel';
import type { Failure } from '../failure.ts';
import type { Text } from '../text/text.ts';

export type Gateway = {
  readonly url: URL;
  /** The one CA to trust, PEM; the system's roots when absent. */
  readonly caPem: string | undefined;
};

const timeoutMs = 10_000;
const httpsPort = 443;
const maxChainLength = 8;

export function connectVerified({ url, caPem }: Gateway, text: Text): Promise<Result<TLSSocket, Failure>> {
  return handshake(url, caPem === undefined ? {} : { ca: caPem }, text);
}

export function exporterOf(socket: TLSSocket): Buffer {
  return socket.exportKeyingMaterial(exporterLengthBytes, exporterLabel, Buffer.alloc(0));
}

/**
 * The certificate of the CA whose key has that fingerprint (SHA-256 over its SPKI DER, hex), PEM, from the chain that the gateway shows.
 * On this connection nothing is sent; the caller connects anew with the CA as its only root.
 */
export async function learnPinnedCa(url: URL, fingerprint: string, text: Text): Promise<Result<string, Failure>> {
  const connection = await handshake(url, { rejectUnauthorized: false }, text);
  if (!connection.ok) return connection;
  const chain = chainOf(connection.value.getPeerX509Certificate());
  connection.value.destroy();
  const ca = chain.find((certificate) => isPinned(certificate, fingerprint));
  return ca === undefined
    ? err({ kind: 'unreachable', step: 'tls', ...text.say.notPinned(url.host) })
    : ok(ca.toString());
}

function isPinned(certificate: X509Certificate, fingerprint: string): boolean {
  const found = sha256(certificate.publicKey.export({ type: 'spki', format: 'der' }));
  return (
    equalBytes(found, Buffer.from(fingerprint, 'hex')) && certificate.ca && certificate.verify(certificate.publicKey)
  );
}

function chainOf(leaf: X509Certificate | undefined): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let next = leaf; next !== undefined && chain.length < maxChainLength; next = next.issuerCertificate)
    chain.push(next);
  return chain;
}

function handshake(url: URL, trust: ConnectionOptions, text: Text): Promise<Result<TLSSocket, Failure>> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // RFC 6066 §3: an IP address is not sent as a server name.
  const name = isIP(host) === 0 ? { servername: host } : {};
  const { promise, resolve } = Promise.withResolvers<Result<TLSSocket, Failure>>();
  const socket = connect({
    host,
    port: url.port === '' ? httpsPort : Number(url.port),
    ...tlsFloor,
    ALPNProtocols: ['http/1.1'],
    ...name,
    ...trust,
  });
  const settle = (result: Result<TLSSocket, Failure>): void => {
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    if (!result.ok) socket.destroy();
    resolve(result);
  };
  // Stays on for the socket's life: an error that nobody waits for any more must not end the process.
  socket.on('error', (error) => settle(err(unreachable(url, error, text))));
  socket.setTimeout(timeoutMs, () => settle(err(unreachable(url, coded('ETIMEDOUT'), text))));
  socket.once('secureConnect', () => settle(ok(socket)));
  return promise;
}

export function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const causes = [
  [/^(ENOTFOUND|EAI_NONAME|EAI_AGAIN)$/, 'dns', 'noSuchHost'],
  [/^ECONNREFUSED$/, 'tcp', 'nothingListens'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'tcp', 'noRoute'],
  [/^ETIMEDOUT$/, 'tcp', 'noAnswer'],
  [/^(ECONNRESET|EPIPE)$/, 'tcp', 'cut'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'tls', 'otherName'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, 'tls', 'wrongTime'],
  [/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_)/, 'tls', 'untrusted'],
  [/^(ERR_SSL_|EPROTO)/, 'tls', 'noTls'],
] as const;

/** What went wrong on the way to the gateway, in words, with the mend. */
export function unreachable(url: URL, error: Error, text: Text): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const [, step, cause] = causes.find(([codes]) => codes.test(code)) ?? [undefined, 'tcp', undefined];
  if (cause === undefined)
    return { kind: 'unreachable', step, ...text.say.way.other(url.host, error.message.slice(0, 200)) };
  const { message, hint } = text.say.way[cause](url.host);
  return { kind: 'unreachable', step, message: `${message} (${code})`, hint };
}
