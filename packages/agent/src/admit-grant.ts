// Decides on a grant: signed by the pinned workspace key, for this server, this connection and this moment, used once.
// The agent acts on nothing else. Whatever is not understood is refused.

import type { KeyObject } from 'node:crypto';
import { type EpochMs, err, type LinkId, ok, type Result, type ServerId } from '@sallyport/core';
import { type GrantClaims, type Refusal, type RefusalCode, verifyGrant } from '@sallyport/protocol';
import type { GrantMemory } from './grant-memory.ts';

export type GrantFacts = {
  readonly server: ServerId;
  /** This connection's own name, made by the agent. */
  readonly link: LinkId;
  /** Pinned when the server joined. */
  readonly workspaceKey: KeyObject;
  readonly now: EpochMs;
  /** How far the two clocks may be apart. */
  readonly clockToleranceMs: number;
  readonly seen: GrantMemory;
};

/** The claims of a grant that may be acted on now, or why not. A grant that was admitted once is refused ever after. */
export function admitGrant(grant: string, facts: GrantFacts): Result<GrantClaims, Refusal> {
  const verified = verifyGrant(grant, facts.workspaceKey);
  if (!verified.ok) return err(forged(verified.error));
  const claims = verified.value;
  const refused = wrongPlace(claims, facts) ?? wrongTime(claims, facts) ?? usedAlready(claims, facts);
  return refused ? err(refused) : ok(claims);
}

function forged(why: string): Refusal {
  return {
    code: 'GRANT_FORGED',
    message: `the grant is not a statement of this workspace: ${why.split('\n')[0]}`,
    rule: 'grant.signature',
    hint: 'if the workspace got a new grant key, join this server again: sally agent join URL --force',
    evidence: { why },
  };
}

function wrongPlace(claims: GrantClaims, { server, link }: GrantFacts): Refusal | undefined {
  if (claims.server !== server) {
    const message = `the grant is for the server ${claims.server}; this is ${server}`;
    const hint = 'ask for access to this server by its own name: sally ls';
    return refusal('GRANT_WRONG_SERVER', message, 'grant.server', hint, claims);
  }
  if (claims.link !== link) {
    const message = 'the grant was made for another connection of this agent';
    return refusal('GRANT_WRONG_LINK', message, 'grant.link', 'start the session again', claims);
  }
  return undefined;
}

function wrongTime(claims: GrantClaims, { now, clockToleranceMs }: GrantFacts): Refusal | undefined {
  const aheadMs = claims.issuedAt - now;
  if (aheadMs > clockToleranceMs) {
    const message = `the grant begins ${inWords(aheadMs)} from now by this server's clock, which is behind the gateway's`;
    const hint = 'set the clock on the server: timedatectl set-ntp true, then check with timedatectl status';
    return refusal('GRANT_NOT_YET_VALID', message, 'grant.issuedAt', hint, claims);
  }
  if (now >= claims.endsAt) {
    const message = `the grant ended ${inWords(now - claims.endsAt)} ago`;
    return refusal('GRANT_EXPIRED', message, 'grant.endsAt', 'ask for access again', claims);
  }
  const lateMs = now - claims.startBy;
  if (lateMs > clockToleranceMs) {
    const message = `the grant had to be used ${inWords(lateMs)} ago by this server's clock`;
    const hint =
      'start the session again; if it happens each time, set the clock on the server: timedatectl set-ntp true';
    return refusal('GRANT_EXPIRED', message, 'grant.startBy', hint, claims);
  }
  return undefined;
}

function usedAlready(claims: GrantClaims, { seen, now, clockToleranceMs }: GrantFacts): Refusal | undefined {
  // Kept for as long as wrongTime would let it through.
  const verdict = seen.take(claims.grant, claims.startBy + clockToleranceMs, now);
  switch (verdict) {
    case 'fresh':
      return undefined;
    case 'seen':
      return refusal('GRANT_REPLAYED', 'the grant was used already', 'grant.once', 'start the session again', claims);
    case 'too-old':
      return refusal(
        'GRANT_EXPIRED',
        'the grant is older than those forgotten',
        'grant.startBy',
        'ask for access again',
        claims,
      );
    case 'full':
      return refusal(
        'LIMIT_REACHED',
        'too many sessions begin at once',
        'grant.memory',
        'try again in a minute',
        claims,
      );
  }
}

function refusal(code: RefusalCode, message: string, rule: string, hint: string, claims: GrantClaims): Refusal {
  const { grant, session, server, link, issuedAt, startBy, endsAt } = claims;
  const evidence = {
    grant,
    session,
    server,
    link,
    issuedAt,
    startBy,
    endsAt,
    person: claims.person.id,
    login: claims.login,
  };
  return { code, message, rule, hint, evidence };
}

/** A duration as people say it: 42 s, 3 min, 5 h, 2 days. */
export function inWords(durationMs: number): string {
  const seconds = Math.round(Math.abs(durationMs) / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
