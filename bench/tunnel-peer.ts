// The gateway's side of the tunnel measurement, in a process of its own: real TLS, one link for each connection, streams that echo,
// pour or swallow. It is told what to do by its parent and ends with it.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '@sallyport/core';
import { createMux, type MuxStream, tlsFloor, webSocketAcceptor } from '@sallyport/tunnel';

export type PeerStart = { readonly key: string; readonly cert: string };
export type PeerPorts = { readonly linkPort: number; readonly tlsPort: number };
export type PeerMemory = { readonly links: number; readonly rssBytes: number };

/** Which stream does what: the name in its header. */
export const roles = { echo: 'echo', pour: 'pour', swallow: 'swallow' } as const;

const block = Buffer.alloc(65_536, 0x5a);

function pour(stream: Duplex): void {
  const more = () => {
    while (!stream.destroyed && stream.write(block));
  };
  stream.on('drain', more);
  more();
}

function serve(stream: MuxStream, role: string): void {
  if (role === roles.pour) pour(stream.resume());
  else if (role === roles.echo) stream.pipe(stream);
  else swallow(stream);
}

function swallow(stream: MuxStream): void {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
  });
  stream.on('end', () => stream.end(String(bytes)));
}

async function start(certificate: PeerStart): Promise<PeerPorts> {
  const accept = webSocketAcceptor();
  const server = createServer({ ...certificate, ...tlsFloor });
  server.on('upgrade', (request, socket, head) => {
    accept(request, socket, head).then((carrier) => {
      links += 1;
      const mux = createMux(carrier, { role: 'acceptor', clock: systemClock, random: Math.random });
      mux.onStream((stream, header) => serve(stream, header.kind === 'ssh' ? header.server : ''));
      void mux.closed.then(() => {
        links -= 1;
      });
    }, console.error);
  });
  const plain = createTlsServer({ ...certificate, ...tlsFloor }, (socket) => pour(socket.on('error', () => undefined)));
  const ports: number[] = [];
  for (const listening of [server, plain]) {
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const address = listening.address();
    ports.push(address === null || typeof address === 'string' ? 0 : address.port);
  }
  return { linkPort: ports[0] ?? 0, tlsPort: ports[1] ?? 0 };
}

let links = 0;

if (process.send) {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: PeerStart | 'memory') => {
    if (message === 'memory') {
      globalThis.gc?.();
      process.send?.({ links, rssBytes: process.memoryUsage().rss } satisfies PeerMemory);
    } else start(message).then((ports) => process.send?.(ports), console.error);
  });
}
