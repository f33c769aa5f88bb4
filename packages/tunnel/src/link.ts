// The link itself: it checks every frame of the peer and ends the link, by name, at the first one that the protocol does not allow.
// It must never throw because of what a peer sends, and never hold more for a peer than the limits say.

import type { Clock, SessionId } from '@sallyport/core';
import type { StreamHeader } from '@sallyport/protocol';
import type { Carrier } from './carrier.ts';
import {
  decodeFrame,
  encodeCredit,
  encodeFin,
  encodeOpen,
  encodePing,
  encodePong,
  encodeRst,
  type Frame,
} from './frame.ts';
import { parseHeader } from './header.ts';
import { Keepalive } from './keepalive.ts';
import { defaultLimits, type MuxLimits } from './limits.ts';
import { faultReason, type LinkFault, LinkLost, resetCode, StreamReset } from './link-fault.ts';
import type { ConnectionHandler, Mux, MuxOptions, StreamHandler } from './mux.ts';
import { type Outlet, Scheduler } from './scheduler.ts';
import { LinkStream, type MuxStream, type StreamLink } from './stream.ts';
import { UnsettledResets } from './unsettled-resets.ts';
import { ConnectionWindow, StreamWindow } from './window.ts';

const highestStream = 0xffff_ffff;
/** Above this many unsettled resets a PING is sent without waiting for the next one that is due. */
const settleAbove = 256;

export function createMux(carrier: Carrier, options: MuxOptions): Mux {
  return new Link(carrier, options);
}

class Link implements Mux, StreamLink {
  readonly closed: Promise<string>;
  readonly clock: Clock;
  rttMs: number | undefined;
  readonly #carrier: Carrier;
  readonly #limits: MuxLimits;
  readonly #scheduler: Scheduler;
  readonly #keepalive: Keepalive;
  readonly #window: ConnectionWindow;
  readonly #streams = new Map<number, LinkStream>();
  readonly #resets = new UnsettledResets();
  readonly #connectionHandlers = new Map<SessionId, ConnectionHandler>();
  readonly #peerParity: 0 | 1;
  #streamHandler: StreamHandler | undefined;
  #nextStream: number;
  #lastPeerStream = 0;
  #peerStreams = 0;
  #bufferedBytes = 0;
  #invalidHeaders = 0;
  #unreadReplies = 0;
  #arrivedAtPing = 0;
  #closeReason: string | undefined;
  #resolveClosed: (reason: string) => void = () => undefined;

  constructor(carrier: Carrier, options: MuxOptions) {
    this.clock = options.clock;
    this.#carrier = carrier;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#peerParity = options.role === 'dialler' ? 0 : 1;
    this.#nextStream = options.role === 'dialler' ? 1 : 2;
    this.#scheduler = new Scheduler(carrier);
    this.#window = new ConnectionWindow(this.#limits.minConnectionWindowBytes, this.#limits.maxConnectionWindowBytes);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#keepalive = new Keepalive(options.clock, options.random, {
      sendPing: (token) => this.#sendPing(token),
      measured: (rttMs) => this.#measured(rttMs),
      silent: () => this.close('nothing arrived for 40 s'),
    });
    this.#keepalive.start();
    carrier.onClose((reason) => this.#end(reason));
    carrier.onFrame((frame) => this.#receive(frame));
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  open(header: StreamHeader): MuxStream {
    const stream = new LinkStream(this, this.#nextStream, this.#limits.maxStreamWindowBytes);
    const text = JSON.stringify(header);
    const failure = this.#whyNotOpen(text);
    if (failure) return stream.destroy(failure);
    this.#nextStream += 2;
    this.#streams.set(stream.id, stream);
    this.#scheduler.control(encodeOpen(stream.id, text));
    return stream;
  }

  onStream(handler: StreamHandler): void {
    this.#streamHandler = handler;
  }

  onConnection(session: SessionId, handler: ConnectionHandler): () => void {
    this.#connectionHandlers.set(session, handler);
    return () => {
      if (this.#connectionHandlers.get(session) === handler) this.#connectionHandlers.delete(session);
    };
  }

  close(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#end(reason);
    this.#carrier.close(reason);
  }

  offer(outlet: Outlet): void {
    this.#scheduler.offer(outlet);
  }

  sendFin(stream: LinkStream): void {
    stream.hasSentFin = true;
    this.#scheduler.control(encodeFin(stream.id));
    if (stream.hasReceivedFin) this.#forget(stream);
  }

  sendCredit(stream: LinkStream, bytes: number): void {
    if (this.#streams.get(stream.id) === stream) this.#reply(encodeCredit(stream.id, bytes));
  }

  buffered(bytes: number): void {
    this.#bufferedBytes += bytes;
    if (bytes > 0 && this.#bufferedBytes > this.#limits.maxBufferedBytes) this.#fullest()?.reset(resetCode.bufferFull);
  }

  streamClosed(stream: LinkStream, code: number): void {
    this.#scheduler.withdraw(stream.outlet);
    if (!this.#forget(stream)) return;
    this.#scheduler.control(encodeRst(stream.id, code));
    if (!stream.hasReceivedFin) this.#remember(stream.id, stream.window);
  }

  #whyNotOpen(header: string): Error | undefined {
    if (this.#closeReason !== undefined) return new LinkLost(this.#closeReason);
    if (this.#streams.size - this.#peerStreams >= this.#limits.maxStreams)
      return new StreamReset(resetCode.tooManyStreams);
    if (Buffer.byteLength(header) > this.#limits.maxHeaderBytes) return new StreamReset(resetCode.invalidHeader);
    if (this.#nextStream <= highestStream) return undefined;
    this.close('stream ids are used up');
    return new LinkLost('stream ids are used up');
  }

  #receive(bytes: Buffer): void {
    if (this.#closeReason !== undefined) return;
    this.#keepalive.arrived();
    const frame = decodeFrame(bytes, this.#limits.maxHeaderBytes);
    const fault = frame.ok ? this.#handle(frame.value) : frame.error;
    if (fault) this.close(faultReason(fault));
  }

  #handle(frame: Frame): LinkFault | undefined {
    switch (frame.type) {
      case 'data':
        return this.#data(frame.stream, frame.payload);
      case 'open':
        return this.#open(frame.stream, frame.header);
      case 'credit':
        return this.#credit(frame.stream, frame.bytes);
      case 'fin':
        return this.#fin(frame.stream);
      case 'rst':
        return this.#rst(frame.stream, frame.code);
      case 'ping':
        return this.#reply(encodePong(frame.token));
      case 'pong':
        return this.#keepalive.pong(frame.token) ? undefined : 'unexpected pong';
    }
  }

  #data(id: number, payload: Buffer): LinkFault | undefined {
    const credit = this.#window.arrive(payload.byteLength);
    if (credit === undefined) return 'connection credit overrun';
    if (this.#window.arrivedBytes - this.#arrivedAtPing >= this.#window.sizeBytes) this.#keepalive.probe();
    const stream = this.#streams.get(id);
    const window = stream?.window ?? this.#resets.windowOf(id);
    if (!window) return this.#strayFault(id);
    if (stream?.hasReceivedFin) return 'data after the end';
    if (!window.arrive(payload.byteLength)) return 'stream credit overrun';
    const fault = credit > 0 ? this.#reply(encodeCredit(0, credit)) : undefined;
    stream?.receive(payload);
    return fault;
  }

  #open(id: number, header: Buffer): LinkFault | undefined {
    if (id % 2 !== this.#peerParity) return 'wrong stream parity';
    if (id <= this.#lastPeerStream) return 'stream id reused';
    this.#lastPeerStream = id;
    if (this.#peerStreams >= this.#limits.maxStreams) return this.#refuse(id, resetCode.tooManyStreams);
    const parsed = parseHeader(header);
    if (!parsed) {
      this.#invalidHeaders += 1;
      if (this.#invalidHeaders > this.#limits.maxInvalidHeaders) return 'too many invalid headers';
      return this.#refuse(id, resetCode.invalidHeader);
    }
    const serve = this.#serverOf(parsed);
    if (!serve) return this.#refuse(id, resetCode.refused);
    const stream = new LinkStream(this, id, this.#limits.maxStreamWindowBytes);
    this.#streams.set(id, stream);
    this.#peerStreams += 1;
    serve(stream);
    return undefined;
  }

  #serverOf(header: StreamHeader): ((stream: MuxStream) => void) | undefined {
    if (header.kind === 'connection') {
      const handler = this.#connectionHandlers.get(header.session);
      return handler && ((stream) => handler(stream, header));
    }
    const handler = this.#streamHandler;
    return handler && ((stream) => handler(stream, header));
  }

  #credit(id: number, bytes: number): LinkFault | undefined {
    if (id === 0) return this.#scheduler.connectionCredit(bytes) ? undefined : 'credit overflow';
    const stream = this.#streams.get(id);
    if (stream) return this.#scheduler.streamCredit(stream.outlet, bytes) ? undefined : 'credit overflow';
    return this.#wasOpened(id) ? undefined : 'frame for a stream never opened';
  }

  #fin(id: number): LinkFault | undefined {
    const stream = this.#streams.get(id);
    if (!stream) return this.#resets.settle(id) ? undefined : this.#strayFault(id);
    if (stream.hasReceivedFin) return 'data after the end';
    if (stream.hasSentFin) this.#forget(stream);
    stream.receiveFin();
    return undefined;
  }

  #rst(id: number, code: number): LinkFault | undefined {
    const stream = this.#streams.get(id);
    if (stream) {
      this.#forget(stream);
      stream.destroy(new StreamReset(code));
      return undefined;
    }
    this.#resets.settle(id);
    return this.#wasOpened(id) ? undefined : 'frame for a stream never opened';
  }

  #refuse(id: number, code: number): LinkFault | undefined {
    this.#remember(id, new StreamWindow(this.#limits.maxStreamWindowBytes));
    if (this.#resets.count > this.#limits.maxUnsettledResets) return 'resets not settled';
    return this.#reply(encodeRst(id, code));
  }

  #remember(id: number, window: StreamWindow): void {
    this.#resets.add(id, window);
    if (this.#resets.count > settleAbove) this.#keepalive.probe();
  }

  // Frames that the peer makes this side send: it has to read them.
  #reply(frame: Buffer): LinkFault | undefined {
    this.#unreadReplies += 1;
    this.#scheduler.control(frame, () => {
      this.#unreadReplies -= 1;
    });
    return this.#unreadReplies > this.#limits.maxUnreadReplies ? 'replies not read' : undefined;
  }

  #strayFault(id: number): LinkFault {
    return this.#wasOpened(id) ? 'data on a closed stream' : 'frame for a stream never opened';
  }

  #wasOpened(id: number): boolean {
    return id % 2 === this.#peerParity ? id <= this.#lastPeerStream : id < this.#nextStream;
  }

  #forget(stream: LinkStream): boolean {
    if (this.#streams.get(stream.id) !== stream) return false;
    this.#streams.delete(stream.id);
    if (stream.id % 2 === this.#peerParity) this.#peerStreams -= 1;
    return true;
  }

  #fullest(): LinkStream | undefined {
    let fullest: LinkStream | undefined;
    for (const stream of this.#streams.values()) {
      if (stream.unreadBytes > (fullest?.unreadBytes ?? 0)) fullest = stream;
    }
    return fullest;
  }

  #sendPing(token: number): void {
    this.#arrivedAtPing = this.#window.arrivedBytes;
    this.#scheduler.control(encodePing(token));
    this.#resets.pinged();
  }

  #measured(rttMs: number): void {
    this.rttMs = rttMs;
    this.#window.measured(rttMs, this.#window.arrivedBytes - this.#arrivedAtPing);
    this.#resets.ponged();
  }

  #end(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#keepalive.stop();
    this.#scheduler.close();
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    this.#connectionHandlers.clear();
    for (const stream of streams) stream.destroy(new LinkLost(reason));
    this.#resolveClosed(reason);
  }
}
