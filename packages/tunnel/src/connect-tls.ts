// A TLS connection to a gateway whose peer is verified by OpenSSL before it is handed out: chain, validity and host name.
// Nothing may be sent on a connection that was not verified.

import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { err, ok, type Result } from '@sallyport/core';
import { exporterLabel, exporterLengthBytes } from '@sallyport/protocol';
import { tlsFloor } from './tls.ts';
import { noAnswerInTime, type WayFault, wayFaultOf } from './way-fault.ts';

export type GatewayAddress = {
  readonly url: URL;
  /** The one CA to trust, PEM; the system's roots when absent. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
};

const httpsPort = 443;

export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

export function portOf(url: URL): number {
  return url.port === '' ? httpsPort : Number(url.port);
}

/** What binds a proof to this very connection (RFC 9266). */
export function exporterOf(socket: TLSSocket): Buffer {
  return socket.exportKeyingMaterial(exporterLengthBytes, exporterLabel, Buffer.alloc(0));
}

/** How this side begins TLS with that host, trusting that CA. */
export function clientTls(host: string, ca: string | undefined): ConnectionOptions {
  return {
    host,
    // RFC 6066 §3: an address is no server name; the certificate is then checked against its addresses.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...tlsFloor,
    ALPNProtocols: ['http/1.1'],
  };
}

export function connectTls({ url, ca, timeoutMs }: GatewayAddress): Promise<Result<TLSSocket, WayFault>> {
  return handshake({ ...clientTls(hostOf(url), ca), port: portOf(url) }, timeoutMs);
}

/** A connection to whoever answers there. Only its certificates may be looked at; it is to be destroyed unused. */
export function connectUnverified(url: URL, timeoutMs: number): Promise<Result<TLSSocket, WayFault>> {
  return handshake({ ...clientTls(hostOf(url), undefined), port: portOf(url), rejectUnauthorized: false }, timeoutMs);
}

function handshake(options: ConnectionOptions, timeoutMs: number): Promise<Result<TLSSocket, WayFault>> {
  const { promise, resolve } = Promise.withResolvers<Result<TLSSocket, WayFault>>();
  const socket = connect(options);
  const settle = (result: Result<TLSSocket, WayFault>): void => {
    socket.setTimeout(0).removeAllListeners('timeout').removeAllListeners('secureConnect');
    if (!result.ok) socket.destroy();
    resolve(result);
  };
  // Stays on for the socket's life: an error that nobody waits for any more must not end the process.
  socket.on('error', (error) => settle(err(wayFaultOf(error))));
  socket.setTimeout(timeoutMs, () => settle(err(wayFaultOf(noAnswerInTime()))));
  socket.once('secureConnect', () => settle(ok(socket)));
  return promise;
}
