// A real HTTPS server on loopback that upgrades every request to a carrier, or answers as told.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Carrier } from '../carrier.ts';
import { tlsFloor } from '../tls.ts';
import { webSocketAcceptor } from '../web-socket-acceptor.ts';
import type { Certificate } from './certificate.ts';

export type UpgradeRequest = { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };
export interface TestGateway {
  readonly url: URL;
  /** The carrier of the next upgrade. */
  nextCarrier(): Promise<Carrier>;
  close(): Promise<void>;
}

export async function testGateway(
  certificate: Certificate,
  answer?: (upgrade: UpgradeRequest) => void,
): Promise<TestGateway> {
  const server = createServer({ ...certificate, ...tlsFloor });
  const accept = webSocketAcceptor();
  const carriers: Carrier[] = [];
  const waiting: ((carrier: Carrier) => void)[] = [];
  const sockets = new Set<Duplex>();
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    if (answer) {
      answer({ request, socket, head });
      return;
    }
    accept(request, socket, head).then(
      (carrier) => {
        const taker = waiting.shift();
        if (taker) taker(carrier);
        else carriers.push(carrier);
      },
      () => socket.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: new URL(`https://127.0.0.1:${address.port}`),
    nextCarrier: () => {
      const carrier = carriers.shift();
      return carrier ? Promise.resolve(carrier) : new Promise((resolve) => waiting.push(resolve));
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export function exporterOf({ request }: UpgradeRequest, length: number, label: string): Buffer {
  if (!(request.socket instanceof TLSSocket)) throw new Error('not a TLS connection');
  return request.socket.exportKeyingMaterial(length, label, Buffer.alloc(0));
}
