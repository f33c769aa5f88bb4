// What enrolment needs: a store, and the authority that signs certificates.

import type { KeyObject } from 'node:crypto';
import type { EpochMs, Result, ServerId, TokenId } from '@sallyport/core';
import type { HostFacts } from '@sallyport/protocol';
import type { JoinTokenRecord, ManagedServer } from './server.ts';

export interface EnrolmentStore {
  addToken(token: JoinTokenRecord): Promise<void>;
  tokenById(id: TokenId): Promise<JoinTokenRecord | undefined>;
  tokens(): Promise<readonly JoinTokenRecord[]>;
  revokeToken(id: TokenId, at: EpochMs): Promise<boolean>;
  /** Takes one use of the token and adds the server, both or neither. */
  join(
    token: TokenId,
    server: ManagedServer,
    now: EpochMs,
  ): Promise<'joined' | 'token-unusable' | 'name-taken' | 'key-taken'>;
  serverById(id: ServerId): Promise<ManagedServer | undefined>;
  /** Among servers that are not revoked. */
  serverByName(name: string): Promise<ManagedServer | undefined>;
  servers(): Promise<readonly ManagedServer[]>;
  saw(id: ServerId, at: EpochMs, facts: HostFacts): Promise<void>;
  revokeServer(id: ServerId, at: EpochMs): Promise<boolean>;
}

export type AgentCertificate = {
  readonly server: ServerId;
  readonly publicKey: KeyObject;
  /** SPKI DER, base64url. */
  readonly publicKeyText: string;
  readonly notBefore: EpochMs;
  readonly notAfter: EpochMs;
};

export interface CertificateAuthority {
  /** The workspace CA's own certificate, PEM. */
  readonly caPem: string;
  /** SHA-256 over the CA certificate's SPKI DER, hex: what tokens and links pin. */
  readonly caFingerprint: string;
  /** A certificate for the agent's key (SPKI DER) with the name spiffe://<workspace>/server/<id>; throws on a key that is not P-256. */
  issueForServer(server: ServerId, publicKey: Uint8Array, notBefore: EpochMs, notAfter: EpochMs): Promise<string>;
  /** Reads and checks the leaf of a certificate (DER): signed by this CA, our name form, client use. The time is the caller's to judge. */
  readAgentCertificate(der: Uint8Array): Result<AgentCertificate, string>;
}
