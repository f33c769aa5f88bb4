// A person, the devices a person works from, and the one-time codes that enrol them. No password is ever held here.

import type { CodeId, DeviceId, EpochMs, PersonId } from '@sallyport/core';

/** Roles of the product itself; what each may do is policy, not code (IDN-9). */
export const roles = ['owner', 'administrator', 'auditor', 'approver', 'member'] as const;
type Role = (typeof roles)[number];

export type Person = {
  readonly id: PersonId;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createdAt: EpochMs;
};

export type Device = {
  readonly id: DeviceId;
  readonly person: PersonId;
  readonly name: string;
  /** Ed25519 public key, 32 bytes, base64url. Unique: one key is one device. */
  readonly publicKey: string;
  readonly enrolledAt: EpochMs;
  readonly revokedAt: EpochMs | undefined;
};

/** A one-time code: only its hash is kept. */
export type EnrolmentCode = {
  readonly id: CodeId;
  readonly person: PersonId;
  /** SHA-256 of the code's text, hex. */
  readonly hash: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly usedAt: EpochMs | undefined;
};
