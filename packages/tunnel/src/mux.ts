// A link as its users see it: many streams over one carrier. What keeps this promise is in link.ts.

import type { Clock, SessionId } from '@sallyport/core';
import type { StreamHeader } from '@sallyport/protocol';
import type { MuxLimits } from './limits.ts';
import type { MuxStream } from './stream.ts';

export type ConnectionHeader = Extract<StreamHeader, { kind: 'connection' }>;
export type StreamHandler = (stream: MuxStream, header: StreamHeader) => void;
export type ConnectionHandler = (stream: MuxStream, header: ConnectionHeader) => void;

export interface Mux {
  /** Opens a stream. Never throws: on a link that is over, or full, the stream errors. */
  open(header: StreamHeader): MuxStream;
  /** Streams that the peer opens, their headers validated. Until it is called they are refused. */
  onStream(handler: StreamHandler): void;
  /** Connections that a listener of that session took go here instead. The returned function stops it. */
  onConnection(session: SessionId, handler: ConnectionHandler): () => void;
  /** Resolves once the link is over, with why. Never rejects. */
  readonly closed: Promise<string>;
  close(reason: string): void;
  /** The latest round trip, once one was measured. */
  readonly rttMs: number | undefined;
  readonly streamCount: number;
  readonly clock: Clock;
}

export type MuxOptions = {
  /** The side that dialled opens odd streams, the other even ones. */
  readonly role: 'dialler' | 'acceptor';
  readonly clock: Clock;
  readonly limits?: Partial<MuxLimits>;
  /** Spreads the pings of many links; 0 ≤ x < 1. */
  readonly random: () => number;
};
