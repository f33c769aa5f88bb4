// What can happen, as the log tells it (AUD-1). The classes are a closed list; their fields are documented in docs/audit-events.md.

import * as z from 'zod/mini';
import { idOf, oneLine } from './field.ts';

export const auditClasses = [
  'gateway.started',
  'gateway.stopped',
  'log.recovered',
  'workspace.created',
  'device.enrolled',
  'device.refused',
  'device.revoked',
  'code.created',
  'token.created',
  'token.revoked',
  'server.joined',
  'server.refused',
  'server.connected',
  'server.disconnected',
  'server.renewed',
  'server.revoked',
  'session.opened',
  'session.refused',
  'session.ended',
  'channel.opened',
  'channel.refused',
  'channel.closed',
  'grant.refused',
  'recording.sealed',
  'recording.played',
  'policy.applied',
  'policy.refused',
  'api.allowed',
  'api.refused',
] as const;
export type AuditClass = (typeof auditClasses)[number];

const party = z.strictObject({
  kind: z.enum(['person', 'server', 'gateway', 'unknown']),
  id: oneLine(128),
  name: z.optional(oneLine(253)),
});
export type Party = z.infer<typeof party>;

const thing = z.strictObject({
  kind: z.enum([
    'workspace',
    'server',
    'session',
    'channel',
    'device',
    'token',
    'code',
    'policy',
    'recording',
    'log',
    'api',
  ]),
  id: oneLine(253),
  name: z.optional(oneLine(253)),
});

export const auditEvent = z.strictObject({
  /** RFC 3339, UTC, milliseconds. */
  time: z.iso.datetime({ precision: 3 }),
  class: z.enum(auditClasses),
  actor: party,
  action: oneLine(64),
  resource: thing,
  decision: z.optional(z.enum(['allow', 'deny'])),
  /** The rules that decided, or the one that refused. */
  rules: z.optional(z.array(oneLine(128)).check(z.maxLength(64))),
  reason: z.optional(oneLine(1024)),
  source: z.optional(oneLine(253)),
  destination: z.optional(oneLine(512)),
  payloadBytes: z.optional(z.int().check(z.nonnegative())),
  /** SHA-256, hex. */
  payloadHash: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
  session: z.optional(idOf('session')),
  channel: z.optional(idOf('channel')),
  device: z.optional(idOf('device')),
  /** The peer's IP address as the gateway's own socket saw it. */
  address: z.optional(oneLine(64)),
  /** Facts of this class only, documented with it. */
  details: z.optional(z.record(z.string(), z.json())),
});
export type AuditEvent = z.infer<typeof auditEvent>;
