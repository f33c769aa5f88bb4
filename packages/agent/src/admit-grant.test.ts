// Each way in which a grant is not to be acted on, with its reason; and the bounded memory of those that were used.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { canonicalJson, expectOk, type GrantId, newId, parseId, toBase64Url } from '@sallyport/core';
import { type GrantClaims, grantClaims, keyId, signGrant, signStatement } from '@sallyport/protocol';
import { describe, expect, it } from 'vitest';
import { admitGrant, type GrantFacts, inWords } from './admit-grant.ts';
import { grantMemory } from './grant-memory.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const workspace = generateKeyPairSync('ed25519');
const id = <Kind extends Parameters<typeof parseId>[0]>(kind: Kind, text: string) => expectOk(parseId(kind, text));

const claims: GrantClaims = grantClaims.parse({
  grant: 'gnt_0000000000000001',
  session: 'ses_0000000000000001',
  server: 'srv_0000000000000001',
  link: 'lnk_0000000000000001',
  person: { id: 'per_0000000000000001', name: 'ada' },
  device: 'dev_0000000000000001',
  login: 'deploy',
  powers: ['shell', 'exec'],
  environment: ['LANG', 'LC_*'],
  rules: ['developers-reach-staging'],
  issuedAt: now,
  startBy: now + 30_000,
  endsAt: now + 3_600_000,
});

const facts = (changed: Partial<GrantFacts> = {}): GrantFacts => ({
  server: claims.server,
  link: claims.link,
  workspaceKey: workspace.publicKey,
  now,
  clockToleranceMs: 10_000,
  seen: grantMemory(),
  ...changed,
});

const signed = (changed: Partial<GrantClaims> = {}): string => signGrant({ ...claims, ...changed }, workspace);

/** A JWS with any header, signed by the right key: what a signer that ignores the rules could make. */
function withHeader(header: Record<string, string>, key: KeyObject = workspace.privateKey): string {
  const head = toBase64Url(Buffer.from(canonicalJson(header)));
  const body = toBase64Url(Buffer.from(canonicalJson(claims)));
  return `${head}.${body}.${toBase64Url(sign(null, Buffer.from(`${head}.${body}`), key))}`;
}

function flipped(grant: string, part: 0 | 1 | 2): string {
  const parts = grant.split('.');
  const bytes = Buffer.from(parts[part] ?? '', 'base64url');
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  parts[part] = toBase64Url(bytes);
  return parts.join('.');
}

describe('a grant', () => {
  it('is admitted for this server, this link and this time (CON-2, SES-1)', () => {
    expect(admitGrant(signed(), facts())).toEqual({ ok: true, value: claims });
  });

  const kid = keyId(workspace.publicKey);
  it.each([
    ['signed by another key', signGrant(claims, generateKeyPairSync('ed25519'))],
    [
      'signed by another key that names the pinned one',
      withHeader({ alg: 'EdDSA', kid, typ: 'sally-grant+jws' }, generateKeyPairSync('ed25519').privateKey),
    ],
    ['with one bit of its header changed', flipped(signed(), 0)],
    ['with one bit of its claims changed', flipped(signed(), 1)],
    ['with one bit of its signature changed', flipped(signed(), 2)],
    ['with alg none', withHeader({ alg: 'none', kid, typ: 'sally-grant+jws' })],
    ['without a signature', `${signed().split('.').slice(0, 2).join('.')}.`],
    ['that is a statement of another type', signStatement('sally-host-key+jws', claims, workspace)],
    ['with a claim that is not known', signStatement('sally-grant+jws', { ...claims, admin: true }, workspace)],
    ['without an end', signStatement('sally-grant+jws', { ...claims, endsAt: undefined } as never, workspace)],
    ['that is no statement at all', 'nonsense'],
    ['that is far too long', 'a.'.repeat(20_000)],
  ])('%s is refused as forged (CON-2, SES-1)', (_, grant) => {
    expect(admitGrant(grant, facts())).toMatchObject({
      ok: false,
      error: { code: 'GRANT_FORGED', rule: 'grant.signature' },
    });
  });

  it.each<[string, Partial<GrantClaims>, Partial<GrantFacts>, string, string]>([
    [
      'for another server',
      { server: id('server', 'srv_0000000000000002') },
      {},
      'GRANT_WRONG_SERVER',
      'srv_0000000000000002',
    ],
    [
      'for another connection',
      { link: id('link', 'lnk_0000000000000002') },
      {},
      'GRANT_WRONG_LINK',
      'another connection',
    ],
    ['that begins later', { issuedAt: now + 42_000 }, {}, 'GRANT_NOT_YET_VALID', '42 s from now'],
    ['whose start is over', {}, { now: now + 45_000 }, 'GRANT_EXPIRED', '15 s ago'],
    ['that has ended', { endsAt: now }, {}, 'GRANT_EXPIRED', 'ended 0 s ago'],
    ['that ended long ago', {}, { now: now + 3 * 86_400_000 }, 'GRANT_EXPIRED', '3 days ago'],
  ])('%s is refused, saying so (CON-2, SES-1)', (_, changed, at, code, words) => {
    const refused = admitGrant(signed(changed), facts(at));
    expect(refused).toMatchObject({ ok: false, error: { code, message: expect.stringContaining(words) } });
    expect(refused).toMatchObject({ error: { evidence: { grant: claims.grant } } });
  });

  it.each<[string, Partial<GrantFacts>]>([
    ['the agent is behind by less than the tolerance', { now: now - 9_000 }],
    ['the agent is ahead by less than the tolerance', { now: now + 39_000 }],
  ])('is admitted while %s (CON-2)', (_, at) => {
    expect(admitGrant(signed(), facts(at)).ok).toBe(true);
  });

  it('from the future names the mend of the clock (CON-6)', () => {
    const refused = admitGrant(signed({ issuedAt: now + 3 * 3_600_000 }), facts());
    expect(refused).toMatchObject({
      error: { message: expect.stringContaining('3 h'), hint: expect.stringContaining('timedatectl') },
    });
  });

  it('is used once: the same again is a replay (CON-2, SES-1)', () => {
    const same = facts();
    expect(admitGrant(signed(), same).ok).toBe(true);
    expect(admitGrant(signed(), same)).toMatchObject({
      ok: false,
      error: { code: 'GRANT_REPLAYED', rule: 'grant.once' },
    });
    expect(admitGrant(signed({ session: id('session', 'ses_0000000000000002') }), same)).toMatchObject({
      error: { code: 'GRANT_REPLAYED' },
    });
  });

  it('that is refused for its time can be used when its time comes (SES-1)', () => {
    const seen = grantMemory();
    const early = signed({ issuedAt: now + 20_000, startBy: now + 60_000 });
    expect(admitGrant(early, facts({ seen }))).toMatchObject({ error: { code: 'GRANT_NOT_YET_VALID' } });
    expect(admitGrant(early, facts({ seen, now: now + 20_000 })).ok).toBe(true);
  });
});

describe('the memory of used grants', () => {
  let count = 0;
  const next = (): GrantId => newId('grant', (bytes) => Buffer.alloc(bytes, ++count));

  it('stays bounded and refuses what it could not remember (SES-1)', () => {
    const memory = grantMemory(3);
    expect([1, 2, 3, 4].map(() => memory.take(next(), now + 1000, now))).toEqual(['fresh', 'fresh', 'fresh', 'full']);
    expect(memory.take(next(), now + 5000, now + 2000)).toBe('fresh');
  });

  it('does not take a forgotten grant again when the clock is set back (SES-1)', () => {
    const memory = grantMemory(1);
    const first = next();
    expect(memory.take(first, now + 1000, now)).toBe('fresh');
    expect(memory.take(next(), now + 9000, now + 2000)).toBe('fresh');
    expect(memory.take(first, now + 1000, now)).toBe('too-old');
  });
});

it.each([
  [0, '0 s'],
  [-42_000, '42 s'],
  [180_000, '3 min'],
  [5 * 3_600_000, '5 h'],
  [3 * 86_400_000, '3 days'],
])('%i ms is said as %s (CON-6)', (ms, words) => {
  expect(inWords(ms)).toBe(words);
});
