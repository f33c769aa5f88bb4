// Learns the workspace CA that a fingerprint pins. The gateway shows its chain; the one CA certificate in it whose key has the pinned
// fingerprint is taken, and the caller then connects again with that CA as the only root: OpenSSL verifies chain, validity, purpose and
// host name there, before anything is sent. On the connection here nothing is sent at all.

import type { X509Certificate } from 'node:crypto';
import { equalBytes, err, ok, type Result, sha256 } from '@sallyport/core';
import { connectUnverified } from './connect-tls.ts';
import type { AgentRefusal } from './refusals.ts';

const maxChainLength = 8;

/** The CA's certificate, PEM; or why nobody there has it. `caFingerprint` is SHA-256 over its SPKI DER, hex. */
export async function learnPinnedCa(
  url: URL,
  caFingerprint: string,
  timeoutMs: number,
): Promise<Result<string, AgentRefusal>> {
  const connection = await connectUnverified(url, timeoutMs);
  if (!connection.ok) return connection;
  const chain = chainOf(connection.value.getPeerX509Certificate());
  connection.value.destroy();
  const ca = chain.find((certificate) => isPinned(certificate, caFingerprint));
  return ca ? ok(ca.toString()) : err(notPinned(url, chain[0]));
}

/** Whether this is a CA certificate whose key has the fingerprint and which that key has signed. */
export function isPinned(certificate: X509Certificate, caFingerprint: string): boolean {
  const fingerprint = sha256(certificate.publicKey.export({ type: 'spki', format: 'der' }));
  if (!equalBytes(fingerprint, Buffer.from(caFingerprint, 'hex'))) return false;
  return certificate.ca && certificate.verify(certificate.publicKey);
}

function chainOf(leaf: X509Certificate | undefined): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let next = leaf; next && chain.length < maxChainLength; next = next.issuerCertificate) chain.push(next);
  return chain;
}

function notPinned(url: URL, leaf: X509Certificate | undefined): AgentRefusal {
  const issuer = leaf?.issuer.replace(/\p{Cc}+/gu, ', ').slice(0, 120) ?? 'nobody';
  return {
    code: 'GATEWAY_UNTRUSTED',
    message: `${url.host} is not the gateway that made this token: its certificate was issued by ${issuer}`,
    rule: 'tls.pin',
    hint: 'nothing was sent; check the address, exempt it from TLS inspection, or make a new token if the gateway was made anew',
  };
}
