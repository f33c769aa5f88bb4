// Writes certificates (RFC 5280): one that signs, and leaves that name a server or the gateway. What may be named in them is decided
// by the caller; a leaf never carries a common name, so that nothing can be identified by one.

import 'reflect-metadata'; // the library's decorators need it, before the library itself
import { type KeyObject, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { EpochMs, Random } from '@sallyport/core';

export type Validity = { readonly notBefore: EpochMs; readonly notAfter: EpochMs };
export type Leaf = {
  readonly names: JsonGeneralNames;
  readonly use: 'client' | 'server';
  /** SPKI DER of a P-256 key. */
  readonly publicKey: Uint8Array;
  readonly validity: Validity;
};
export type CaKey = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const serialBytes = 16;
const maxPublicKeyBytes = 256;

/** A CA certificate that signs leaves only (path length 0). PEM. */
export async function writeCaCertificate(
  name: string,
  key: CaKey,
  validity: Validity,
  random: Random,
): Promise<string> {
  const publicKey = await readPublicKey(key.publicKey.export({ type: 'spki', format: 'der' }));
  const privateKey = key.privateKey.toCryptoKey(p256, false, ['sign']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [name] }],
      keys: { privateKey, publicKey },
      serialNumber: serialNumber(random),
      ...dates(validity),
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** Throws on a public key that is not P-256. PEM. */
export async function writeLeaf(leaf: Leaf, issuer: string, key: CaKey, random: Random): Promise<string> {
  const publicKey = await readPublicKey(leaf.publicKey);
  const caPublicKey = await readPublicKey(key.publicKey.export({ type: 'spki', format: 'der' }));
  const use = leaf.use === 'client' ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
  const certificate = await X509CertificateGenerator.create(
    {
      issuer,
      publicKey,
      signingKey: key.privateKey.toCryptoKey(p256, false, ['sign']),
      serialNumber: serialNumber(random),
      ...dates(leaf.validity),
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([use]),
        // RFC 5280 §4.2.1.6: critical, because the subject is empty.
        new SubjectAlternativeNameExtension(leaf.names, true),
        await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(caPublicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** The name that a CA's leaves carry as their issuer (RFC 4514 text). */
export function subjectOf(der: Uint8Array): string {
  return new X509Certificate(Uint8Array.from(der)).subject;
}

async function readPublicKey(spki: Uint8Array): Promise<webcrypto.CryptoKey> {
  if (spki.byteLength > maxPublicKeyBytes) throw new RangeError('longer than a P-256 public key is');
  return await webcrypto.subtle.importKey('spki', Uint8Array.from(spki), p256, true, ['verify']);
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets; unpredictable. */
function serialNumber(random: Random): string {
  const bytes = Buffer.from(random(serialBytes));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** Certificates count seconds: the beginning is rounded down and the end too, so that none outlives what was meant. */
function dates({ notBefore, notAfter }: Validity): { notBefore: Date; notAfter: Date } {
  const seconds = (at: EpochMs): Date => new Date(Math.floor(at / 1000) * 1000);
  return { notBefore: seconds(notBefore), notAfter: seconds(notAfter) };
}
