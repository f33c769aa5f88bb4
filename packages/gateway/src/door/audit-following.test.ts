// Following the log must not be most of what the log holds.

import { exporterOf } from '@sallyport/tunnel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceHeaders, GatewayUnderTest, type TestDevice } from '../testing/running-gateway.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
}, 30_000);
afterAll(() => gateway.stop());

/** One connection, on which any device may prove itself for each request. */
async function connection() {
  const socket = await gateway.connect();
  const answers: ((status: string) => void)[] = [];
  socket.on('data', (bytes: Buffer) => {
    for (const [, status = ''] of bytes.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)) answers.shift()?.(status);
  });
  const read = async (query: string, device: TestDevice) => {
    const headers = Object.entries({ Host: 'x', ...deviceHeaders(device, exporterOf(socket)) });
    const answered = new Promise<string>((resolve) => answers.push(resolve));
    socket.write(
      `GET /v1/audit?${query} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
    return answered;
  };
  return { read, close: () => socket.destroy() };
}

const readings = async () => (await gateway.events()).filter(({ action }) => action === 'readAudit');

describe('following the audit log', () => {
  it('is logged once for a connection and device, and each other reading by itself (AUD-1, POL-1)', async () => {
    const [one, second] = [await connection(), await gateway.device()];
    for (let n = 0; n < 5; n += 1) await one.read('from=0&limit=1&follow=1', gateway.owner);
    expect(await readings()).toMatchObject([{ class: 'api.allowed', details: { follow: true } }]);
    await one.read('from=0&limit=1', gateway.owner);
    await one.read('from=0&limit=1', gateway.owner);
    expect(await readings()).toHaveLength(3);
    await one.read('from=0&limit=1&follow=1', second);
    expect(await readings()).toHaveLength(4);
    const other = await connection();
    await other.read('from=0&limit=1&follow=1', gateway.owner);
    expect(await readings()).toHaveLength(5);
    one.close();
    other.close();
  });

  it('is decided each time: a device that is revoked reads no further (IDN-7)', async () => {
    const [lost, one] = [await gateway.device(), await connection()];
    await one.read('from=0&limit=1&follow=1', lost);
    await gateway.ask('POST', `/v1/devices/${lost.id}/revoke`, {}, gateway.owner);
    expect(await one.read('from=0&limit=1&follow=1', lost)).toBe('401');
    one.close();
  });
});
