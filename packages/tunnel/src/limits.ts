// The numbers of the link protocol. Both ends must agree on the first group; the second is each end's own.

const kib = 1024;
const mib = 1024 * kib;

/** Payload of one DATA frame at most: a larger frame delays the keystroke behind it. */
export const maxDataBytes = 32 * kib;
/** What a stream may send before its first credit. */
export const initialStreamWindowBytes = 256 * kib;
/** What all streams together may send before the first credit for the connection. */
export const initialConnectionWindowBytes = mib;
/** How far keystrokes may pass the connection's credit, so that they never wait for bulk. */
export const priorityAllowanceBytes = 256 * kib;

/** What one stream sends before it is another's turn. */
export const quantumBytes = 64 * kib;
/** A write no longer than this, from an idle stream, goes ahead of bulk. */
export const maxPriorityBytes = 2 * kib;
/** Bulk handed to the carrier and not yet written out: more would only wait in front of keystrokes. */
export const maxBulkInCarrierBytes = 256 * kib;

export const pingEveryMs = 15_000;
/** A ping is due up to this share earlier, so that thousands of links do not ping in step. */
export const pingJitter = 0.2;
/** A link on which nothing arrived for so long is dead (CON-3: noticed within 45 s). */
export const silenceMs = 40_000;

export type MuxLimits = {
  /** Streams that the peer has open at once, and as many of one's own. */
  readonly maxStreams: number;
  readonly maxHeaderBytes: number;
  /** Received and not yet read, all streams together. Beyond it the stream that holds the most is reset. */
  readonly maxBufferedBytes: number;
  readonly maxStreamWindowBytes: number;
  readonly minConnectionWindowBytes: number;
  readonly maxConnectionWindowBytes: number;
  /** Streams with a header that does not validate, over the link's life. */
  readonly maxInvalidHeaders: number;
  /** Answers (PONG, RST) that wait because the peer asks and does not read. */
  readonly maxUnreadReplies: number;
  /** Streams that were reset here and that the peer has not acknowledged by answering a ping. */
  readonly maxUnsettledResets: number;
};

export const defaultLimits: MuxLimits = {
  maxStreams: 1024,
  maxHeaderBytes: 200_000,
  maxBufferedBytes: 64 * mib,
  maxStreamWindowBytes: mib,
  minConnectionWindowBytes: 128 * kib,
  maxConnectionWindowBytes: 16 * mib,
  maxInvalidHeaders: 64,
  maxUnreadReplies: 1024,
  maxUnsettledResets: 16_384,
};
