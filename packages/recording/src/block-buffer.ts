// The block that is being filled. Its bytes lie as they are hashed and written: value before | block header | payload | value.
// It must never grow over one block, and never hand out bytes that it goes on changing.

import { hash } from 'node:crypto';
import { blockHeaderBytes, blockPayloadBytes, hashBytes, writeBlockHeader } from './block.ts';
import { type FrameKind, maxFrameOverhead, writeFrame } from './frame.ts';

const payloadStart = hashBytes + blockHeaderBytes;
const fullBytes = payloadStart + blockPayloadBytes + hashBytes;
/** An idle session, echoing keystrokes, holds no more than this. */
const firstBytes = 4096;

export class BlockBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #spare: Buffer | undefined;
  #end = payloadStart;
  #baseUs = 0;
  #lastUs = 0;

  get isEmpty(): boolean {
    return this.#end === payloadStart;
  }

  get payloadBytes(): number {
    return this.#end - payloadStart;
  }

  /** How many bytes of a frame fit in still. */
  get room(): number {
    return Math.max(0, blockPayloadBytes - this.payloadBytes - maxFrameOverhead);
  }

  /** Adds a frame of at most `room` bytes. */
  add(atUs: number, kind: FrameKind, bytes: Uint8Array): void {
    if (this.isEmpty) {
      this.#baseUs = atUs;
      this.#lastUs = atUs;
    }
    this.#reserve(this.#end + bytes.length + maxFrameOverhead + hashBytes);
    this.#end = writeFrame(this.#bytes, this.#end, atUs - this.#lastUs, kind, bytes);
    this.#lastUs = atUs;
  }

  /** Closes the block: the bytes to write, of which the last 32 are the new chain value. The buffer is empty then. */
  close(before: Uint8Array, index: number): Buffer {
    const bytes = this.#bytes;
    bytes.set(before, 0);
    writeBlockHeader(bytes, hashBytes, { length: this.payloadBytes, flags: 0, index, baseUs: this.#baseUs });
    hash('sha256', bytes.subarray(0, this.#end), 'buffer').copy(bytes, this.#end);
    const block = bytes.subarray(hashBytes, this.#end + hashBytes);
    this.#bytes = Buffer.alloc(0);
    this.#end = payloadStart;
    return block;
  }

  /** Takes back the memory of a block that has been written; a session that has become quiet gives most of it up. */
  recycle(block: Buffer): void {
    const memory = Buffer.from(block.buffer);
    if (memory.length <= firstBytes || block.length * 4 >= memory.length) this.#spare = memory;
  }

  #reserve(needed: number): void {
    if (this.#bytes.length >= needed) return;
    const spare = this.isEmpty && this.#spare && this.#spare.length >= needed ? this.#spare : undefined;
    if (spare) this.#spare = undefined;
    const wanted = Math.max(firstBytes, needed, this.#bytes.length * 4);
    const grown = spare ?? Buffer.allocUnsafeSlow(Math.min(fullBytes, wanted));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}
