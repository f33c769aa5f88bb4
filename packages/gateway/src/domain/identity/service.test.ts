// Devices: enrolled with a one-time code, then known by a proof bound to the connection and by nothing else.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expectOk } from '@sallyport/core';
import { proveLink } from '@sallyport/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ed25519Text, type TestWorkspace, testWorkspace } from '../../testing/workspace.ts';
import { createIdentity, type IdentityService, type Person, type Presented } from './index.ts';

const exporter = Buffer.alloc(32, 1);
const otherConnection = Buffer.alloc(32, 2);

let workspace: TestWorkspace;
let identity: IdentityService;
let owner: Person;
let key: { publicKey: KeyObject; privateKey: KeyObject };

beforeEach(async () => {
  workspace = await testWorkspace();
  const { store, journal, clock, random } = workspace;
  identity = createIdentity({ store, journal, clock, random });
  owner = await identity.ensureOwner('owner');
  key = generateKeyPairSync('ed25519');
});
afterEach(() => workspace.close());

function presented(id: string, over: Partial<Presented> = {}, signer = key.privateKey): Presented {
  const proof = proveLink({ role: 'device', id, link: '' }, exporter, signer);
  return { device: id === '' ? undefined : id, proof, exporter, address: '192.0.2.7', ...over };
}

const enrolment = (code: string) => ({ code, publicKey: ed25519Text(key.publicKey), name: 'laptop' });

async function enrolled() {
  const { code } = await identity.createCode(owner);
  return expectOk(await identity.enrol(enrolment(code), presented('')));
}

describe('enrolment of a device', () => {
  it('takes a code once, and logs who came in with what (IDN-4, AUD-1)', async () => {
    const { code, record } = await identity.createCode(owner);
    const caller = expectOk(await identity.enrol(enrolment(code), presented('')));
    expect(caller.person).toMatchObject({ name: 'owner', roles: ['owner'] });
    expect((await workspace.events()).at(-1)).toMatchObject({
      class: 'device.enrolled',
      device: caller.device.id,
      details: { code: record.id },
    });
    key = generateKeyPairSync('ed25519');
    expect(await identity.enrol(enrolment(code), presented(''))).toMatchObject({
      ok: false,
      error: { code: 'CODE_USED' },
    });
    expect((await workspace.events()).at(-1)).toMatchObject({
      class: 'device.refused',
      decision: 'deny',
      rules: ['one-time code'],
    });
  });

  it('keeps no code, only its hash (IDN-4)', async () => {
    const { code, record } = await identity.createCode(owner);
    expect(JSON.stringify(record)).not.toContain(code);
    expect(JSON.stringify(await workspace.events())).not.toContain(code);
  });

  it('refuses a code that has expired, and one that was never made (IDN-4)', async () => {
    const { code } = await identity.createCode(owner);
    await workspace.clock.advance(24 * 3_600_000);
    expect(await identity.enrol(enrolment(code), presented(''))).toMatchObject({
      ok: false,
      error: { code: 'CODE_EXPIRED' },
    });
    expect(await identity.enrol(enrolment('0'.repeat(32)), presented(''))).toMatchObject({
      ok: false,
      error: { code: 'CODE_INVALID' },
    });
  });

  it('refuses a key that does not sign this connection, and uses nothing up (IDN-4)', async () => {
    const { code } = await identity.createCode(owner);
    const stolen = presented('', { exporter: otherConnection });
    expect(await identity.enrol(enrolment(code), stolen)).toMatchObject({
      ok: false,
      error: { code: 'PROOF_INVALID' },
    });
    expect((await identity.enrol(enrolment(code), presented(''))).ok).toBe(true);
  });

  it('refuses what is no Ed25519 key (IDN-4)', async () => {
    const { code } = await identity.createCode(owner);
    for (const publicKey of ['', 'AA', `${ed25519Text(key.publicKey)}=`]) {
      expect(await identity.enrol({ ...enrolment(code), publicKey }, presented(''))).toMatchObject({
        ok: false,
        error: { code: 'PROOF_INVALID' },
      });
    }
  });

  it('lets one of two enrolments with the same code at the same time through (IDN-4)', async () => {
    const { code } = await identity.createCode(owner);
    const other = generateKeyPairSync('ed25519');
    const outcomes = await Promise.all([
      identity.enrol(enrolment(code), presented('')),
      identity.enrol(
        { ...enrolment(code), publicKey: ed25519Text(other.publicKey) },
        presented('', {}, other.privateKey),
      ),
    ]);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  });
});

describe('a request', () => {
  it('is the device whose key signs this connection (IDN-7)', async () => {
    const { device } = await enrolled();
    expect(expectOk(await identity.authenticate(presented(device.id)))).toMatchObject({
      device: { id: device.id },
      address: '192.0.2.7',
    });
  });

  it.each([
    ['without a proof', { proof: undefined }, 'NOT_SIGNED_IN'],
    ['without a device', { device: undefined }, 'NOT_SIGNED_IN'],
    ['of a device that is no id', { device: "' OR 1=1 --" }, 'DEVICE_UNKNOWN'],
    ['of a device nobody enrolled', { device: 'dev_0000000000000000' }, 'DEVICE_UNKNOWN'],
    ['with a proof of another connection', { exporter: otherConnection }, 'PROOF_INVALID'],
    ['on a connection below TLS 1.3', { exporter: undefined }, 'PROOF_INVALID'],
    ['with a proof that is no signature', { proof: 'AAAA' }, 'PROOF_INVALID'],
  ] as const)('is refused %s (IDN-7)', async (_how, over, code) => {
    const { device } = await enrolled();
    expect(await identity.authenticate(presented(device.id, over))).toMatchObject({ ok: false, error: { code } });
  });

  it('is refused when an agent made the proof (IDN-7)', async () => {
    const { device } = await enrolled();
    const proof = proveLink({ role: 'agent', id: device.id, link: '' }, exporter, key.privateKey);
    expect(await identity.authenticate(presented(device.id, { proof }))).toMatchObject({
      ok: false,
      error: { code: 'PROOF_INVALID' },
    });
  });

  it('is refused once the device is revoked (IDN-7)', async () => {
    const { device } = await enrolled();
    await workspace.store.revokeDevice(device.id, workspace.clock.now());
    expect(await identity.authenticate(presented(device.id))).toMatchObject({
      ok: false,
      error: { code: 'DEVICE_REVOKED' },
    });
  });
});
