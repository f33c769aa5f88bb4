// Certificates for tests: a workspace CA, the gateway's TLS leaf, and agents' leaves, in the form that the gateway writes them.

import 'reflect-metadata'; // the library's decorators need it, before the library itself
import {
  generateKeyPairSync,
  type KeyObject,
  X509Certificate as ParsedCertificate,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import {
  BasicConstraintsExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type EpochMs, sha256Hex } from '@sallyport/core';

const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

export type Validity = { readonly notBefore: EpochMs; readonly notAfter: EpochMs };
export type TestCa = {
  readonly certPem: string;
  readonly fingerprint: string;
  readonly key: webcrypto.CryptoKey;
  readonly name: string;
};

export async function makeCa(now: EpochMs, name = 'CN=Test workspace CA'): Promise<TestCa> {
  const keys = await webcrypto.subtle.generateKey(p256, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      ...{ name, keys, signingAlgorithm, serialNumber: serial() },
      ...{ notBefore: new Date(now - dayMs), notAfter: new Date(now + 365 * dayMs) },
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    webcrypto,
  );
  const certPem = certificate.toString('pem');
  const spki = new ParsedCertificate(certPem).publicKey.export({ type: 'spki', format: 'der' });
  return { certPem, fingerprint: sha256Hex(spki), key: keys.privateKey, name };
}

/** A leaf over that SPKI DER, PEM. */
export async function makeLeaf(
  ca: TestCa,
  spki: Uint8Array,
  names: JsonGeneralNames,
  validity: Validity,
): Promise<string> {
  const publicKey = await webcrypto.subtle.importKey('spki', Uint8Array.from(spki), p256, true, ['verify']);
  const certificate = await X509CertificateGenerator.create(
    {
      ...{ issuer: ca.name, publicKey, signingKey: ca.key, signingAlgorithm, serialNumber: serial() },
      ...{ notBefore: new Date(validity.notBefore), notAfter: new Date(validity.notAfter) },
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new SubjectAlternativeNameExtension(names, true),
      ],
    },
    webcrypto,
  );
  return certificate.toString('pem');
}

export type TlsIdentity = { readonly key: string; readonly cert: string };

/** A key and its chain, leaf then CA, as the gateway presents them. */
export async function makeTlsIdentity(ca: TestCa, names: JsonGeneralNames, validity: Validity): Promise<TlsIdentity> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leaf = await makeLeaf(ca, spkiOf(publicKey), names, validity);
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: `${leaf}\n${ca.certPem}\n` };
}

export function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

function serial(): string {
  return `40${randomBytes(15).toString('hex')}`;
}
