// What arrived on a stream and is not read yet. A peer that sends single bytes must not make it hold more memory than it counts.

/** Payloads below this are gathered in blocks: a Buffer object costs more than the bytes. */
const gatherBelowBytes = 2048;
const blockBytes = 4096;

export class Inbox {
  #chunks: Buffer[] = [];
  #next = 0;
  /** The block at the end of the queue while it still has room, and how much of it is filled. */
  #block: Buffer | undefined;
  #filledBytes = 0;
  #waitingBytes = 0;

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  put(payload: Buffer): void {
    this.#waitingBytes += payload.byteLength;
    if (payload.byteLength < gatherBelowBytes) {
      this.#gather(payload);
      return;
    }
    this.#block = undefined;
    // A payload that is a small part of what it was received in would keep all of that alive.
    const isMostlyOthers = payload.buffer.byteLength > 2 * payload.byteLength;
    this.#chunks.push(isMostlyOthers ? Buffer.from(payload) : payload);
  }

  take(): Buffer | undefined {
    const chunk = this.#chunks[this.#next];
    if (chunk === undefined) return undefined;
    this.#next += 1;
    if (this.#next === this.#chunks.length) {
      this.#chunks = [];
      this.#next = 0;
      this.#block = undefined;
    }
    this.#waitingBytes -= chunk.byteLength;
    return chunk;
  }

  clear(): void {
    this.#chunks = [];
    this.#next = 0;
    this.#block = undefined;
    this.#waitingBytes = 0;
  }

  #gather(payload: Buffer): void {
    const block = this.#block;
    if (block && this.#filledBytes + payload.byteLength <= blockBytes) {
      payload.copy(block, this.#filledBytes);
      this.#filledBytes += payload.byteLength;
      this.#chunks[this.#chunks.length - 1] = block.subarray(0, this.#filledBytes);
      return;
    }
    const fresh = Buffer.allocUnsafeSlow(blockBytes);
    payload.copy(fresh);
    this.#block = fresh;
    this.#filledBytes = payload.byteLength;
    this.#chunks.push(fresh.subarray(0, payload.byteLength));
  }
}
