// The gateway's domains over a real database and a real log in a throw-away folder, with a clock and chance that the test owns.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditLog, openAuditLog } from '@sallyport/audit';
import { expectOk, newId, type Random, sha256Hex, toBase64Url } from '@sallyport/core';
import type { AuditEvent } from '@sallyport/protocol';
import { type FakeClock, fakeClock } from '@sallyport/testkit';
import { createCaCertificate, type GatewayAuthority, openAuthority } from '../adapter/authority/authority.ts';
import { openStore, type Store } from '../adapter/store/store.ts';
import { createJournal, type Journal } from '../domain/audit/index.ts';
import type { ManagedServer } from '../domain/enrolment/index.ts';
import type { Caller, Device, Person } from '../domain/identity/index.ts';
import { createPolicy, type PolicyService } from '../domain/policy/index.ts';

export const workspace = 'test';
export const hostFacts = {
  hostname: 'web-1',
  os: 'Debian',
  kernel: '6.1',
  arch: 'x64',
  agentVersion: '1',
  isRoot: true,
  ownLogin: 'root',
  labels: {},
};

export type TestWorkspace = {
  readonly clock: FakeClock;
  readonly random: Random;
  readonly store: Store;
  readonly log: AuditLog;
  readonly journal: Journal;
  readonly policy: PolicyService;
  readonly authority: GatewayAuthority;
  events(): Promise<readonly AuditEvent[]>;
  person(name: string, roles: Person['roles']): Promise<Caller>;
  server(name: string, labels?: ManagedServer['labels']): Promise<ManagedServer>;
  close(): Promise<void>;
};

/** Opens it; whoever opens it closes it. */
export async function testWorkspace(): Promise<TestWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-gateway-'));
  const clock = fakeClock();
  const random = countingRandom();
  const store = expectOk(await openStore({ kind: 'sqlite', path: join(folder, 'data', 'test.db') }));
  const log = expectOk(
    await openAuditLog({
      folder: join(folder, 'audit'),
      signingKey: generateKeyPairSync('ed25519'),
      origin: workspace,
      clock,
      checkpointEveryMs: 60_000,
    }),
  );
  const journal = createJournal(log, clock, () => {});
  const policy = expectOk(await createPolicy({ store, journal, clock, workspace }));
  return {
    clock,
    random,
    store,
    log,
    journal,
    policy,
    authority: await testAuthority(clock, random),
    events: async () => (await log.read(0, 1000)).flatMap(({ event }) => event ?? []),
    person: async (name, roles) => addPerson(store, clock, random, name, roles),
    server: (name, labels = {}) => addServer(store, clock, random, name, labels),
    close: async () => {
      await log.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function ed25519Text(publicKey: KeyObject): string {
  return toBase64Url(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
}

/** Another id each time, the same ids in every run. */
function countingRandom(): Random {
  let count = 0;
  return (byteCount) => {
    count += 1;
    const bytes = Buffer.alloc(byteCount);
    bytes.writeUInt32BE(count, Math.max(0, byteCount - 4));
    return bytes;
  };
}

async function testAuthority(clock: FakeClock, random: Random): Promise<GatewayAuthority> {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = { notBefore: clock.now() - 60_000, notAfter: clock.now() + 365 * 86_400_000 };
  const caPem = await createCaCertificate(workspace, ca, validity, random);
  return expectOk(openAuthority({ workspace, caPem, privateKey: ca.privateKey, random }));
}

async function addPerson(
  store: Store,
  clock: FakeClock,
  random: Random,
  name: string,
  roles: Person['roles'],
): Promise<Caller> {
  const person: Person = { id: newId('person', random), name, roles, createdAt: clock.now() };
  await store.addPerson(person);
  const code = {
    id: newId('code', random),
    person: person.id,
    hash: sha256Hex(name),
    createdAt: clock.now(),
    expiresAt: clock.now() + 1,
    usedAt: undefined,
  };
  await store.addCode(code);
  const publicKey = ed25519Text(generateKeyPairSync('ed25519').publicKey);
  const device: Device = {
    id: newId('device', random),
    person: person.id,
    name: 'laptop',
    publicKey,
    enrolledAt: clock.now(),
    revokedAt: undefined,
  };
  await store.enrol(code, device);
  return { person, device, address: '192.0.2.7' };
}

async function addServer(
  store: Store,
  clock: FakeClock,
  random: Random,
  name: string,
  labels: ManagedServer['labels'],
): Promise<ManagedServer> {
  const now = clock.now();
  const token = {
    id: newId('token', random),
    hash: sha256Hex(name),
    labels,
    uses: 1,
    usesLeft: 1,
    createdAt: now,
    expiresAt: now + 1000,
    revokedAt: undefined,
  };
  await store.addToken(token);
  const publicKey = toBase64Url(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }),
  );
  const server: ManagedServer = {
    id: newId('server', random),
    name,
    labels,
    publicKey,
    facts: hostFacts,
    joinedAt: now,
    lastSeenAt: now,
    revokedAt: undefined,
  };
  await store.join(token.id, server, now);
  return server;
}
