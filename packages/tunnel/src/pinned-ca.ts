// Learns the workspace CA that a fingerprint pins. The gateway shows its chain; the one CA certificate in it whose key has the pinned
// fingerprint is taken, and the caller then connects again with that CA as the only root: OpenSSL verifies chain, validity, purpose and
// host name there, before anything is sent. On the connection here nothing is sent at all.

import type { X509Certificate } from 'node:crypto';
import { equalBytes, err, ok, type Result, sha256 } from '@sallyport/core';
import { connectUnverified } from './connect-tls.ts';
import type { WayFault } from './way-fault.ts';

export type NotPinned = {
  readonly step: 'tls';
  readonly cause: 'notPinned';
  /** Who issued the certificate that was shown instead, as it says itself: one bounded line. */
  readonly issuer: string;
};

const maxChainLength = 8;
const maxIssuerLength = 120;

/** The CA's certificate, PEM; or why nobody there has it. `fingerprint` is SHA-256 over its SPKI DER, hex. */
export async function learnPinnedCa(
  url: URL,
  fingerprint: string,
  timeoutMs: number,
): Promise<Result<string, WayFault | NotPinned>> {
  const connection = await connectUnverified(url, timeoutMs);
  if (!connection.ok) return connection;
  const chain = chainOf(connection.value.getPeerX509Certificate());
  connection.value.destroy();
  const ca = chain.find((certificate) => isPinned(certificate, fingerprint));
  return ca ? ok(ca.toString()) : err({ step: 'tls', cause: 'notPinned', issuer: issuerOf(chain[0]) });
}

/** Whether this is a CA certificate whose key has the fingerprint and which that key has signed. */
export function isPinned(certificate: X509Certificate, fingerprint: string): boolean {
  const found = sha256(certificate.publicKey.export({ type: 'spki', format: 'der' }));
  if (!equalBytes(found, Buffer.from(fingerprint, 'hex'))) return false;
  return certificate.ca && certificate.verify(certificate.publicKey);
}

function chainOf(leaf: X509Certificate | undefined): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let next = leaf; next && chain.length < maxChainLength; next = next.issuerCertificate) chain.push(next);
  return chain;
}

function issuerOf(leaf: X509Certificate | undefined): string {
  return leaf?.issuer.replace(/\p{Cc}+/gu, ', ').slice(0, maxIssuerLength) ?? 'nobody';
}
