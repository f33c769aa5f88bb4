// Blocks on their way to the disk: written in order, synced in time. After a failure nothing more is written, and the file is cut back
// to its last whole block, so that what is there can still be sealed.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, err, ok, type Result, type Timer } from '@sallyport/core';
import { diskFailure, failure, type RecordingFailure } from './failure.ts';

type Options = {
  readonly path: string;
  readonly handle: FileHandle;
  readonly clock: Clock;
  readonly maxUnsyncedMs: number;
  /** The block's memory may be used again. */
  written(block: Buffer): void;
};

const highWaterBytes = 1_048_576;
const lowWaterBytes = 262_144;
/** For whoever does not wait for room: past this the recording fails rather than fill the memory. */
const maxQueuedBytes = 16_777_216;

export class BlockQueue {
  readonly failed: Promise<RecordingFailure>;
  readonly #tellFailure: (failure: RecordingFailure) => void;
  readonly #options: Options;
  #blocks: Buffer[] = [];
  #queuedBytes = 0;
  #fileBytes: number;
  #failure: RecordingFailure | undefined;
  #working: Promise<void> | undefined;
  #waiting: (() => void)[] = [];
  /** When the oldest byte that is not synced was written; the header is the first. */
  #unsyncedSinceMs: number | undefined;
  #isFolderSynced = false;
  #syncTimer: Timer | undefined;

  constructor(options: Options, headBytes: number) {
    const { promise, resolve } = Promise.withResolvers<RecordingFailure>();
    this.failed = promise;
    this.#tellFailure = resolve;
    this.#options = options;
    this.#fileBytes = headBytes;
    this.#hasWritten();
  }

  get hasRoom(): boolean {
    return this.#queuedBytes < highWaterBytes && !this.#failure;
  }

  /** Resolves when there is room again or there never will be. */
  room(): Promise<void> {
    if (this.hasRoom || this.#failure) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  push(block: Buffer): void {
    if (this.#failure) return;
    if (this.#queuedBytes + block.length > maxQueuedBytes) {
      const hint = 'the disk is too slow for what the session prints; use a faster one';
      this.#fail(failure('OVERRUN', 'more waits to be recorded than may be held in memory', hint));
      return;
    }
    this.#blocks.push(block);
    this.#queuedBytes += block.length;
    this.#work();
  }

  /** Resolves once everything is on the disk and the file is closed: with its length. */
  async finish(): Promise<Result<number, RecordingFailure>> {
    while (this.#working !== undefined) await this.#working;
    this.#syncTimer?.cancel();
    try {
      if (!this.#failure) await this.#sync();
    } catch (error) {
      this.#fail(diskFailure(error, this.#options.path));
    }
    if (this.#failure) await this.#cutBack();
    // Everything that counts has been synced.
    await this.#options.handle.close().catch(() => undefined);
    return this.#failure ? err(this.#failure) : ok(this.#fileBytes);
  }

  #work(): void {
    // Never rejects: an error becomes the failure of the recording.
    this.#working ??= this.#writeBlocks().finally(() => {
      this.#working = undefined;
      if (this.#blocks.length > 0 || this.#isSyncDue()) this.#work();
    });
  }

  async #writeBlocks(): Promise<void> {
    try {
      for (let block = this.#blocks.shift(); block; block = this.#blocks.shift()) {
        await writeAll(this.#options.handle, block, this.#fileBytes);
        this.#fileBytes += block.length;
        this.#queuedBytes -= block.length;
        this.#options.written(block);
        this.#hasWritten();
        if (this.#queuedBytes <= lowWaterBytes) this.#wake();
        if (this.#isSyncDue()) await this.#sync();
      }
      if (this.#isSyncDue()) await this.#sync();
    } catch (error) {
      this.#fail(diskFailure(error, this.#options.path));
    }
  }

  #hasWritten(): void {
    const { clock, maxUnsyncedMs } = this.#options;
    if (this.#unsyncedSinceMs !== undefined) return;
    this.#unsyncedSinceMs = clock.monotonicMs();
    this.#syncTimer = clock.after(maxUnsyncedMs, () => {
      this.#unsyncedSinceMs = Number.NEGATIVE_INFINITY;
      this.#work();
    });
  }

  #isSyncDue(): boolean {
    if (this.#failure || this.#unsyncedSinceMs === undefined) return false;
    return this.#options.clock.monotonicMs() - this.#unsyncedSinceMs >= this.#options.maxUnsyncedMs;
  }

  async #sync(): Promise<void> {
    this.#syncTimer?.cancel();
    this.#unsyncedSinceMs = undefined;
    await this.#options.handle.datasync();
    if (!this.#isFolderSynced) await syncFolder(dirname(this.#options.path));
    this.#isFolderSynced = true;
  }

  #fail(cause: RecordingFailure): void {
    if (this.#failure) return;
    this.#failure = cause;
    this.#blocks = [];
    this.#queuedBytes = 0;
    this.#syncTimer?.cancel();
    this.#tellFailure(cause);
    this.#wake();
  }

  async #cutBack(): Promise<void> {
    // Best effort: a reader stops at the last whole block in any case.
    await this.#options.handle.truncate(this.#fileBytes).catch(() => undefined);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
