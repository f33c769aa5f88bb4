// The end of a device: who may, what it takes along, and that nothing of it comes back (IDN-7).

import { randomBytes } from 'node:crypto';
import { newId } from '@sallyport/core';
import { device, enrolmentCodeCreated, sessionAccepted } from '@sallyport/protocol';
import { waitFor } from '@sallyport/testkit';
import { ask } from '@sallyport/tunnel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { GatewayUnderTest } from '../testing/running-gateway.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start('[limits]\nmaxSessionsPerPerson = 5\n');
}, 30_000);
afterAll(() => gateway.stop());

const revoke = (id: string, by = gateway.owner) => gateway.ask('POST', `/v1/devices/${id}/revoke`, {}, by);

describe('a device', () => {
  it('is listed with its links, those of everybody by policy (IDN-7)', async () => {
    const [second, link] = [await gateway.device(), await gateway.clientLink(gateway.owner)];
    for (const path of ['/v1/devices', '/v1/devices?all=1']) {
      const { body } = await gateway.ask('GET', path, undefined, gateway.owner);
      expect(body).toContainEqual(expect.objectContaining({ id: gateway.owner.id, isThis: true, links: 1 }));
      expect(body).toContainEqual(expect.objectContaining({ id: second.id, isThis: false, links: 0 }));
    }
    link.close('done');
  });

  it('is revoked by its person: its link closes within a second and its key is refused (IDN-7)', async () => {
    const lost = await gateway.device();
    const link = await gateway.clientLink(lost);
    const startedMs = performance.now();
    expect(await revoke(lost.id)).toMatchObject({ status: 204 });
    expect(await link.closed).toContain('this device was revoked by owner');
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(await gateway.ask('GET', '/v1/whoami', undefined, lost)).toMatchObject({
      status: 401,
      body: { code: 'DEVICE_REVOKED' },
    });
    await expect(gateway.clientLink(lost)).rejects.toThrow('DEVICE_REVOKED');
    const event = (await gateway.events()).findLast((each) => each.class === 'device.revoked');
    expect(event).toMatchObject({ resource: { id: lost.id }, device: gateway.owner.id, decision: 'allow' });
  });

  it('opens nothing while its link closes (IDN-7)', async () => {
    const lost = await gateway.device();
    const link = await gateway.clientLink(lost);
    await revoke(lost.id);
    const asked = ask(link, { kind: 'access', request: { server: 'web-1', login: 'root' } }, sessionAccepted);
    expect(await asked).toMatchObject({
      ok: false,
      error: { code: expect.stringMatching(/DEVICE_REVOKED|LINK_LOST/) },
    });
  });

  it('takes the unused codes of its person along: a thief makes one first (IDN-7)', async () => {
    const lost = await gateway.device();
    const made = await gateway.ask('POST', '/v1/codes', {}, lost);
    await revoke(lost.id);
    expect(await gateway.enrolWith(enrolmentCodeCreated.parse(made.body).code)).toMatchObject({
      status: 410,
      body: { code: 'CODE_USED' },
    });
  });

  it('that nobody enrolled cannot be revoked (IDN-7)', async () => {
    expect(await revoke(newId('device', randomBytes))).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await revoke('dev_x')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  });

  it('takes no more links than its person may have sessions (IDN-7)', async () => {
    await waitFor(async () => {
      const { body } = await gateway.ask('GET', '/v1/devices', undefined, gateway.owner);
      return (
        z
          .array(device)
          .parse(body)
          .every(({ links }) => links === 0) || undefined
      );
    }, 'links of the tests before to be gone');
    const links = await Promise.all(Array.from({ length: 5 }, () => gateway.clientLink(gateway.owner)));
    await expect(gateway.clientLink(gateway.owner)).rejects.toThrow('LIMIT_REACHED');
    for (const link of links) link.close('done');
    const again = await waitFor(() => gateway.clientLink(gateway.owner).catch(() => undefined), 'a link');
    again.close('done');
  });
});
