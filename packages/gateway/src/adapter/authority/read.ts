// Reads what an agent shows: one certificate, the leaf, and nothing but the leaf. A chain that comes with it is never looked at.

import { type KeyObject, X509Certificate } from 'node:crypto';
import { err, isId, ok, type Result, type ServerId, toBase64Url } from '@sallyport/core';
import type { AgentCertificate } from '../../domain/enrolment/ports.ts';

const maxCertificateBytes = 4096;
const clientAuth = '1.3.6.1.5.5.7.3.2'; // RFC 5280 §4.2.1.12

/** Everything about the certificate but the time, which is the caller's to judge. */
export function readLeaf(der: Uint8Array, ca: X509Certificate, trustDomain: string): Result<AgentCertificate, string> {
  const certificate = parse(der);
  if (!certificate) return err('not a certificate in DER');
  if (!certificate.checkIssued(ca) || !certificate.verify(ca.publicKey))
    return err('not signed by the CA of this workspace');
  if (certificate.ca) return err('a CA certificate, which names no server');
  const uses = certificate.keyUsage ?? [];
  if (uses.length !== 1 || uses[0] !== clientAuth) return err('not a certificate for clients (extended key usage)');
  const server = serverNamed(certificate.subjectAltName ?? '', trustDomain);
  if (server === undefined) return err(`does not name one server of spiffe://${trustDomain}`);
  if (!isP256(certificate.publicKey)) return err('the key is not P-256');
  return ok({
    server,
    publicKey: certificate.publicKey,
    publicKeyText: toBase64Url(certificate.publicKey.export({ type: 'spki', format: 'der' })),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
  });
}

export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

function parse(der: Uint8Array): X509Certificate | undefined {
  if (der.byteLength > maxCertificateBytes) return undefined;
  try {
    const certificate = new X509Certificate(der);
    // Node takes PEM as well, and bytes after the end: one certificate has one spelling here.
    return certificate.raw.equals(der) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** The one name must be our URI and nothing else: Node quotes a name that tries to look like two. */
function serverNamed(names: string, trustDomain: string): ServerId | undefined {
  const prefix = `URI:spiffe://${trustDomain}/server/`;
  if (!names.startsWith(prefix)) return undefined;
  const id = names.slice(prefix.length);
  return isId('server', id) ? id : undefined;
}
