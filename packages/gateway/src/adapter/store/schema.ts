// The tables, as Kysely sees them: camelCase here, snake_case in the database. docs/storage-schema.md says what each column is.

import type { Generated } from 'kysely';

type Ms = number;

/** Texts that hold JSON are written and read by rows.ts only. */
export interface Tables {
  /** appliedAt is the database's own clock, as text. */
  migration: { number: number; name: string; appliedAt: Generated<string> };
  workspace: { one: number; name: string; createdAt: Ms };
  sealedKey: { name: string; sealed: string; certificatePem: string | null };
  person: { id: string; name: string; roles: string; createdAt: Ms };
  device: { id: string; person: string; name: string; publicKey: string; enrolledAt: Ms; revokedAt: Ms | null };
  enrolmentCode: { id: string; person: string; hash: string; createdAt: Ms; expiresAt: Ms; usedAt: Ms | null };
  joinToken: {
    id: string;
    hash: string;
    labels: string;
    uses: number;
    usesLeft: number;
    createdAt: Ms;
    expiresAt: Ms;
    revokedAt: Ms | null;
  };
  server: {
    id: string;
    name: string;
    labels: string;
    publicKey: string;
    facts: string | null;
    joinedAt: Ms;
    lastSeenAt: Ms | null;
    revokedAt: Ms | null;
  };
  policyVersion: { version: number; text: string; author: string; reason: string; appliedAt: Ms };
  session: {
    id: string;
    person: string;
    personName: string;
    device: string;
    server: string;
    serverName: string;
    login: string;
    door: string;
    address: string;
    startedAt: Ms;
    endedAt: Ms | null;
    endReason: string | null;
  };
  channel: {
    id: string;
    session: string;
    kind: string;
    subject: string;
    openedAt: Ms;
    closedAt: Ms | null;
    outcome: string | null;
    recordingHash: string | null;
    hasRecording: number;
  };
}
