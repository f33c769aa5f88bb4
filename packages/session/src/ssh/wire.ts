// Data types of the SSH wire (RFC 4251 §5). Reading is total: what is missing reads as empty and marks the message malformed.

import { isUtf8 } from 'node:buffer';

export class WireReader {
  readonly #bytes: Buffer;
  #at: number;
  #isMalformed = false;

  constructor(bytes: Buffer, from = 0) {
    this.#bytes = bytes;
    this.#at = from;
  }

  /** Whether anything read so far was missing or not text where text belongs. */
  get isMalformed(): boolean {
    return this.#isMalformed;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get position(): number {
    return this.#at;
  }

  get isEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#take(1)?.readUInt8() ?? 0;
  }

  boolean(): boolean {
    return this.byte() !== 0;
  }

  uint32(): number {
    return this.#take(4)?.readUInt32BE() ?? 0;
  }

  /** A string as bytes: a view, not a copy. */
  bytes(): Buffer {
    return this.#take(this.uint32()) ?? Buffer.alloc(0);
  }

  /** A string as UTF-8 text; other bytes are malformed, because replacing them would change what was asked. */
  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) this.#isMalformed = true;
    return bytes.toString('utf8');
  }

  #take(length: number): Buffer | undefined {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      this.#isMalformed = true;
      this.#at = this.#bytes.length;
      return undefined;
    }
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return view;
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function string(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.byteLength), bytes]);
}

/** Message numbers (RFC 4250 §4.1.2, RFC 4252 §7). */
export const message = {
  disconnect: 1,
  serviceRequest: 5,
  serviceAccept: 6,
  userauthRequest: 50,
  userauthFailure: 51,
  userauthSuccess: 52,
  userauthPkOk: 60,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const;

/** RFC 4250 §4.2.2. */
export const disconnectReason = {
  protocolError: 2,
  serviceNotAvailable: 7,
  byApplication: 11,
  noMoreAuthMethods: 14,
} as const;

/** RFC 4250 §4.3.2. */
export const openFailure = { prohibited: 1, connectFailed: 2, unknownType: 3, resourceShortage: 4 } as const;
