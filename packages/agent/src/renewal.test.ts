// When a certificate is renewed, by a clock that the test moves, and which answers are kept.
import { err, ok, type Result } from '@sallyport/core';
import { fakeClock } from '@sallyport/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, generateAgentKey, type Identity, readCertificate } from './identity.ts';
import type { AgentRefusal } from './refusals.ts';
import { keepRenewed, renewalDueAt, withCertificate } from './renewal.ts';
import { makeCa, makeLeaf, type TestCa, type Validity } from './testing/certificates.ts';

const hourMs = 3_600_000;
const start = Date.parse('2026-03-01T12:00:00Z');
const lasting = (notBefore: number, notAfter: number): Certificate => ({ pem: '', derText: '', notBefore, notAfter });
const refused: AgentRefusal = { code: 'STORE_UNAVAILABLE', message: 'no', rule: 'test', hint: 'none' };

describe('the renewal of a certificate', () => {
  it('is due at two thirds of its life (CON-2)', () => {
    expect(renewalDueAt(lasting(start, start + 24 * hourMs))).toBe(start + 16 * hourMs);
  });

  const scene = (first: Certificate, answer: () => Result<void, AgentRefusal>) => {
    const clock = fakeClock(start);
    const renewedAtHours: number[] = [];
    let certificate = first;
    const kept = keepRenewed({
      certificate: () => certificate,
      renew: async () => {
        renewedAtHours.push((clock.now() - start) / hourMs);
        const answered = answer();
        if (answered.ok) certificate = lasting(clock.now(), clock.now() + 24 * hourMs);
        return answered;
      },
      clock,
    });
    return { clock, renewedAtHours, kept };
  };

  it('happens then, and again at two thirds of the next one (CON-2)', async () => {
    const { clock, renewedAtHours } = scene(lasting(start, start + 24 * hourMs), () => ok());
    await clock.advance(16 * hourMs - 1);
    expect(renewedAtHours).toEqual([]);
    await clock.advance(20 * hourMs);
    expect(renewedAtHours).toEqual([16, 32]);
  });

  it('happens at once when it is overdue (CON-2)', async () => {
    const { clock, renewedAtHours } = scene(lasting(start - 20 * hourMs, start + 4 * hourMs), () => ok());
    await clock.advance(0);
    expect(renewedAtHours).toEqual([0]);
  });

  it('is tried again every minute while it is refused (CON-2)', async () => {
    const answers = [err(refused), err(refused), ok()];
    const { clock, renewedAtHours } = scene(
      lasting(start - 20 * hourMs, start + 4 * hourMs),
      () => answers.shift() ?? ok(),
    );
    await clock.advance(5 * 60_000);
    expect(renewedAtHours).toEqual([0, 1 / 60, 2 / 60]);
  });

  it('notices a host that slept within ten minutes (CON-2)', async () => {
    const { clock, renewedAtHours } = scene(lasting(start, start + 24 * hourMs), () => ok());
    await clock.advance(hourMs);
    clock.setWallTime(start + 30 * hourMs);
    await clock.advance(10 * 60_000);
    expect(renewedAtHours).toHaveLength(1);
  });

  it('stops with its tunnel (CON-2)', async () => {
    const { clock, renewedAtHours, kept } = scene(lasting(start, start + 24 * hourMs), () => ok());
    await clock.advance(hourMs);
    kept.stop();
    await clock.advance(48 * hourMs);
    expect(renewedAtHours).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a renewed certificate', () => {
  const key = generateAgentKey();
  let ca: TestCa;
  let identity: Identity;
  const leaf = (spki: Uint8Array, validity: Validity): Promise<string> =>
    makeLeaf(ca, spki, [{ type: 'dns', value: 'a' }], validity);
  const day: Validity = { notBefore: start, notAfter: start + 24 * hourMs };

  beforeAll(async () => {
    ca = await makeCa(start);
    const certificate = readCertificate(await leaf(key.publicKeyDer, day), key.privateKey);
    if (!certificate.ok) throw new Error(certificate.error);
    identity = {
      ...{
        gateway: new URL('https://a'),
        trust: 'workspace-ca',
        server: 'srv_0000000000000001' as Identity['server'],
        name: 'a',
      },
      ...{ workspace: 'w', labels: {}, privateKey: key.privateKey, certificate: certificate.value, caPem: ca.certPem },
      ...{ grantKey: key.privateKey, joinedAt: start },
    };
  });

  it('that is for this key and lasts longer is kept (CON-2)', async () => {
    const longer = await leaf(key.publicKeyDer, { notBefore: start, notAfter: start + 40 * hourMs });
    expect(withCertificate(identity, longer)).toMatchObject({
      ok: true,
      value: { certificate: { notAfter: start + 40 * hourMs } },
    });
  });

  it.each<[string, () => Promise<string>, string]>([
    [
      'for another key',
      () => leaf(generateAgentKey().publicKeyDer, { ...day, notAfter: start + 40 * hourMs }),
      'key of this agent',
    ],
    ['that ends no later', () => leaf(key.publicKeyDer, day), 'last longer'],
    ['that is none', async () => 'nonsense', 'cannot be read'],
  ])('%s is refused and the old one stays (CON-2)', async (_, pem, why) => {
    expect(withCertificate(identity, await pem())).toMatchObject({
      ok: false,
      error: { code: 'GATEWAY_ANSWER', message: expect.stringContaining(why) },
    });
  });
});
