// A grant: the gateway's signed statement of who may do what on which server, as which login, until when, under which decision.
// The agent acts on nothing else; being able to reach an agent is not enough to use it.

import type { KeyObject } from 'node:crypto';
import type { Result } from '@sallyport/core';
import * as z from 'zod/mini';
import { epochMs, idOf, loginName, oneLine } from './field.ts';
import { signStatement, verifyStatement } from './statement.ts';
import { variablePatterns } from './variable-name.ts';

/** What a session may do on a server: each is its own action in policy. */
export const powers = ['shell', 'exec', 'sftp', 'dial', 'listen'] as const;
export const power = z.enum(powers);
export type Power = z.infer<typeof power>;

export const grantClaims = z.strictObject({
  grant: idOf('grant'),
  session: idOf('session'),
  server: idOf('server'),
  /** The agent's own name for its present connection: a grant kept from another connection is refused. */
  link: idOf('link'),
  person: z.strictObject({ id: idOf('person'), name: oneLine(128) }),
  device: idOf('device'),
  login: loginName,
  powers: z.array(power).check(z.minLength(1), z.maxLength(powers.length)),
  /** Variables that the session may set, as AcceptEnv; the server refuses dangerous names all the same. */
  environment: variablePatterns,
  /** The policy rules that decided. */
  rules: z.array(oneLine(128)).check(z.maxLength(64)),
  issuedAt: epochMs,
  /** The session must begin before this. */
  startBy: epochMs,
  /** The session ends at this time at the latest. */
  endsAt: epochMs,
});
export type GrantClaims = z.infer<typeof grantClaims>;

export function signGrant(claims: GrantClaims, key: { privateKey: KeyObject; publicKey: KeyObject }): string {
  return signStatement('sally-grant+jws', claims, key);
}

export function verifyGrant(grant: string, workspaceKey: KeyObject): Result<GrantClaims, string> {
  return verifyStatement('sally-grant+jws', grant, workspaceKey, grantClaims);
}
