// An SSH client that says what the test wants: ssh2's transport, and above it nothing. For tests of what a server does about it.

import { type KeyObject, sign } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { openSshPublicKey } from '@sallyport/session';
import Protocol from 'ssh2/lib/protocol/Protocol.js';

const algorithms = { cipher: ['aes128-gcm@openssh.com'], mac: ['hmac-sha2-256'], compress: ['none'], lang: [] };
const number = { disconnect: 1, serviceRequest: 5, serviceAccept: 6, userauthRequest: 50 } as const;
const packetHeaderBytes = 5;

function string(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export class RawSshClient {
  readonly received: Buffer[] = [];
  readonly ready = Promise.withResolvers<void>();
  closed = false;
  readonly #protocol: Protocol;
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#protocol = new Protocol({
      server: false,
      offer: { kex: ['curve25519-sha256'], serverHostKey: ['ssh-ed25519'], cs: algorithms, sc: algorithms },
      onWrite: (bytes) => void socket.write(bytes),
      onError: () => {},
      onHeader: () => {},
      onHandshakeComplete: () => this.ready.resolve(),
      messageHandlers: { DISCONNECT: () => {} },
    });
    this.#protocol._onPayload = (payload) => {
      if (payload[0] !== number.disconnect) this.received.push(Buffer.from(payload));
    };
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      if (!this.closed) this.#protocol.parse(bytes, 0, bytes.length);
    });
    for (const event of ['end', 'close']) socket.once(event, () => this.#end());
    this.#protocol.start();
  }

  #end(): void {
    this.closed = true;
    this.#socket.destroy();
  }

  send(type: number, ...parts: readonly Uint8Array[]): void {
    const payload = Buffer.concat([Buffer.of(type), ...parts]);
    const packet = this.#protocol._cipher.allocPacket(payload.length);
    packet.set(payload, packetHeaderBytes);
    this.#protocol._cipher.encrypt(packet);
  }

  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The count-th message of that number, once it is there. */
  async until(type: number, count = 1): Promise<Buffer> {
    while (this.count(type) < count && !this.closed) await new Promise(setImmediate);
    const found = this.received.filter((payload) => payload[0] === type)[count - 1];
    if (found === undefined) throw new Error(`the door closed before message ${type}`);
    return found;
  }

  count(type: number): number {
    return this.received.filter((payload) => payload[0] === type).length;
  }

  /** A USERAUTH_REQUEST by that key, without its number (RFC 4252 §7). */
  signedRequest(user: string, key: { publicKey: KeyObject; privateKey: KeyObject }): Buffer {
    const blob = Buffer.from(openSshPublicKey(key.publicKey).split(' ')[1] ?? '', 'base64');
    const parts = [
      string(user),
      string('ssh-connection'),
      string('publickey'),
      Buffer.of(1),
      string('ssh-ed25519'),
      string(blob),
    ];
    const body = Buffer.concat([Buffer.of(number.userauthRequest), ...parts]);
    const sessionId = this.#protocol._kex?.sessionID ?? Buffer.alloc(0);
    const signature = sign(null, Buffer.concat([string(sessionId), body]), key.privateKey);
    return Buffer.concat([...parts, string(Buffer.concat([string('ssh-ed25519'), string(signature)]))]);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  beginKeyExchange(): void {
    this.#protocol.rekey();
  }

  async service(): Promise<void> {
    await this.ready.promise;
    this.send(number.serviceRequest, string('ssh-userauth'));
    await this.until(number.serviceAccept);
  }
}
