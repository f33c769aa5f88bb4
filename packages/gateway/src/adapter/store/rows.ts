// Rows as the domains know them. What a row holds is checked when it is read: a row that somebody changed by hand is a failure of the
// store, never a person, server or session of a strange shape.

import { epochMs, hostFacts, idOf, labels } from '@sallyport/protocol';
import * as z from 'zod/mini';
import { roles } from '../../domain/identity/person.ts';

/** NULL is undefined. */
function nullable<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.pipe(
    z.nullable(schema),
    z.transform((value) => value ?? undefined),
  );
}

const text = z.string();
const optionalMs = nullable(epochMs);

function json<Schema extends z.ZodMiniType>(schema: Schema) {
  const parsed = z.transform((written: string, context) => {
    try {
      return JSON.parse(written) as unknown;
    } catch {
      context.issues.push({ code: 'custom', message: 'not JSON', input: written });
      return z.NEVER;
    }
  });
  return z.pipe(z.pipe(text, parsed), schema);
}

export const workspaceRow = z.object({ name: text, createdAt: epochMs });

export const sealedKeyRow = z.object({
  name: z.enum(['ca', 'grant', 'log', 'ssh-ca']),
  sealed: z.pipe(
    text,
    z.transform((written) => new Uint8Array(Buffer.from(written, 'base64url'))),
  ),
  certificatePem: nullable(text),
});

export const personRow = z.object({
  id: idOf('person'),
  name: text,
  roles: json(z.array(z.enum(roles))),
  createdAt: epochMs,
});

export const deviceRow = z.object({
  id: idOf('device'),
  person: idOf('person'),
  name: text,
  publicKey: text,
  enrolledAt: epochMs,
  revokedAt: optionalMs,
});

export const codeRow = z.object({
  id: idOf('code'),
  person: idOf('person'),
  hash: text,
  createdAt: epochMs,
  expiresAt: epochMs,
  usedAt: optionalMs,
});

export const tokenRow = z.object({
  id: idOf('token'),
  hash: text,
  labels: json(labels),
  uses: z.int(),
  usesLeft: z.int(),
  createdAt: epochMs,
  expiresAt: epochMs,
  revokedAt: optionalMs,
});

export const serverRow = z.object({
  id: idOf('server'),
  name: text,
  labels: json(labels),
  publicKey: text,
  facts: nullable(json(hostFacts)),
  joinedAt: epochMs,
  lastSeenAt: optionalMs,
  revokedAt: optionalMs,
});

export const policyVersionRow = z.object({ version: z.int(), text, author: text, reason: text, appliedAt: epochMs });

export const sessionRow = z.object({
  id: idOf('session'),
  person: idOf('person'),
  personName: text,
  device: idOf('device'),
  server: idOf('server'),
  serverName: text,
  login: text,
  door: z.enum(['ssh', 'client']),
  address: text,
  startedAt: epochMs,
  endedAt: optionalMs,
  endReason: nullable(text),
});

export const channelRow = z.object({
  id: idOf('channel'),
  session: idOf('session'),
  kind: z.enum(['shell', 'exec', 'sftp', 'dial', 'listen']),
  subject: text,
  openedAt: epochMs,
  closedAt: optionalMs,
  outcome: nullable(text),
  recordingHash: nullable(text),
  hasRecording: z.pipe(
    z.int(),
    z.transform((flag) => flag === 1),
  ),
});

/** The row as the domain's value; throws when it is not one. */
export function readRow<Schema extends z.ZodMiniType>(schema: Schema, row: unknown): z.output<Schema> {
  const read = schema.safeParse(row);
  if (read.success) return read.data;
  throw new Error(`a stored row cannot be read: ${z.prettifyError(read.error)}`);
}

export function readOptional<Schema extends z.ZodMiniType>(schema: Schema, row: unknown): z.output<Schema> | undefined {
  return row === undefined ? undefined : readRow(schema, row);
}

export function readRows<Schema extends z.ZodMiniType>(schema: Schema, rows: readonly unknown[]): z.output<Schema>[] {
  return rows.map((row) => readRow(schema, row));
}
