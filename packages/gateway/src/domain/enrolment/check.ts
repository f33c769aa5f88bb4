// Whether a connection is the agent that it says it is: a certificate of our CA, the enrolled key, and a proof bound to this connection.
// Pure but for the store's look-up; the time is passed in.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { type EpochMs, err, isId, ok, type Result } from '@sallyport/core';
import { isLinkProven, type Refusal } from '@sallyport/protocol';
import type { AgentCertificate, CertificateAuthority, EnrolmentStore } from './ports.ts';
import { enrolmentRefusals } from './refusals.ts';
import type { ManagedServer } from './server.ts';

/** What an agent shows of itself: header values as they came, and the connection's own facts. */
export type PresentedAgent = {
  /** DER, base64url. */
  readonly certificate: string | undefined;
  readonly link: string | undefined;
  readonly proof: string | undefined;
  /** The TLS exporter value, or undefined below TLS 1.3. */
  readonly exporter: Uint8Array | undefined;
  readonly address: string;
};

// A host can be switched off over a holiday and come back; longer, and it joins again.
const renewalGraceDays = 30;
const dayMs = 86_400_000;

export async function authenticateAgent(
  store: EnrolmentStore,
  authority: CertificateAuthority,
  presented: PresentedAgent,
  now: EpochMs,
): Promise<Result<{ server: ManagedServer; certificate: AgentCertificate }, Refusal>> {
  const certificate = readCertificate(authority, presented, now);
  if (!certificate.ok) return certificate;
  if (certificate.value.notAfter <= now) return err(enrolmentRefusals.certificateExpired());
  const server = await enrolledServer(store, certificate.value, presented);
  return server.ok ? ok({ server: server.value, certificate: certificate.value }) : server;
}

/** The same agent with a certificate that has run out: its key still proves it, for a while. */
export async function checkRenewal(
  store: EnrolmentStore,
  authority: CertificateAuthority,
  presented: PresentedAgent,
  now: EpochMs,
): Promise<Result<ManagedServer, Refusal>> {
  const certificate = readCertificate(authority, presented, now);
  if (!certificate.ok) return certificate;
  if (certificate.value.notAfter + renewalGraceDays * dayMs <= now)
    return err(enrolmentRefusals.absentTooLong(renewalGraceDays));
  return enrolledServer(store, certificate.value, presented);
}

/** A key that is about to be enrolled signs the connection it comes over: nobody enrols a key that is not theirs. */
export function checkJoinProof(publicKey: string, id: string, presented: PresentedAgent): Result<void, Refusal> {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' });
    return checkProof(presented, id, '', key);
  } catch (error) {
    return err(enrolmentRefusals.keyUnusable(String(error)));
  }
}

function readCertificate(
  authority: CertificateAuthority,
  presented: PresentedAgent,
  now: EpochMs,
): Result<AgentCertificate, Refusal> {
  if (presented.certificate === undefined)
    return err(enrolmentRefusals.certificateInvalid('no certificate was presented'));
  const certificate = authority.readAgentCertificate(Buffer.from(presented.certificate, 'base64url'));
  if (!certificate.ok) return err(enrolmentRefusals.certificateInvalid(certificate.error));
  if (certificate.value.notBefore > now) return err(enrolmentRefusals.certificateInvalid('it is not valid yet'));
  return certificate;
}

async function enrolledServer(
  store: EnrolmentStore,
  certificate: AgentCertificate,
  presented: PresentedAgent,
): Promise<Result<ManagedServer, Refusal>> {
  if (presented.link === undefined || !isId('link', presented.link))
    return err(enrolmentRefusals.proofInvalid('no link id'));
  const proven = checkProof(presented, certificate.server, presented.link, certificate.publicKey);
  if (!proven.ok) return proven;
  const server = await store.serverById(certificate.server);
  if (!server) return err(enrolmentRefusals.certificateInvalid('no such server is enrolled'));
  // The enrolled key is the identity: a certificate over any other key was not issued to this server.
  if (server.publicKey !== certificate.publicKeyText)
    return err(enrolmentRefusals.certificateInvalid('it is over another key'));
  if (server.revokedAt !== undefined) return err(enrolmentRefusals.serverRevoked());
  return ok(server);
}

function checkProof(presented: PresentedAgent, id: string, link: string, publicKey: KeyObject): Result<void, Refusal> {
  if (!presented.exporter) return err(enrolmentRefusals.proofInvalid('the connection is below TLS 1.3'));
  if (presented.proof === undefined) return err(enrolmentRefusals.proofInvalid('no proof was presented'));
  const isProven = isLinkProven({ role: 'agent', id, link }, presented.exporter, presented.proof, publicKey);
  return isProven ? ok() : err(enrolmentRefusals.proofInvalid('the signature does not check'));
}
