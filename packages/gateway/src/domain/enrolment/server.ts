// A managed server and the tokens by which servers join.

import type { EpochMs, ServerId, TokenId } from '@sallyport/core';
import type { HostFacts, Labels } from '@sallyport/protocol';

export type ManagedServer = {
  readonly id: ServerId;
  /** Unique among servers that are not revoked. */
  readonly name: string;
  /** The token's labels over those of the agent that the token lets through. */
  readonly labels: Labels;
  /** The agent's P-256 public key, SPKI DER, base64url. The server's identity; certificates only carry it. */
  readonly publicKey: string;
  readonly facts: HostFacts | undefined;
  readonly joinedAt: EpochMs;
  readonly lastSeenAt: EpochMs | undefined;
  readonly revokedAt: EpochMs | undefined;
};

export type JoinTokenRecord = {
  readonly id: TokenId;
  /** SHA-256 of the token's secret, hex. */
  readonly hash: string;
  readonly labels: Labels;
  readonly uses: number;
  readonly usesLeft: number;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly revokedAt: EpochMs | undefined;
};
