// Identifiers: branded, prefixed by kind, 80 random bits. An identifier names a thing; it never proves anything.

import type { Random } from './random.ts';
import { err, ok, type Result } from './result.ts';

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Kind of identifier → the prefix that it carries in text. */
const idPrefixes = {
  person: 'per',
  device: 'dev',
  server: 'srv',
  session: 'ses',
  channel: 'chn',
  grant: 'gnt',
  token: 'tok',
  link: 'lnk',
  code: 'cod',
} as const;

export type IdKind = keyof typeof idPrefixes;
export type Id<Kind extends IdKind> = Brand<string, Kind>;
export type PersonId = Id<'person'>;
export type DeviceId = Id<'device'>;
export type ServerId = Id<'server'>;
export type SessionId = Id<'session'>;
export type ChannelId = Id<'channel'>;
export type GrantId = Id<'grant'>;
export type TokenId = Id<'token'>;
export type LinkId = Id<'link'>;
export type CodeId = Id<'code'>;

// Crockford's base 32 in lower case: no i, l, o, u, so that an id can be read aloud.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const idRandomBytes = 10;
/** What an identifier of that kind looks like, as one whole text. */
export function idPattern(kind: IdKind): RegExp {
  return new RegExp(`^${idPrefixes[kind]}_[0-9a-hjkmnp-tv-z]{16}$`);
}

export function newId<Kind extends IdKind>(kind: Kind, random: Random): Id<Kind> {
  return `${idPrefixes[kind]}_${base32(random(idRandomBytes))}` as Id<Kind>;
}

/** The text as an identifier of that kind, or what is wrong with it. */
export function parseId<Kind extends IdKind>(kind: Kind, text: string): Result<Id<Kind>, string> {
  if (!isId(kind, text)) return err(`not a ${kind} id: expected ${idPrefixes[kind]}_ and 16 letters or digits`);
  return ok(text);
}

export function isId<Kind extends IdKind>(kind: Kind, text: string): text is Id<Kind> {
  return idPattern(kind).test(text);
}

/** Crockford base 32 of the bytes, most significant bit first; the last character is padded with zero bits. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let pendingBits = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    pendingBits += 8;
    while (pendingBits >= 5) {
      pendingBits -= 5;
      text += alphabet.charAt((pending >> pendingBits) & 31);
      pending &= (1 << pendingBits) - 1;
    }
  }
  return pendingBits === 0 ? text : text + alphabet.charAt((pending << (5 - pendingBits)) & 31);
}
