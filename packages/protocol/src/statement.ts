// A signed statement: compact JWS (RFC 7515) with one fixed algorithm, Ed25519 (RFC 8037 §3.1). The header is compared as a whole,
// so `alg: none`, algorithm confusion and unknown `crit` headers (RFC 8725 §2) cannot be spelled.

import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import {
  canonicalJson,
  err,
  fromBase64Url,
  type JsonObject,
  ok,
  parseJson,
  type Result,
  toBase64Url,
} from '@sallyport/core';
import * as z from 'zod/mini';

/** What a statement is about; a statement of one type never passes for another (RFC 8725 §3.11). */
export type StatementType = 'sally-grant+jws' | 'sally-host-key+jws';

const maxStatementLength = 16_384;

/** RFC 7638-style thumbprint of a public key: base64url of SHA-256 over its SPKI DER, first 16 bytes. */
export function keyId(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return toBase64Url(createHash('sha256').update(spki).digest().subarray(0, 16));
}

export function signStatement(
  type: StatementType,
  claims: JsonObject,
  key: { privateKey: KeyObject; publicKey: KeyObject },
): string {
  const signed = `${header(type, key.publicKey)}.${toBase64Url(Buffer.from(canonicalJson(claims)))}`;
  return `${signed}.${toBase64Url(sign(null, Buffer.from(signed), key.privateKey))}`;
}

/** The claims of a statement of that type by that key, read with the schema; or what is wrong with it. */
export function verifyStatement<Schema extends z.ZodMiniType>(
  type: StatementType,
  statement: string,
  publicKey: KeyObject,
  schema: Schema,
): Result<z.infer<Schema>, string> {
  if (statement.length > maxStatementLength) return err('longer than a statement may be');
  const [head, body, tail, ...rest] = statement.split('.');
  if (head === undefined || body === undefined || tail === undefined || rest.length > 0)
    return err('not a compact JWS');
  if (head !== header(type, publicKey)) return err(`not a ${type} by the pinned key`);
  const signature = fromBase64Url(tail);
  if (!signature || !verify(null, Buffer.from(`${head}.${body}`), publicKey, signature))
    return err('the signature does not check');
  const claims = schema.safeParse(parseJson(fromBase64Url(body) ?? ''));
  return claims.success ? ok(claims.data) : err(z.prettifyError(claims.error));
}

function header(type: StatementType, publicKey: KeyObject): string {
  return toBase64Url(Buffer.from(canonicalJson({ alg: 'EdDSA', kid: keyId(publicKey), typ: type })));
}
