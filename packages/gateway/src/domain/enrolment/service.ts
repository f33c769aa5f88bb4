// How servers come in and stay in: join tokens, certificates and their renewal, and the check of an agent on each connection.

import {
  base32,
  type Clock,
  type EpochMs,
  err,
  newId,
  ok,
  type Random,
  type Result,
  type ServerId,
  sha256Hex,
  type TokenId,
} from '@sallyport/core';
import type { HostFacts, Labels, Refusal } from '@sallyport/protocol';
import type { Entry, Journal } from '../audit/index.ts';
import { authenticateAgent, checkJoinProof, checkRenewal, type PresentedAgent } from './check.ts';
import type { AgentCertificate, CertificateAuthority, EnrolmentStore } from './ports.ts';
import { enrolmentRefusals } from './refusals.ts';
import type { JoinTokenRecord, ManagedServer } from './server.ts';

const certificateLifeMs = 24 * 3_600_000;
// Hosts whose clock is a little behind must not see a certificate of the future.
const backdateMs = 5 * 60_000;
// A certificate lasts for a day and an agent that failed waits a minute; each renewal is a signature and an event.
const renewalGapMs = 10_000;
const tokenSecretBytes = 32;

type JoinRequest = {
  readonly tokenId: TokenId;
  readonly tokenSecret: string;
  readonly publicKey: string;
  readonly name: string;
  readonly facts: HostFacts;
};

export interface EnrolmentService {
  createToken(ask: {
    uses: number;
    ttlSeconds: number;
    labels: Labels;
  }): Promise<{ record: JoinTokenRecord; secret: string }>;
  join(
    request: JoinRequest,
    presented: PresentedAgent,
  ): Promise<Result<{ server: ManagedServer; certificatePem: string }, Refusal>>;
  /** The server behind a connection that wants to be its tunnel. */
  authenticate(
    presented: PresentedAgent,
  ): Promise<Result<{ server: ManagedServer; certificate: AgentCertificate }, Refusal>>;
  /** A new certificate for an agent that proved itself on a live tunnel. */
  renewOnTunnel(server: ServerId): Promise<Result<string, Refusal>>;
  /** A new certificate for an agent whose old one has run out while it could not reach us. */
  renewAfterExpiry(presented: PresentedAgent): Promise<Result<string, Refusal>>;
}

type Needs = {
  readonly store: EnrolmentStore;
  readonly authority: CertificateAuthority;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
};

export function createEnrolment(needs: Needs): EnrolmentService {
  const { store, authority, clock, random } = needs;
  const renewedAtMs = new Map<ServerId, number>();
  const renewSeldom = (server: ManagedServer): Promise<Result<string, Refusal>> => {
    const nowMs = clock.monotonicMs();
    if (nowMs < (renewedAtMs.get(server.id) ?? Number.NEGATIVE_INFINITY) + renewalGapMs)
      return Promise.resolve(err(enrolmentRefusals.renewedJustNow()));
    renewedAtMs.set(server.id, nowMs);
    return renew(needs, server);
  };
  return {
    createToken: async (ask) => {
      const secret = base32(random(tokenSecretBytes));
      const createdAt = clock.now();
      const record: JoinTokenRecord = {
        id: newId('token', random),
        hash: sha256Hex(secret),
        labels: ask.labels,
        uses: ask.uses,
        usesLeft: ask.uses,
        createdAt,
        expiresAt: createdAt + ask.ttlSeconds * 1000,
        revokedAt: undefined,
      };
      await store.addToken(record);
      return { record, secret };
    },
    join: async (request, presented) => {
      const joined = await joinServer(needs, request, presented);
      if (joined.ok) return joined;
      const refusal = refusedEntry(request, presented, joined.error);
      const recorded = await needs.journal.refused(refusal, { kind: 'stranger', id: presented.address });
      return recorded.ok ? joined : recorded;
    },
    authenticate: (presented) => authenticateAgent(store, authority, presented, clock.now()),
    renewOnTunnel: async (id) => {
      const server = await store.serverById(id);
      if (!server || server.revokedAt !== undefined) return err(enrolmentRefusals.serverRevoked());
      return renewSeldom(server);
    },
    renewAfterExpiry: async (presented) => {
      const server = await checkRenewal(store, authority, presented, clock.now());
      return server.ok ? renewSeldom(server.value) : server;
    },
  };
}

async function joinServer(
  { store, authority, journal, clock, random }: Needs,
  request: JoinRequest,
  presented: PresentedAgent,
): Promise<Result<{ server: ManagedServer; certificatePem: string }, Refusal>> {
  const now = clock.now();
  const proven = checkJoinProof(request.publicKey, request.tokenId, presented);
  if (!proven.ok) return proven;
  const token = await usableToken(store, request, now);
  if (!token.ok) return token;
  if (await store.serverByName(request.name)) return err(enrolmentRefusals.nameTaken(request.name));
  const id = newId('server', random);
  const certificatePem = await issue(authority, id, request.publicKey, now);
  if (!certificatePem.ok) return certificatePem;
  const server: ManagedServer = {
    id,
    name: request.name,
    labels: token.value.labels,
    publicKey: request.publicKey,
    facts: request.facts,
    joinedAt: now,
    lastSeenAt: now,
    revokedAt: undefined,
  };
  const recorded = await journal.write({
    class: 'server.joined',
    actor: { kind: 'server', id, name: server.name },
    action: 'join',
    resource: { kind: 'server', id, name: server.name },
    decision: 'allow',
    rules: [token.value.id],
    address: presented.address,
    details: { labels: server.labels, publicKey: server.publicKey },
  });
  if (!recorded.ok) return recorded;
  const outcome = await store.join(token.value.id, server, now);
  switch (outcome) {
    case 'joined':
      return ok({ server, certificatePem: certificatePem.value });
    case 'token-unusable':
      return err(enrolmentRefusals.tokenUsedUp());
    case 'name-taken':
      return err(enrolmentRefusals.nameTaken(server.name));
    case 'key-taken':
      return err(enrolmentRefusals.keyTaken());
  }
}

async function usableToken(
  store: EnrolmentStore,
  request: JoinRequest,
  now: EpochMs,
): Promise<Result<JoinTokenRecord, Refusal>> {
  const token = await store.tokenById(request.tokenId);
  // The comparison is of hashes of a 256-bit secret: its time tells nothing about the secret.
  if (!token || token.hash !== sha256Hex(request.tokenSecret)) return err(enrolmentRefusals.tokenInvalid());
  if (token.revokedAt !== undefined) return err(enrolmentRefusals.tokenRevoked());
  if (token.expiresAt <= now) return err(enrolmentRefusals.tokenExpired());
  if (token.usesLeft <= 0) return err(enrolmentRefusals.tokenUsedUp());
  for (const [label, value] of Object.entries(request.facts.labels)) {
    if (token.labels[label] !== value) return err(enrolmentRefusals.labelNotAllowed(`${label}=${value}`));
  }
  return ok(token);
}

async function renew({ authority, journal, clock }: Needs, server: ManagedServer): Promise<Result<string, Refusal>> {
  const certificatePem = await issue(authority, server.id, server.publicKey, clock.now());
  if (!certificatePem.ok) return certificatePem;
  const recorded = await journal.write({
    class: 'server.renewed',
    actor: { kind: 'server', id: server.id, name: server.name },
    action: 'renew',
    resource: { kind: 'server', id: server.id, name: server.name },
    decision: 'allow',
    rules: ['enrolled key'],
  });
  return recorded.ok ? certificatePem : recorded;
}

async function issue(
  authority: CertificateAuthority,
  server: ServerId,
  publicKey: string,
  now: EpochMs,
): Promise<Result<string, Refusal>> {
  try {
    return ok(
      await authority.issueForServer(
        server,
        Buffer.from(publicKey, 'base64url'),
        now - backdateMs,
        now + certificateLifeMs,
      ),
    );
  } catch (error) {
    return err(enrolmentRefusals.keyUnusable(String(error)));
  }
}

function refusedEntry(request: JoinRequest, presented: PresentedAgent, refusal: Refusal): Entry {
  return {
    class: 'server.refused',
    actor: { kind: 'unknown', id: request.name },
    action: 'join',
    resource: { kind: 'token', id: request.tokenId },
    decision: 'deny',
    rules: [refusal.rule],
    reason: refusal.message,
    address: presented.address,
    details: { code: refusal.code, ...refusal.evidence },
  };
}
