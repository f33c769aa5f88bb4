// Persons and their devices: enrolment by a one-time code, and proof of a device's key on each connection. No shared secret is kept.

import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  base32,
  type Clock,
  type DeviceId,
  err,
  isId,
  newId,
  ok,
  type Random,
  type Result,
  sha256Hex,
  toBase64Url,
} from '@sallyport/core';
import { isLinkProven, type Refusal } from '@sallyport/protocol';
import type { Entry, Journal } from '../audit/index.ts';
import { actorOf, type Caller } from './caller.ts';
import type { Device, EnrolmentCode, Person } from './person.ts';
import type { IdentityStore } from './ports.ts';
import { identityRefusals } from './refusals.ts';

const codeRandomBytes = 20; // 160 bits: no guessing, whatever the rate.
const codeLifeMs = 24 * 3_600_000;

/** What a peer shows of itself on a connection: header values as they came, and the connection's own facts. */
export type Presented = {
  readonly device: string | undefined;
  readonly proof: string | undefined;
  /** The TLS exporter value, or undefined where this connection cannot give a safe one (below TLS 1.3). */
  readonly exporter: Uint8Array | undefined;
  readonly address: string;
};

type DeviceEnrolment = { readonly code: string; readonly publicKey: string; readonly name: string };

export type OwnedDevice = { readonly device: Device; readonly person: Person };

export interface IdentityService {
  /** Makes the first owner, if there is nobody yet. */
  ensureOwner(name: string): Promise<Person>;
  /** Whether that person still has no device, so that the gateway must offer a link. */
  hasNoDevice(person: Person): Promise<boolean>;
  createCode(person: Person): Promise<{ code: string; record: EnrolmentCode }>;
  enrol(enrolment: DeviceEnrolment, presented: Presented): Promise<Result<Caller, Refusal>>;
  authenticate(presented: Presented): Promise<Result<Caller, Refusal>>;
  /** Whether the device of a link that has come up meanwhile may still have one. */
  isRevoked(device: DeviceId): Promise<boolean>;
  devices(person?: Person): Promise<readonly OwnedDevice[]>;
  deviceById(id: DeviceId): Promise<OwnedDevice | undefined>;
  /** Logs it, then revokes it and tells the listeners. That the caller may is decided before. */
  revokeDevice(caller: Caller, device: Device): Promise<Result<void, Refusal>>;
  /** Called after each revocation, so that what the device has open ends. */
  onRevoked(listener: (device: Device, by: Caller) => void): void;
}

type Needs = {
  readonly store: IdentityStore;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
};

export function createIdentity(needs: Needs): IdentityService {
  const { store, clock, random } = needs;
  const listeners: ((device: Device, by: Caller) => void)[] = [];
  return {
    ensureOwner: async (name) => {
      const [anybody] = await store.persons();
      if (anybody) return anybody;
      const owner: Person = { id: newId('person', random), name, roles: ['owner'], createdAt: clock.now() };
      await store.addPerson(owner);
      return owner;
    },
    hasNoDevice: async (person) => (await store.devicesOf(person.id)).every((device) => device.revokedAt !== undefined),
    createCode: async (person) => {
      const code = base32(random(codeRandomBytes));
      const createdAt = clock.now();
      const record: EnrolmentCode = {
        id: newId('code', random),
        person: person.id,
        hash: sha256Hex(code),
        createdAt,
        expiresAt: createdAt + codeLifeMs,
        usedAt: undefined,
      };
      await store.addCode(record);
      return { code, record };
    },
    enrol: async (enrolment, presented) => {
      const enrolled = await enrolDevice(needs, enrolment, presented);
      if (enrolled.ok) return enrolled;
      const refusal: Entry = {
        class: 'device.refused',
        actor: { kind: 'unknown', id: 'unknown' },
        action: 'enrol',
        resource: { kind: 'device', id: enrolment.name },
        decision: 'deny',
        rules: [enrolled.error.rule],
        reason: enrolled.error.message,
        address: presented.address,
      };
      const recorded = await needs.journal.refused(refusal, { kind: 'stranger', id: presented.address });
      return recorded.ok ? enrolled : recorded;
    },
    authenticate: (presented) => authenticate(store, presented),
    isRevoked: async (id) => {
      const found = await store.deviceById(id);
      return found === undefined || found.device.revokedAt !== undefined;
    },
    devices: async (person) =>
      person ? (await store.devicesOf(person.id)).map((device) => ({ device, person })) : store.devices(),
    deviceById: (id) => store.deviceById(id),
    revokeDevice: async (caller, device) => {
      const recorded = await recordRevoked(needs.journal, caller, device);
      if (!recorded.ok) return recorded;
      await store.revokeDevice(device.id, clock.now());
      for (const listener of listeners) listener(device, caller);
      return ok();
    },
    onRevoked: (listener) => void listeners.push(listener),
  };
}

function recordRevoked(journal: Journal, caller: Caller, device: Device): Promise<Result<void, Refusal>> {
  return journal.write({
    class: 'device.revoked',
    ...actorOf(caller),
    action: 'revokeDevice',
    resource: { kind: 'device', id: device.id, name: device.name },
    decision: 'allow',
    details: { person: device.person },
  });
}

async function enrolDevice(
  needs: Needs,
  enrolment: DeviceEnrolment,
  presented: Presented,
): Promise<Result<Caller, Refusal>> {
  const { store, clock, random, journal } = needs;
  const publicKey = ed25519PublicKey(enrolment.publicKey);
  if (!publicKey) return err(identityRefusals.proofInvalid('not an Ed25519 public key'));
  // The new key signs this connection: nobody enrols a key that is not theirs.
  const proven = checkProof(presented, '', publicKey);
  if (!proven.ok) return proven;
  const code = await store.codeByHash(sha256Hex(enrolment.code));
  if (!code) return err(identityRefusals.codeInvalid());
  if (code.usedAt !== undefined) return err(identityRefusals.codeUsed());
  const now = clock.now();
  if (code.expiresAt <= now) return err(identityRefusals.codeExpired());
  const person = await store.personById(code.person);
  if (!person) return err(identityRefusals.codeInvalid());
  const device: Device = {
    id: newId('device', random),
    person: person.id,
    name: enrolment.name,
    publicKey: enrolment.publicKey,
    enrolledAt: now,
    revokedAt: undefined,
  };
  const caller: Caller = { person, device, address: presented.address };
  // Logged first: an enrolled device that the log does not know must not exist.
  const recorded = await journal.write({
    class: 'device.enrolled',
    ...actorOf(caller),
    action: 'enrol',
    resource: { kind: 'device', id: device.id, name: device.name },
    decision: 'allow',
    rules: ['one-time code'],
    details: { code: code.id, publicKey: device.publicKey },
  });
  if (!recorded.ok) return recorded;
  return (await store.enrol(code, device)) ? ok(caller) : err(identityRefusals.codeUsed());
}

async function authenticate(store: IdentityStore, presented: Presented): Promise<Result<Caller, Refusal>> {
  if (presented.device === undefined || presented.proof === undefined) return err(identityRefusals.notSignedIn());
  if (!isId('device', presented.device)) return err(identityRefusals.deviceUnknown());
  const found = await store.deviceById(presented.device);
  if (!found) return err(identityRefusals.deviceUnknown());
  const publicKey = ed25519PublicKey(found.device.publicKey);
  if (!publicKey) return err(identityRefusals.proofInvalid('the stored key cannot be read'));
  // The proof comes before the revocation: only the holder of the key learns that it was revoked.
  const proven = checkProof(presented, found.device.id, publicKey);
  if (!proven.ok) return proven;
  if (found.device.revokedAt !== undefined) return err(identityRefusals.deviceRevoked());
  return ok({ ...found, address: presented.address });
}

function checkProof(presented: Presented, id: DeviceId | '', publicKey: KeyObject): Result<void, Refusal> {
  if (!presented.exporter) return err(identityRefusals.proofInvalid('the connection is below TLS 1.3'));
  if (presented.proof === undefined) return err(identityRefusals.notSignedIn());
  const isProven = isLinkProven({ role: 'device', id, link: '' }, presented.exporter, presented.proof, publicKey);
  return isProven ? ok() : err(identityRefusals.proofInvalid('the signature does not check'));
}

// RFC 8410 §4: the 12 bytes of SPKI before an Ed25519 key never differ.
const ed25519SpkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const ed25519KeyBytes = 32;

function ed25519PublicKey(text: string): KeyObject | undefined {
  const raw = Buffer.from(text, 'base64url');
  if (raw.byteLength !== ed25519KeyBytes || toBase64Url(raw) !== text) return undefined;
  return createPublicKey({ key: Buffer.concat([ed25519SpkiPrefix, raw]), format: 'der', type: 'spki' });
}
