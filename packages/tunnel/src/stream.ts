// One stream of a link, as a Duplex with half-close: end() is FIN, destroy() is RST. Back-pressure is the peer's both ways.
// An error on it must never be unhandled: a peer can reset any stream at any time.

import { Duplex } from 'node:stream';
import { Inbox } from './inbox.ts';
import { quantumBytes } from './limits.ts';
import { resetCode } from './link-fault.ts';
import { Outlet } from './scheduler.ts';
import { StreamWindow } from './window.ts';

/** What a stream needs of its link. */
export interface StreamLink {
  /** The outlet has a write. */
  offer(outlet: Outlet): void;
  sendFin(stream: LinkStream): void;
  sendCredit(stream: LinkStream, bytes: number): void;
  /** Unread bytes of this stream changed by so many. */
  buffered(bytes: number): void;
  /** The stream is over here; the code goes to the peer unless both sides had ended or it knows already. */
  streamClosed(stream: LinkStream, code: number): void;
}

export interface MuxStream extends Duplex {
  /** Gives the stream up, both ways, and tells the peer this code. */
  reset(code: number): void;
}

/** Calls back at the end of what the peer sends, also when that has been read to its end already. */
export function onPeerEnd(stream: MuxStream, callback: () => void): void {
  if (stream.readableEnded) callback();
  else stream.once('end', callback);
}

export class LinkStream extends Duplex implements MuxStream {
  readonly id: number;
  readonly outlet: Outlet;
  readonly window: StreamWindow;
  hasSentFin = false;
  hasReceivedFin = false;
  readonly #link: StreamLink;
  readonly #inbox = new Inbox();
  #code: number = resetCode.cancelled;
  #wantsMore = false;
  #isPushing = false;

  constructor(link: StreamLink, id: number, maxWindowBytes: number) {
    // One readable chunk at a time: what waits, waits in the inbox, where it is counted.
    super({ allowHalfOpen: true, readableHighWaterMark: 1, writableHighWaterMark: quantumBytes });
    this.id = id;
    this.outlet = new Outlet(id);
    this.window = new StreamWindow(maxWindowBytes);
    this.#link = link;
    this.on('error', handled);
  }

  get unreadBytes(): number {
    return this.#inbox.waitingBytes;
  }

  reset(code: number): void {
    if (this.destroyed) return;
    this.#code = code;
    this.destroy();
  }

  /** The payload of a DATA frame. */
  receive(payload: Buffer): void {
    this.#inbox.put(payload);
    this.#link.buffered(payload.byteLength);
    this.#push();
  }

  receiveFin(): void {
    this.hasReceivedFin = true;
    this.#push();
  }

  override _read(): void {
    this.#wantsMore = true;
    this.#push();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#offer([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#offer(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  // All writes are done by now, so FIN is behind the last byte.
  override _final(done: (error?: Error | null) => void): void {
    this.#link.sendFin(this);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const unread = this.#inbox.waitingBytes;
    this.#inbox.clear();
    this.#link.buffered(-unread);
    this.#link.streamClosed(this, this.#code);
    done(error);
  }

  #offer(parts: Buffer[], done: () => void): void {
    this.outlet.load(parts, done);
    if (this.outlet.waitingBytes === 0) this.outlet.finishWrite();
    else this.#link.offer(this.outlet);
  }

  // push() can call _read() before it returns; the loop then goes on by itself.
  #push(): void {
    if (this.#isPushing) return;
    this.#isPushing = true;
    while (this.#wantsMore && !this.destroyed) {
      const chunk = this.#inbox.take();
      if (!chunk) {
        if (this.hasReceivedFin) this.push(null);
        break;
      }
      this.#wantsMore = false;
      this.#link.buffered(-chunk.byteLength);
      const credit = this.window.read(chunk.byteLength);
      if (credit > 0 && !this.hasReceivedFin) this.#link.sendCredit(this, credit);
      if (this.push(chunk)) this.#wantsMore = true;
    }
    this.#isPushing = false;
  }
}

function handled(): void {}
