// Serves a listen request: every connection that the machine takes becomes a stream to the asking side.
// It must never hold more connections than the limit, nor one that the asking side did not accept.

import type { Duplex } from 'node:stream';
import type { SessionId } from '@sallyport/core';
import type { ListenRequest, SocketAddress } from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';
import * as z from 'zod/mini';
import { readAnswer, writeAccepted, writeAnswer } from './answer.ts';
import { join } from './join.ts';
import { resetCode } from './link-fault.ts';
import type { Mux } from './mux.ts';
import { type MuxStream, onPeerEnd } from './stream.ts';

const accepted = z.object({});

export type ListenerPlace = {
  readonly mux: Mux;
  readonly session: SessionId;
  /** The listener's name, unlike any other of its session. */
  readonly name: string;
  readonly maxConnections: number;
};

export async function serveListener(
  stream: MuxStream,
  machine: Machine,
  request: ListenRequest,
  place: ListenerPlace,
): Promise<void> {
  const connections = new Set<MuxStream>();
  const listening = await machine.listen(request, (connection, origin) => {
    offerConnection(connection, origin, place, connections);
  });
  if (!listening.ok) return writeAnswer(stream, listening);
  const listener = listening.value;
  const close = (): void => {
    // A listener that cannot be closed is the machine's bug; the session's end still ends it.
    listener.close().then(
      () => stream.end(),
      () => stream.reset(resetCode.internal),
    );
  };
  onPeerEnd(stream, close);
  stream.once('close', () => {
    close();
    for (const connection of connections) connection.reset(resetCode.cancelled);
  });
  stream.resume();
  if (stream.destroyed) close();
  else writeAccepted(stream, { listener: place.name, port: listener.port });
}

function offerConnection(
  connection: Duplex,
  origin: SocketAddress,
  { mux, session, name, maxConnections }: ListenerPlace,
  connections: Set<MuxStream>,
): void {
  connection.on('error', handled);
  if (connections.size >= maxConnections) {
    connection.destroy();
    return;
  }
  const stream = mux.open({ kind: 'connection', session, listener: name, origin });
  connections.add(stream);
  stream.once('close', () => {
    connections.delete(stream);
    connection.destroy();
  });
  // Never rejects.
  void readAnswer(stream, accepted).then((answer) => {
    if (answer.ok) join(connection, stream);
    else connection.destroy();
  });
}

function handled(): void {}
