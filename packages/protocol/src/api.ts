// The shapes of the HTTP API, version 1. The gateway validates with them and its OpenAPI document is made from them.

import * as z from 'zod/mini';
import {
  base64Url,
  epochMs,
  idOf,
  labels,
  loginName,
  oneLine,
  openSshKey,
  serverName,
  workspaceName,
} from './field.ts';
import { hostFacts } from './machine-wire.ts';

const pem = z.string().check(z.maxLength(16_384));
/** Ed25519 public key, 32 bytes. */
const ed25519Key = base64Url(43);

// POST /v1/devices: a person's device is enrolled with a one-time code. The proof is in the link-proof headers.
export const deviceEnrolment = z.strictObject({ code: oneLine(128), publicKey: ed25519Key, name: oneLine(128) });
export const deviceEnrolled = z.strictObject({
  person: z.strictObject({ id: idOf('person'), name: oneLine(128) }),
  device: idOf('device'),
  workspace: workspaceName,
  sshHostCa: openSshKey,
});

// POST /v1/servers: an agent joins with a token. POST /v1/servers/renew: an agent whose certificate has run out gets a new one.
export const serverJoin = z.strictObject({
  token: oneLine(256),
  /** P-256 public key, SPKI DER. */
  publicKey: base64Url(512),
  name: serverName,
  facts: hostFacts,
});
export const serverJoined = z.strictObject({
  server: idOf('server'),
  name: serverName,
  workspace: workspaceName,
  certificatePem: pem,
  caPem: pem,
  /** The workspace's Ed25519 grant key, SPKI DER: pinned by the agent. */
  grantKey: base64Url(128),
});
export const certificateRenewed = z.strictObject({ certificatePem: pem });

export const joinTokenRequest = z.strictObject({
  uses: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 1),
  ttlSeconds: z._default(z.int().check(z.minimum(60), z.maximum(31_536_000)), 3600),
  /** Labels that every server of this token gets; an agent may not claim others. */
  labels: z._default(labels, {}),
});
export const joinToken = z.strictObject({
  id: idOf('token'),
  labels,
  uses: z.int(),
  usesLeft: z.int(),
  createdAt: epochMs,
  expiresAt: epochMs,
  isRevoked: z.boolean(),
});
/** The token's text is shown once. It carries the CA's fingerprint, so that joining trusts this gateway and no other. */
export const joinTokenCreated = z.extend(joinToken, { token: z.string() });
export type JoinToken = z.infer<typeof joinToken>;

// GET /v1/devices: one's own; ?all=1 those of everybody.
export const device = z.strictObject({
  id: idOf('device'),
  name: oneLine(128),
  person: z.strictObject({ id: idOf('person'), name: oneLine(128) }),
  enrolledAt: epochMs,
  revokedAt: z.optional(epochMs),
  /** Links of it that are up now. */
  links: z.int(),
  /** Whether it is the one that asks. */
  isThis: z.boolean(),
});
export type ListedDevice = z.infer<typeof device>;

// POST /v1/codes: a one-time enrolment code for another device of one's own.
export const enrolmentCodeCreated = z.strictObject({ code: z.string(), link: z.string(), expiresAt: epochMs });

export const server = z.strictObject({
  id: idOf('server'),
  name: serverName,
  labels,
  state: z.enum(['online', 'offline', 'revoked']),
  facts: z.optional(hostFacts),
  joinedAt: epochMs,
  lastSeenAt: z.optional(epochMs),
  sessions: z.int(),
});
export type Server = z.infer<typeof server>;

export const channelSummary = z.strictObject({
  id: idOf('channel'),
  kind: z.enum(['shell', 'exec', 'sftp', 'dial', 'listen']),
  /** The command, the address, or nothing. */
  subject: z.string(),
  openedAt: epochMs,
  closedAt: z.optional(epochMs),
  outcome: z.optional(z.string()),
  hasRecording: z.boolean(),
  /** Root hash of the sealed recording, hex, as the audit log has it: what `recording.sealed` says in payloadHash. */
  recordingHash: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});
export const session = z.strictObject({
  id: idOf('session'),
  person: oneLine(128),
  server: serverName,
  login: loginName,
  door: z.enum(['ssh', 'client']),
  state: z.enum(['open', 'ended']),
  startedAt: epochMs,
  endedAt: z.optional(epochMs),
  endReason: z.optional(z.string()),
  channels: z.array(channelSummary),
});
export type Session = z.infer<typeof session>;

export const whoAmI = z.strictObject({
  person: z.strictObject({ id: idOf('person'), name: oneLine(128), roles: z.array(oneLine(32)) }),
  device: z.strictObject({ id: idOf('device'), name: oneLine(128) }),
  workspace: workspaceName,
  gatewayVersion: oneLine(64),
  gatewayTime: epochMs,
  /** What was negotiated on this connection, read from it (SES-10). */
  connection: z.strictObject({ tls: z.string(), cipher: z.string(), keyExchange: z.string(), address: z.string() }),
  sshHostCa: openSshKey,
});

export const policyVersion = z.strictObject({
  version: z.int(),
  text: z.string(),
  author: oneLine(128),
  reason: oneLine(512),
  appliedAt: epochMs,
});
export const policyApply = z.strictObject({ text: z.string().check(z.maxLength(1_048_576)), reason: oneLine(512) });

export const auditCheckpoint = z.strictObject({ note: z.string(), verifierKey: z.string() });
export const auditPage = z.strictObject({ lines: z.array(z.string()), nextSeq: z.int() });

export const readiness = z.strictObject({
  isReady: z.boolean(),
  checks: z.record(z.string(), z.strictObject({ isOk: z.boolean(), detail: z.string() })),
});
