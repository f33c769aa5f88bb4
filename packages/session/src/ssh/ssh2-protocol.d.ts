// The part of ssh2 that the door uses: its key exchange and its packets. ssh2 is pinned to one version; transport.ts checks at start
// that the underscored members are there.

declare module 'ssh2/lib/protocol/Protocol.js' {
  import type { KeyObject } from 'node:crypto';

  export type Negotiated = {
    kex: string;
    serverHostKey: string;
    cs: { cipher: string; mac: string; compress: string };
    sc: { cipher: string; mac: string; compress: string };
  };

  /** What key exchange asks of a host key (kex.js). */
  export type HostKey = {
    readonly type: string;
    sign(data: Buffer): Buffer;
    getPublicSSH(): Buffer;
  };

  type Algorithms = {
    cipher: readonly string[];
    mac: readonly string[];
    compress: readonly string[];
    lang: readonly string[];
  };

  type Offer = { kex: readonly string[]; serverHostKey: readonly string[]; cs: Algorithms; sc: Algorithms };
  /** A client is what tests are. */
  type Side = { server: true; ident: string; hostKeys: Readonly<Record<string, HostKey>> } | { server: false };

  export type Settings = Side & {
    offer: Offer;
    onWrite(data: Buffer): void;
    onError(error: Error): void;
    onHeader(): void;
    onHandshakeComplete(negotiated: Negotiated): void;
    messageHandlers: { DISCONNECT(): void };
  };

  export default class Protocol {
    constructor(settings: Settings);
    start(): void;
    parse(chunk: Buffer, from: number, to: number): void;
    cleanup(): void;
    rekey(): void;

    /** Gets each decrypted message outside key exchanges. */
    _onPayload: (payload: Buffer) => unknown;
    /** Set while keys are exchanged. */
    readonly _kexinit: Buffer | undefined;
    readonly _kex: { negotiated: Negotiated; readonly sessionID: Buffer } | undefined;
    /** allocPacket leaves room for 5 bytes before the payload. */
    readonly _cipher: {
      allocPacket(payloadLength: number): Buffer;
      encrypt(packet: Buffer): void;
      _encKey?: Uint8Array | KeyObject;
    };
    readonly _decipher: { _decipherKey?: Uint8Array | KeyObject } | undefined;
    /** Payloads that wait for the end of a key exchange. */
    _queue: Buffer[] | undefined;
  }
}
