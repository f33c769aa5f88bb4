// Values for the tests of the store; each call makes another one. The product never imports this.

import { randomBytes } from 'node:crypto';
import { newId, type PersonId, type SessionId, sha256Hex, toBase64Url } from '@sallyport/core';
import type { HostFacts } from '@sallyport/protocol';
import type { JoinTokenRecord, ManagedServer } from '../../domain/enrolment/server.ts';
import type { Device, EnrolmentCode, Person } from '../../domain/identity/person.ts';
import type { ChannelRecord, SessionRecord } from '../../domain/session/session.ts';

export const random = (byteCount: number): Uint8Array => randomBytes(byteCount);
const unique = (): string => toBase64Url(random(32));

export const facts: HostFacts = {
  hostname: 'web.example',
  os: 'Debian 12',
  kernel: '6.1',
  arch: 'x64',
  agentVersion: '0.1.0',
  isRoot: true,
  ownLogin: 'root',
  labels: { rack: 'r7' },
};

export function aPerson(change: Partial<Person> = {}): Person {
  return { id: newId('person', random), name: 'kim', roles: ['owner', 'member'], createdAt: 1, ...change };
}

export function aDevice(person: PersonId, change: Partial<Device> = {}): Device {
  const id = newId('device', random);
  return { id, person, name: 'laptop', publicKey: unique(), enrolledAt: 1, revokedAt: undefined, ...change };
}

export function aCode(person: PersonId, change: Partial<EnrolmentCode> = {}): EnrolmentCode {
  const hash = sha256Hex(random(16));
  return { id: newId('code', random), person, hash, createdAt: 1, expiresAt: 1_000_000, usedAt: undefined, ...change };
}

export function aToken(change: Partial<JoinTokenRecord> = {}): JoinTokenRecord {
  return {
    id: newId('token', random),
    hash: sha256Hex(random(16)),
    labels: { env: 'prod' },
    uses: 1,
    usesLeft: 1,
    createdAt: 1_767_225_600_000,
    expiresAt: 1_767_312_000_000,
    revokedAt: undefined,
    ...change,
  };
}

export function aServer(change: Partial<ManagedServer> = {}): ManagedServer {
  return {
    id: newId('server', random),
    name: 'web',
    labels: { env: 'prod', team: 'a/b:c' },
    publicKey: unique(),
    facts: undefined,
    joinedAt: 1_767_225_600_000,
    lastSeenAt: undefined,
    revokedAt: undefined,
    ...change,
  };
}

export function aSession(person: Person, device: Device, server: ManagedServer, startedAt: number): SessionRecord {
  return {
    id: newId('session', random),
    person: person.id,
    personName: person.name,
    device: device.id,
    server: server.id,
    serverName: server.name,
    login: 'deploy',
    door: 'ssh',
    address: '192.0.2.7',
    startedAt,
    endedAt: undefined,
    endReason: undefined,
  };
}

export function aChannel(session: SessionId, change: Partial<ChannelRecord> = {}): ChannelRecord {
  return {
    id: newId('channel', random),
    session,
    kind: 'shell',
    subject: '',
    openedAt: 1,
    closedAt: undefined,
    outcome: undefined,
    recordingHash: undefined,
    hasRecording: false,
    ...change,
  };
}
