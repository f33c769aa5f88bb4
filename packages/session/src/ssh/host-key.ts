// The door's host key, and its certificate by the workspace (OpenSSH PROTOCOL.certkeys), so that no client asks about an unknown host.
// The private key must never leave its KeyObject.

import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { EpochMs, Random } from '@sallyport/core';
import type { HostKey } from 'ssh2/lib/protocol/Protocol.js';
import type { HostKeyFor } from './transport.ts';
import { string, uint32 } from './wire.ts';

const plainType = 'ssh-ed25519';
const certificateType = 'ssh-ed25519-cert-v01@openssh.com';
const hostCertificate = 2; // SSH_CERT_TYPE_HOST

export type HostCertificateOptions = {
  /** Public half of the host key: Ed25519, public or private KeyObject. */
  readonly hostKey: KeyObject;
  /** The workspace's Ed25519 private key: clients trust its public half with `@cert-authority`. */
  readonly signingKey: KeyObject;
  /** Names that clients may dial; none would mean any, so at least one is required. */
  readonly hostNames: readonly [string, ...string[]];
  /** For logs; told by `ssh -v`. */
  readonly keyId: string;
  readonly validFrom: EpochMs;
  readonly validUntil: EpochMs;
  readonly random: Random;
};

/** A certificate blob for a host key (PROTOCOL.certkeys, ssh-ed25519-cert-v01). */
export function certifyHostKey(options: HostCertificateOptions): Buffer {
  const statement = Buffer.concat([
    string(certificateType),
    string(options.random(32)),
    string(rawPublicKey(options.hostKey)),
    Buffer.from(options.random(8)), // serial
    uint32(hostCertificate),
    string(options.keyId),
    string(Buffer.concat(options.hostNames.map((name) => string(name)))),
    uint64Seconds(options.validFrom),
    uint64Seconds(options.validUntil),
    string(''), // critical options: none are defined for hosts
    string(''), // extensions: likewise
    string(''), // reserved
    string(publicKeyBlob(options.signingKey)),
  ]);
  const signature = Buffer.concat([string(plainType), string(sign(null, statement, options.signingKey))]);
  return Buffer.concat([statement, string(signature)]);
}

/** A line for known_hosts or authorized_keys, without the host pattern or comment. */
export function openSshPublicKey(key: KeyObject): string {
  return `${plainType} ${publicKeyBlob(key).toString('base64')}`;
}

/** What the transport signs key exchanges with. */
export function hostKeysOf(hostKey: KeyObject, certificate: Buffer | undefined): HostKeyFor {
  requireEd25519(hostKey);
  const signWith = (data: Buffer) => sign(null, data, hostKey);
  const blob = publicKeyBlob(hostKey);
  const plain: HostKey = { type: plainType, getPublicSSH: () => blob, sign: signWith };
  if (certificate === undefined) return () => ({ [plainType]: plain });
  return ({ usePlainSignature }) => ({
    [certificateType]: {
      type: plainType,
      getPublicSSH: () => certificate,
      sign: (data) => {
        usePlainSignature();
        return signWith(data);
      },
    },
    [plainType]: plain,
  });
}

// RFC 8709 §4.
function publicKeyBlob(key: KeyObject): Buffer {
  return Buffer.concat([string(plainType), string(rawPublicKey(key))]);
}

function rawPublicKey(key: KeyObject): Buffer {
  requireEd25519(key);
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

function requireEd25519(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('an SSH host or workspace key is Ed25519');
}

function uint64Seconds(timeMs: EpochMs): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.floor(timeMs / 1000)));
  return bytes;
}
