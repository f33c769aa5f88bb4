// How a link or a stream of it comes to a bad end. Names are a closed list: logs, tests and metrics switch on them.

/** What a peer can do that the protocol does not allow. Each ends the link. */
export type LinkFault =
  | 'malformed frame'
  | 'unknown frame type'
  | 'data frame too large'
  | 'stream header too large'
  | 'wrong stream parity'
  | 'stream id reused'
  | 'frame for a stream never opened'
  | 'data on a closed stream'
  | 'data after the end'
  | 'stream credit overrun'
  | 'connection credit overrun'
  | 'credit overflow'
  | 'unexpected pong'
  | 'too many invalid headers'
  | 'replies not read'
  | 'resets not settled';

export function faultReason(fault: LinkFault): string {
  return `protocol violation: ${fault}`;
}

/** Codes of a RST frame. From 16 on they belong to whoever uses the stream. */
export const resetCode = {
  cancelled: 0,
  internal: 1,
  tooManyStreams: 2,
  invalidHeader: 3,
  refused: 4,
  bufferFull: 5,
} as const;

/** The link is gone, and the stream with it. */
export class LinkLost extends Error {
  override readonly name = 'LinkLost';
  readonly code = 'LINK_LOST';

  constructor(reason: string) {
    super(`the link is lost: ${reason}`);
  }
}

/** The peer gave this one stream up; the link lives. */
export class StreamReset extends Error {
  override readonly name = 'StreamReset';
  readonly code = 'STREAM_RESET';
  readonly resetCode: number;

  constructor(code: number) {
    super(`the other side reset the stream (code ${code})`);
    this.resetCode = code;
  }
}
