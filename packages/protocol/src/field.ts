// Fields that many messages share, with their limits. Everything from outside passes one of these before it is used.

import { type Id, type IdKind, idPattern } from '@sallyport/core';
import * as z from 'zod/mini';

/** An identifier of that kind. The brand is this schema's to give: it has matched the whole text. */
export function idOf<Kind extends IdKind>(kind: Kind): z.ZodMiniType<Id<Kind>, Id<Kind>> {
  const text: z.ZodMiniType = z.string().check(z.regex(idPattern(kind), `not a ${kind} id`));
  return text as z.ZodMiniType<Id<Kind>, Id<Kind>>;
}

/** A name of a login on a server: what Debian's adduser accepts, and what sshd passes on. */
export const loginName = z.string().check(z.regex(/^[a-z_][a-z0-9_.-]{0,31}$/i, 'not a login name'));

/** A server's name: one DNS label (RFC 1123 §2.1), so that `ssh NAME.workspace` works. */
export const serverName = z.string().check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'not a host name label'));

/** A workspace's name: one DNS label too. It becomes part of what ssh reads (ssh_config, known_hosts), where a space is another pattern. */
export const workspaceName = z.string().check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'not a workspace name'));

/** An Ed25519 public key as known_hosts has it, without anything behind it. */
export const openSshKey = z.string().check(z.regex(/^ssh-ed25519 [A-Za-z0-9+/=]{1,256}$/, 'not an Ed25519 public key'));

/** Labels of a server: `env=prod`. */
const labelKey = z.string().check(z.regex(/^[a-z][a-z0-9_.-]{0,31}$/, 'not a label name'));
const labelValue = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,62}$/, 'not a label value'));
const maxLabels = 32;
export const labels = z
  .record(labelKey, labelValue)
  .check(z.refine((all) => Object.keys(all).length <= maxLabels, `more than ${maxLabels} labels`));
export type Labels = z.infer<typeof labels>;

/** Free text of one line: no control characters, so that it cannot forge a log line or move a cursor; no halves of characters (Cs). */
export function oneLine(maxLength: number) {
  return z.string().check(z.maxLength(maxLength), z.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'holds control characters'));
}

/** For what is logged and signed: half a character (a lone surrogate) has no canonical form (RFC 8785 §3.2.2.2). */
export const wellFormed = z.refine<string>((text) => text.isWellFormed(), 'holds half a character');

export function base64Url(maxLength: number) {
  return z.string().check(z.maxLength(maxLength), z.regex(/^[A-Za-z0-9_-]*$/, 'not base64url'));
}

/** Milliseconds since 1970-01-01T00:00:00Z, up to the year 9999. */
export const epochMs = z.int().check(z.nonnegative(), z.maximum(253_402_300_799_999));
