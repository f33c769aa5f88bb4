// The file of hashes of an open log. Writing it is best effort: it is made again from the segments, so it must never fail an append.

import type { FileHandle } from 'node:fs/promises';
import { hashSource, storedCount } from './hash-file.ts';
import { writeAll } from './log-files.ts';
import { type HashSource, hashBytes } from './merkle.ts';

/** Kept while the file cannot be written; beyond that proofs fail until the log is opened again. */
const maxPendingHashes = 1_000_000;

export class HashCache {
  readonly #handle: FileHandle;
  #position: number;
  #pending: Buffer[] = [];
  #isLost = false;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#position = storedCount(size) * hashBytes;
  }

  add(hash: Buffer): void {
    if (this.#pending.length < maxPendingHashes) this.#pending.push(hash);
    else this.#isLost = true;
  }

  async flush(): Promise<void> {
    if (this.#isLost) return;
    const bytes = Buffer.concat(this.#pending);
    try {
      await writeAll(this.#handle, bytes, this.#position);
    } catch {
      return;
    }
    this.#position += bytes.length;
    this.#pending = [];
  }

  get source(): HashSource {
    return hashSource(this.#handle);
  }
}
