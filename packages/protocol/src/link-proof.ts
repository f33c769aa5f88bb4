// Proof that the peer of this very TLS connection holds a key: it signs the connection's exporter value (RFC 9266), so a proof
// cannot be relayed to another connection. Used by agents (certificate key) and devices (registered key).

import { type KeyObject, sign, verify } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '@sallyport/core';

/** Arguments for `tlsSocket.exportKeyingMaterial`: the tls-exporter channel binding (RFC 9266 §2). */
export const exporterLengthBytes = 32;
export const exporterLabel = 'EXPORTER-Channel-Binding';

/** Who proves: its role keeps a device's proof from passing for an agent's. */
export type Prover = {
  readonly role: 'agent' | 'device';
  readonly id: string /** the agent's name for this connection, or '' */;
  readonly link: string;
};

export const headerNames = {
  agentCertificate: 'sally-agent-certificate',
  link: 'sally-link',
  proof: 'sally-proof',
  device: 'sally-device',
  version: 'sally-version',
} as const;

export const linkPaths = { agent: '/v1/tunnel', client: '/v1/link' } as const;

export function proveLink(prover: Prover, exporter: Uint8Array, privateKey: KeyObject): string {
  return toBase64Url(sign(digestOf(privateKey), statement(prover, exporter), privateKey));
}

export function isLinkProven(prover: Prover, exporter: Uint8Array, proof: string, publicKey: KeyObject): boolean {
  const signature = fromBase64Url(proof);
  return signature !== undefined && verify(digestOf(publicKey), statement(prover, exporter), publicKey, signature);
}

function statement(prover: Prover, exporter: Uint8Array): Buffer {
  if (exporter.byteLength !== exporterLengthBytes)
    throw new RangeError(`an exporter value has ${exporterLengthBytes} bytes`);
  return Buffer.from(`sally link proof v1\n${prover.role}\n${prover.id}\n${prover.link}\n${toBase64Url(exporter)}\n`);
}

// Ed25519 hashes by itself; ECDSA needs to be told.
function digestOf(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}
