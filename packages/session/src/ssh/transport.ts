// The SSH transport of one connection: ssh2's version exchange, key exchange and packets (RFC 4253) over any byte stream.
// It must never buffer without a bound for a peer that does not read, nor let a malformed byte escape as an exception.

import { createSecretKey } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock } from '@sallyport/core';
import Protocol, { type HostKey, type Negotiated } from 'ssh2/lib/protocol/Protocol.js';
import { disconnectReason, message, string, uint32 } from './wire.ts';

export type TransportEvents = {
  /** After the first key exchange and after each one that follows. */
  keysExchanged(negotiated: Negotiated, sessionId: Buffer): void;
  /** One decrypted message, but those of the transport itself. */
  messageArrived(payload: Buffer): void;
  /** Output may flow again. */
  drained(): void;
  /** Once, whatever the cause. */
  closed(why: string): void;
};

export type HostKeyFor = (signing: { usePlainSignature(): void }) => Readonly<Record<string, HostKey>>;

// OpenSSH's client says that nobody reads its output any more (eow@openssh.com) only to a server whose name begins so; without it
// `ssh host yes | head` never ends.
const softwareVersion = 'OpenSSH_compatible_Sallyport';
// RFC 4253 §4.2: an identification string has at most 255 bytes.
const maxIdentBytes = 255;
// Beyond this much unsent output nothing more is read from the peer: it can make us answer no faster than it reads.
const maxUnsentBytes = 1024 * 1024;
// Packets smaller than this in sum are joined into one write; larger ones go to the kernel as they are.
const joinBelowBytes = 16 * 1024;
// Channel data waits for the next flush beyond this much in one turn of the event loop.
const maxUnflushedBytes = 512 * 1024;
const lastWordsMs = 2_000;
const packetHeaderBytes = 5; // uint32 packet_length, byte padding_length (RFC 4253 §6)

const gcm = {
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com'],
  // AES-GCM authenticates by itself; a list must not be empty for a client to go on.
  mac: ['hmac-sha2-256-etm@openssh.com'],
  // ssh2 inflates up to 2 GB of one packet before it looks at it, so compression is not offered.
  compress: ['none'],
  lang: [],
} as const;

export class SshTransport {
  readonly #socket: Duplex;
  readonly #events: TransportEvents;
  readonly #protocol: Protocol;
  readonly #clock: Clock;
  #ident: Buffer | undefined = Buffer.alloc(0);
  #hostKeyAgreed: string | undefined;
  #unflushed: Buffer[] = [];
  #unflushedBytes = 0;
  #isClosed = false;
  #isReadingPaused = false;

  constructor(socket: Duplex, hostKeysFor: HostKeyFor, clock: Clock, events: TransportEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#clock = clock;
    const hostKeys = hostKeysFor({ usePlainSignature: () => this.#usePlainSignature() });
    this.#protocol = new Protocol({
      server: true,
      ident: softwareVersion,
      hostKeys,
      offer: {
        kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
        serverHostKey: Object.keys(hostKeys),
        cs: gcm,
        sc: gcm,
      },
      onWrite: (bytes) => this.#write(bytes),
      onError: (error) => this.#close(error.message),
      onHeader: () => {},
      onHandshakeComplete: (negotiated) => {
        this.#keepKeyObjects();
        events.keysExchanged(this.#asAgreed(negotiated), this.#protocol._kex?.sessionID ?? Buffer.alloc(0));
        this.#resumeOutput();
      },
      messageHandlers: { DISCONNECT: () => this.#close('the client disconnected') },
    });
    this.#interceptMessages();
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('drain', () => this.#resumeOutput());
    socket.on('end', () => this.#close('the client closed the connection'));
    socket.on('close', () => this.#close('the connection closed'));
    socket.on('error', (error) => this.#close(error.message));
    this.#protocol.start();
  }

  // ssh2 gives Node the raw key with each packet, and Node makes a key object of it each time: 29 µs a packet of 32 KB with Node 24,
  // 14 µs with an object that is kept.
  #keepKeyObjects(): void {
    const { _cipher: cipher, _decipher: decipher } = this.#protocol;
    if (cipher._encKey instanceof Uint8Array) cipher._encKey = createSecretKey(cipher._encKey);
    if (decipher?._decipherKey instanceof Uint8Array) decipher._decipherKey = createSecretKey(decipher._decipherKey);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether channel data should wait: the socket is full, or keys are being exchanged and everything is held back. */
  get isCongested(): boolean {
    const isFull = this.#socket.writableNeedDrain || this.#unflushedBytes > maxUnflushedBytes;
    return isFull || this.#protocol._kexinit !== undefined;
  }

  /** Sends one message; it is held back while keys are exchanged (RFC 4253 §7.1). */
  send(number: number, ...parts: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    const protocol = this.#protocol;
    const length = parts.reduce((sum, part) => sum + part.byteLength, 1);
    const isHeldBack = protocol._kexinit !== undefined;
    const packet = isHeldBack ? Buffer.allocUnsafe(length) : protocol._cipher.allocPacket(length);
    let at = isHeldBack ? 0 : packetHeaderBytes;
    packet[at++] = number;
    for (const part of parts) {
      packet.set(part, at);
      at += part.byteLength;
    }
    // ssh2's own messages are garbled when they meet a key exchange: it allocates them without the header and fills them with it.
    if (!isHeldBack) protocol._cipher.encrypt(packet);
    else if (protocol._queue === undefined) protocol._queue = [packet];
    else protocol._queue.push(packet);
  }

  /** Says why (RFC 4253 §11.1), then closes. */
  disconnect(reason: number, why: string): void {
    if (this.#isClosed) return;
    if (this.#protocol._kexinit === undefined && this.#ident === undefined) {
      this.send(message.disconnect, uint32(reason), string(why), string(''));
    }
    this.#close(why);
  }

  /** The client broke the protocol. */
  fail(why: string): void {
    this.disconnect(disconnectReason.protocolError, why);
  }

  #read(bytes: Buffer): void {
    if (this.#isClosed) return;
    try {
      const whole = this.#withIdent(bytes);
      if (whole !== undefined) this.#protocol.parse(whole, 0, whole.length);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : 'unreadable bytes');
    }
  }

  // ssh2 loses bytes of an identification string that arrives in more than two pieces, so it is given whole.
  #withIdent(bytes: Buffer): Buffer | undefined {
    if (this.#ident === undefined) return bytes;
    const received = Buffer.concat([this.#ident, bytes]);
    const end = received.indexOf(0x0a);
    if (end === -1 && received.length <= maxIdentBytes) {
      this.#ident = received;
      return undefined;
    }
    if (end === -1 || end >= maxIdentBytes) throw new RangeError('the identification string is too long');
    this.#ident = undefined;
    return received;
  }

  // ssh2 keeps key exchange, errors and keep-alives of the transport. Authentication and channels are read by this package: ssh2
  // misreads terminal modes and has no bounds on what a client may send there.
  #interceptMessages(): void {
    const protocol = this.#protocol;
    const ofTransport = protocol._onPayload;
    if (typeof ofTransport !== 'function' || typeof protocol._cipher?.allocPacket !== 'function') {
      throw new TypeError('this version of ssh2 has other internals');
    }
    protocol._onPayload = (payload) => {
      const number = payload[0];
      const isOurs = number === message.serviceRequest || (number !== undefined && number >= message.userauthRequest);
      if (!isOurs) return ofTransport(payload);
      this.#events.messageArrived(payload);
      return undefined;
    };
  }

  // A certificate is the host key, but the signature's type is the plain algorithm (OpenSSH PROTOCOL.certkeys). ssh2 names the
  // type after the negotiated host key algorithm, which it reads after signing.
  #usePlainSignature(): void {
    const exchange = this.#protocol._kex;
    if (exchange === undefined) throw new TypeError('this version of ssh2 signs outside a key exchange');
    this.#hostKeyAgreed = exchange.negotiated.serverHostKey;
    exchange.negotiated.serverHostKey = 'ssh-ed25519';
  }

  #asAgreed(negotiated: Negotiated): Negotiated {
    return { ...negotiated, serverHostKey: this.#hostKeyAgreed ?? negotiated.serverHostKey };
  }

  #write(bytes: Buffer): void {
    this.#unflushed.push(bytes);
    this.#unflushedBytes += bytes.length;
    if (this.#unflushed.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const pieces = this.#unflushed;
    const length = this.#unflushedBytes;
    this.#unflushed = [];
    this.#unflushedBytes = 0;
    const socket = this.#socket;
    if (pieces.length === 0 || !socket.writable) return;
    if (length <= joinBelowBytes) socket.write(Buffer.concat(pieces, length));
    else {
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
    if (socket.writableLength > maxUnsentBytes && !this.#isReadingPaused) {
      this.#isReadingPaused = true;
      socket.pause();
    }
    if (length > maxUnflushedBytes && !this.#isClosed && !this.isCongested) this.#events.drained();
  }

  #resumeOutput(): void {
    if (this.#isReadingPaused) {
      this.#isReadingPaused = false;
      this.#socket.resume();
    }
    if (!this.#isClosed && !this.isCongested) this.#events.drained();
  }

  #close(why: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#flush();
    this.#protocol.cleanup();
    this.#socket.end();
    const socket = this.#socket;
    // A peer that does not read its last words does not get to keep the socket.
    const timer = this.#clock.after(lastWordsMs, () => socket.destroy());
    if (socket.destroyed) timer.cancel();
    else socket.once('close', () => timer.cancel());
    socket.on('error', () => {});
    socket.resume();
    this.#events.closed(why);
  }
}
