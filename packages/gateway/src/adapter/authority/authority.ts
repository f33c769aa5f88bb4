// The workspace's certificate authority. Its key signs the certificates of agents and of the gateway itself, and nothing else.

import { createPublicKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type EpochMs, err, ok, type Random, type Result, sha256Hex } from '@sallyport/core';
import type { CertificateAuthority } from '../../domain/enrolment/ports.ts';
import { type CaKey, subjectOf, type Validity, writeCaCertificate, writeLeaf } from './certificate.ts';
import { isP256, readLeaf } from './read.ts';

export interface GatewayAuthority extends CertificateAuthority {
  /**
   * A TLS server certificate for the gateway's own key (SPKI DER, P-256) under those DNS names and IP addresses.
   * Throws on a key that is not P-256, and on a host that is neither.
   */
  issueForGateway(
    hosts: readonly string[],
    publicKey: Uint8Array,
    notBefore: EpochMs,
    notAfter: EpochMs,
  ): Promise<string>;
}

// A SPIFFE trust domain (SPIFFE-ID §2.1), and one DNS label.
const workspaceName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const dnsName = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** The CA's own certificate, PEM; throws on a key that is not P-256. */
export function createCaCertificate(
  workspace: string,
  key: CaKey,
  validity: Validity,
  random: Random,
): Promise<string> {
  if (!workspaceName.test(workspace)) throw new RangeError(`not a workspace name: ${workspace}`);
  return writeCaCertificate(`${workspace} Sallyport CA`, key, validity, random);
}

export type AuthorityOptions = {
  readonly workspace: string;
  readonly caPem: string;
  readonly privateKey: CaKey['privateKey'];
  readonly random: Random;
};

/** Opens the authority; refused when certificate, key and workspace do not belong together. */
export function openAuthority({
  workspace,
  caPem,
  privateKey,
  random,
}: AuthorityOptions): Result<GatewayAuthority, string> {
  if (!workspaceName.test(workspace)) return err(`${JSON.stringify(workspace)} is not a workspace name`);
  const ca = readCa(caPem);
  if (!ca) return err('the CA certificate cannot be read');
  if (!ca.ca || !isP256(ca.publicKey)) return err('the CA certificate is not one of a P-256 CA');
  if (!ca.checkPrivateKey(privateKey)) return err('the CA key does not belong to the CA certificate');
  const key: CaKey = { privateKey, publicKey: createPublicKey(privateKey) };
  const issuer = subjectOf(ca.raw);
  return ok({
    caPem,
    caFingerprint: sha256Hex(ca.publicKey.export({ type: 'spki', format: 'der' })),
    issueForServer: async (server, publicKey, notBefore, notAfter) => {
      const names = [{ type: 'url' as const, value: `spiffe://${workspace}/server/${server}` }];
      return await writeLeaf(
        { names, use: 'client', publicKey, validity: { notBefore, notAfter } },
        issuer,
        key,
        random,
      );
    },
    issueForGateway: async (hosts, publicKey, notBefore, notAfter) => {
      const names = hosts.map(hostName);
      if (names.length === 0) throw new RangeError('a server certificate names one host at least');
      return await writeLeaf(
        { names, use: 'server', publicKey, validity: { notBefore, notAfter } },
        issuer,
        key,
        random,
      );
    },
    readAgentCertificate: (der) => readLeaf(der, ca, workspace),
  });
}

/** When a certificate is to be renewed: after two thirds of its life, which leaves a third to try again in. */
export function renewalDueAt({ notBefore, notAfter }: Validity): EpochMs {
  return notBefore + Math.floor(((notAfter - notBefore) * 2) / 3);
}

/** The validity of a certificate in PEM; undefined when it cannot be read. */
export function validityOf(pem: string): Validity | undefined {
  const certificate = readCa(pem);
  return certificate && { notBefore: certificate.validFromDate.getTime(), notAfter: certificate.validToDate.getTime() };
}

function readCa(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function hostName(host: string): { type: 'ip' | 'dns'; value: string } {
  if (isIP(host) !== 0) return { type: 'ip', value: host };
  if (host.length <= 253 && dnsName.test(host)) return { type: 'dns', value: host.toLowerCase() };
  throw new RangeError(`neither a DNS name nor an IP address: ${JSON.stringify(host)}`);
}
