// Peers that nobody let in, and enrolled ones that turned: what each can do to a whole gateway, over its real port.

import type { TLSSocket } from 'node:tls';
import { waitFor } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../testing/running-gateway.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start('[limits]\nmaxClients = 3\nmaxAgents = 3\n');
}, 30_000);
afterAll(() => gateway.stop());

const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;

describe('a stranger on the network', () => {
  it.each(['/v1/link', '/v1/tunnel', '/v1/elsewhere'])(
    'does not keep a connection that %s refused, by not closing it (CON-5)',
    async (path) => {
      const socket = await gateway.connect();
      socket.allowHalfOpen = true;
      socket.resume().write(upgrade(path));
      await new Promise((resolve) => socket.once('end', resolve));
      // Only a connection that is gone on the other side answers bytes with a reset.
      await waitFor(() => {
        if (!socket.destroyed) socket.write('x');
        return socket.destroyed || undefined;
      }, 'the connection to be gone');
    },
  );

  it('makes the gateway read no large body before it is known who sends it (CON-5, AUD-6)', async () => {
    for (const [method, path, bytes] of [
      ['PUT', '/v1/policy', 1_500_000],
      ['POST', '/v1/devices', 100_000],
      ['POST', '/v1/servers', 100_000],
    ] as const) {
      const socket = await gateway.connect();
      const answered = new Promise<string>((resolve) =>
        socket.once('data', (head) => resolve(head.toString('latin1'))),
      );
      socket.write(
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`,
      );
      // Not a byte of the body was sent.
      expect(await answered, path).toMatch(/^HTTP\/1\.1 4(00|01) /);
      socket.destroy();
    }
  });

  it('takes no place of the devices that may connect, by asking for links and not going (CON-5)', async () => {
    const held: TLSSocket[] = [];
    for (let n = 0; n < 6; n += 1) {
      const socket = await gateway.connect();
      socket.allowHalfOpen = true;
      socket.write(upgrade('/v1/link'));
      await new Promise((resolve) => socket.once('data', resolve));
      socket.pause();
      held.push(socket);
    }
    const mux = await gateway.clientLink(gateway.owner);
    expect(mux.streamCount).toBe(0);
    mux.close('done');
    for (const socket of held) socket.destroy();
  });
});
