// One SSH channel (RFC 4254 §5): its two windows and its closing. Output waits for the peer's window and for the socket;
// input is bounded by the window that was given, whatever the peer sends.

import type { Readable, Writable } from 'node:stream';
import type { SshTransport } from './transport.ts';
import { message, uint32 } from './wire.ts';

/** What a peer told of its end when the channel was opened. */
export type RemoteEnd = { readonly id: number; readonly window: number; readonly maxPacket: number };

export type ChannelEvents = {
  /** The peer ended the channel, or the connection did. Once. */
  closed(): void;
  request(type: string, wantsReply: boolean, payload: Buffer, from: number): void;
};

// Larger packets than OpenSSH's own 32 KB gain nothing; the peer's own maximum is respected below it.
const maxPacketBytes = 32_768;
// Lines waiting for a peer's window: a peer that never opens it does not collect them without end.
const maxWaitingBytes = 16_384;
const stderrCode = uint32(1); // SSH_EXTENDED_DATA_STDERR, RFC 4254 §5.2

type Outlet = { readonly source: Readable; readonly isStderr: boolean; rest: Buffer | undefined };

export class Channel {
  readonly localId: number;
  readonly #transport: SshTransport;
  readonly #remote: RemoteEnd;
  readonly #idBytes: Buffer;
  readonly #windowBytes: number;
  readonly #forget: () => void;
  #events: ChannelEvents | undefined;
  #sendable: number;
  #receivable: number;
  #consumed = 0;
  readonly #outlets = new Set<Outlet>();
  #said: Buffer = Buffer.alloc(0);
  #onFlushed: (() => void) | undefined;
  #onWaste: ((bytes: number) => void) | undefined;
  #sink: Writable | undefined;
  #inbox: Buffer[] = [];
  #unaccepted = 0;
  #hasReceivedEof = false;
  #hasSentEof = false;
  #hasSentClose = false;
  #isClosed = false;

  constructor(transport: SshTransport, localId: number, remote: RemoteEnd, windowBytes: number, forget: () => void) {
    this.#transport = transport;
    this.localId = localId;
    this.#remote = { ...remote, maxPacket: Math.min(Math.max(remote.maxPacket, 1), maxPacketBytes) };
    this.#idBytes = uint32(remote.id);
    this.#sendable = remote.window;
    this.#windowBytes = windowBytes;
    this.#receivable = windowBytes;
    this.#forget = forget;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  listen(events: ChannelEvents): void {
    this.#events = events;
  }

  // --- what the peer sends

  /** False when the peer sent more than its window. */
  received(bytes: Buffer): boolean {
    if (bytes.length > this.#receivable) return false;
    this.#receivable -= bytes.length;
    if (this.#isClosed || this.#hasSentClose || this.#hasReceivedEof) this.#accepted(bytes.length);
    else if (this.#sink === undefined) this.#inbox.push(bytes);
    else this.#put(this.#sink, bytes);
    return true;
  }

  /** As received(), for data that nothing here reads. */
  receivedExtended(bytes: Buffer): boolean {
    if (bytes.length > this.#receivable) return false;
    this.#receivable -= bytes.length;
    this.#accepted(bytes.length);
    return true;
  }

  receivedEof(): void {
    if (this.#hasReceivedEof) return;
    this.#hasReceivedEof = true;
    this.#sink?.end();
  }

  receivedWindow(bytes: number): void {
    this.#sendable += bytes;
    this.flush();
  }

  receivedRequest(type: string, wantsReply: boolean, payload: Buffer, from: number): void {
    if (this.#events === undefined || this.#hasSentClose) this.reply(wantsReply, false);
    else this.#events.request(type, wantsReply, payload, from);
  }

  receivedClose(): void {
    this.close();
    this.abandon();
  }

  /** The connection is gone, or the peer has closed: nothing more comes or goes. */
  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#inbox = [];
    this.dropSources();
    this.#events?.closed();
  }

  // --- what goes to the peer

  /** Input goes to the sink from now on, and what has come before. */
  drainInto(sink: Writable): void {
    this.#sink = sink;
    sink.on('drain', () => this.#drained());
    // A program that reads no more still lets its peer talk (scp, `cmd < file`): what comes is taken and dropped.
    sink.on('error', () => this.#drained());
    sink.on('close', () => this.#drained());
    const waiting = this.#inbox;
    this.#inbox = [];
    for (const bytes of waiting) this.#put(sink, bytes);
    if (this.#hasReceivedEof) sink.end();
  }

  /** Output comes from the source until it ends; several sources may share a channel. */
  fillFrom(source: Readable, isStderr = false): void {
    const outlet: Outlet = { source, isStderr, rest: undefined };
    this.#outlets.add(outlet);
    const done = () => {
      if (outlet.rest !== undefined && !this.#isClosed) return;
      this.#outlets.delete(outlet);
      this.#settle();
    };
    source.on('data', (bytes: Buffer) => {
      if (this.#onWaste !== undefined && !isStderr) {
        this.#onWaste(bytes.length);
        return;
      }
      // A source may go on although it was paused: Node resumes the output of a child process when the child has ended.
      outlet.rest = outlet.rest === undefined ? this.#offer(bytes, isStderr) : Buffer.concat([outlet.rest, bytes]);
      if (outlet.rest !== undefined) source.pause();
    });
    source.on('end', done);
    source.on('close', done);
    source.on('error', done);
    if (source.destroyed || source.readableEnded) done();
  }

  /** The peer reads no more output: what still comes is counted and dropped. Errors still go out. */
  wasteOutput(onWaste: (bytes: number) => void): void {
    this.#onWaste = onWaste;
    for (const outlet of this.#outlets) {
      if (outlet.isStderr) continue;
      outlet.rest = undefined;
      this.#goOn(outlet);
    }
    this.#settle();
  }

  /** No more output is taken from its sources. */
  dropSources(): void {
    for (const { source } of this.#outlets) source.destroy();
    this.#outlets.clear();
    this.#settle();
  }

  /** Calls back once every source has ended and everything is handed to the transport, or the channel is closed. */
  onceFlushed(callback: () => void): void {
    this.#onFlushed = callback;
    this.#settle();
  }

  /** A line on standard error, between pieces of output. */
  say(text: string): void {
    const line = Buffer.from(text);
    if (this.#hasSentEof || this.#isClosed || this.#said.length + line.length > maxWaitingBytes) return;
    this.#said = Buffer.concat([this.#said, line]);
    this.flush();
  }

  reply(wantsReply: boolean, isGranted: boolean): void {
    if (wantsReply) this.#send(isGranted ? message.channelSuccess : message.channelFailure);
  }

  request(...parts: readonly Uint8Array[]): void {
    this.#send(message.channelRequest, ...parts);
  }

  end(): void {
    if (this.#hasSentEof || this.#hasSentClose) return;
    this.#hasSentEof = true;
    this.#send(message.channelEof);
  }

  close(): void {
    if (this.#hasSentClose) return;
    this.#send(message.channelClose);
    this.#hasSentClose = true;
    this.#inbox = [];
  }

  /** Goes on where the window or the socket had stopped it. */
  flush(): void {
    if (this.#said.length > 0) this.#said = this.#offer(this.#said, true) ?? Buffer.alloc(0);
    for (const outlet of this.#outlets) {
      if (outlet.rest === undefined) continue;
      outlet.rest = this.#offer(outlet.rest, outlet.isStderr);
      if (outlet.rest !== undefined) return;
      this.#goOn(outlet);
    }
    this.#settle();
  }

  #goOn(outlet: Outlet): void {
    if (outlet.source.readableEnded || outlet.source.destroyed) this.#outlets.delete(outlet);
    else outlet.source.resume();
  }

  /** Sends what may be sent now; returns what may not. */
  #offer(bytes: Buffer, isStderr: boolean): Buffer | undefined {
    if (this.#isClosed || this.#hasSentEof || this.#hasSentClose) return undefined;
    let at = 0;
    while (at < bytes.length) {
      if (this.#sendable === 0 || this.#transport.isCongested) return bytes.subarray(at);
      const length = Math.min(bytes.length - at, this.#sendable, this.#remote.maxPacket);
      const piece = at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length);
      if (isStderr) this.#send(message.channelExtendedData, stderrCode, uint32(length), piece);
      else this.#send(message.channelData, uint32(length), piece);
      this.#sendable -= length;
      at += length;
    }
    return undefined;
  }

  #send(number: number, ...parts: readonly Uint8Array[]): void {
    if (!this.#isClosed && !this.#hasSentClose) this.#transport.send(number, this.#idBytes, ...parts);
  }

  #settle(): void {
    const callback = this.#onFlushed;
    if (callback === undefined || (!this.#isClosed && (this.#outlets.size > 0 || this.#said.length > 0))) return;
    this.#onFlushed = undefined;
    callback();
  }

  #put(sink: Writable, bytes: Buffer): void {
    if (sink.destroyed || sink.writableEnded) this.#accepted(bytes.length);
    else if (sink.write(bytes)) this.#accepted(bytes.length);
    else this.#unaccepted += bytes.length;
  }

  #drained(): void {
    const bytes = this.#unaccepted;
    this.#unaccepted = 0;
    this.#accepted(bytes);
  }

  // The window is given back in quarters: often enough that the peer never waits, seldom enough to cost nothing.
  #accepted(bytes: number): void {
    this.#consumed += bytes;
    if (this.#consumed * 4 < this.#windowBytes || this.#isClosed || this.#hasSentClose) return;
    this.#receivable += this.#consumed;
    this.#send(message.channelWindowAdjust, uint32(this.#consumed));
    this.#consumed = 0;
  }
}
