// Streams that were reset here while the peer may still be sending on them. What it sends is tolerated up to the credit it had, and
// only until it answers a PING that went out after the RST: frames keep their order, so by then it knows.

import type { StreamWindow } from './window.ts';

export class UnsettledResets {
  #sincePing = new Map<number, StreamWindow>();
  #beforePing = new Map<number, StreamWindow>();

  get count(): number {
    return this.#sincePing.size + this.#beforePing.size;
  }

  add(stream: number, window: StreamWindow): void {
    this.#sincePing.set(stream, window);
  }

  windowOf(stream: number): StreamWindow | undefined {
    return this.#sincePing.get(stream) ?? this.#beforePing.get(stream);
  }

  /** The peer has ended the stream as well. False if it was not in here. */
  settle(stream: number): boolean {
    return this.#sincePing.delete(stream) || this.#beforePing.delete(stream);
  }

  pinged(): void {
    for (const [stream, window] of this.#sincePing) this.#beforePing.set(stream, window);
    this.#sincePing = new Map();
  }

  ponged(): void {
    this.#beforePing = new Map();
  }
}
