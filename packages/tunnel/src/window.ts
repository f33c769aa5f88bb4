// Receive windows: what the peer may send and has sent. Pure accounting; what it returns is the credit to give now.

import { initialConnectionWindowBytes, initialStreamWindowBytes, priorityAllowanceBytes } from './limits.ts';

/** One stream's window, counted on reading: a reader that stalls stops its sender. It grows while the reader keeps up. */
export class StreamWindow {
  readonly #maxBytes: number;
  #sizeBytes = initialStreamWindowBytes;
  #granted = initialStreamWindowBytes;
  #arrived = 0;
  #read = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = Math.max(maxBytes, initialStreamWindowBytes);
  }

  /** False if the peer sent more than it was granted. */
  arrive(bytes: number): boolean {
    this.#arrived += bytes;
    return this.#arrived <= this.#granted;
  }

  /** The credit to send, or 0 for none yet: a quarter of the window at a time. */
  read(bytes: number): number {
    this.#read += bytes;
    const usable = this.#granted - this.#read;
    if (this.#sizeBytes - usable < this.#sizeBytes / 4) return 0;
    const isReaderKeepingUp = this.#arrived - this.#read <= this.#sizeBytes / 4;
    if (isReaderKeepingUp) this.#sizeBytes = Math.min(this.#sizeBytes * 2, this.#maxBytes);
    const credit = this.#sizeBytes - usable;
    this.#granted += credit;
    return credit;
  }
}

const targetDelayMs = 10;
const growth = 1.25;
const samplesToShrink = 4;
/** With less than this on its way a link is idle. */
const idleBytes = 4096;

/**
 * The connection's window, counted on arrival, so that a stalled stream does not eat it. Its size is what bounds the queue in the
 * network in front of a keystroke: about one bandwidth-delay product, found from the round trip under load.
 */
export class ConnectionWindow {
  readonly #minBytes: number;
  readonly #maxBytes: number;
  #sizeBytes = initialConnectionWindowBytes;
  #granted = initialConnectionWindowBytes;
  #arrived = 0;
  #baseMs = Number.POSITIVE_INFINITY;
  #loadedMs: number[] = [];

  constructor(minBytes: number, maxBytes: number) {
    this.#minBytes = minBytes;
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get arrivedBytes(): number {
    return this.#arrived;
  }

  /** The credit to send now (0 for none yet), or undefined if the peer sent more than it was granted. */
  arrive(bytes: number): number | undefined {
    this.#arrived += bytes;
    if (this.#arrived > this.#granted + priorityAllowanceBytes) return undefined;
    const credit = this.#sizeBytes - (this.#granted - this.#arrived);
    if (credit < this.#sizeBytes / 4) return 0;
    this.#granted += credit;
    return credit;
  }

  /** A measured round trip during which so many bytes arrived. */
  measured(rttMs: number, arrivedBytes: number): void {
    this.#baseMs = Math.min(this.#baseMs, rttMs);
    // A path can become longer, but a link under load must not take its own queue for that: the window would creep up for ever.
    if (arrivedBytes < idleBytes) this.#baseMs += (rttMs - this.#baseMs) / 16;
    if (arrivedBytes < this.#sizeBytes / 2) return;
    // On a short path the window that fills it is small: ten milliseconds more would all be queue.
    const headroomMs = Math.min(targetDelayMs, 1 + this.#baseMs / 2);
    if (rttMs < this.#baseMs + headroomMs) {
      this.#sizeBytes = Math.min(Math.round(this.#sizeBytes * growth), this.#maxBytes);
      this.#loadedMs = [];
      return;
    }
    this.#loadedMs.push(rttMs);
    if (this.#loadedMs.length < samplesToShrink) return;
    const leastMs = Math.min(...this.#loadedMs);
    this.#loadedMs = [];
    if (leastMs <= this.#baseMs + 2 * headroomMs) return;
    const share = Math.max(0.5, (this.#baseMs + headroomMs) / leastMs);
    this.#sizeBytes = Math.max(Math.round(this.#sizeBytes * share), this.#minBytes);
  }
}
