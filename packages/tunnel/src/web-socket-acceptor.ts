// The gateway's side of a carrier: completes a WebSocket upgrade that the caller has already authenticated.
// It must never decide who may connect; nobody may call it before that is decided.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Carrier } from './carrier.ts';
import { framePool } from './frame-pool.ts';
import { carrierOptions, webSocketCarrier } from './web-socket-carrier.ts';

/** Resolves with the carrier; rejects if the request is no valid upgrade (RFC 6455 §4.2.1), which was answered then. */
export type WebSocketAcceptor = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<Carrier>;

export function webSocketAcceptor(): WebSocketAcceptor {
  const server = new WebSocketServer({ ...carrierOptions, noServer: true, clientTracking: false });
  const pool = framePool(64);
  return (request, socket, head) =>
    new Promise((resolve, reject) => {
      const onClose = () => reject(new Error('the connection closed before the upgrade'));
      socket.once('close', onClose);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off('close', onClose);
        resolve(webSocketCarrier(webSocket, pool));
      });
    });
}
