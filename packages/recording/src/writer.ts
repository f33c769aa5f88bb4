// Writes a recording while a session runs: frames are gathered into blocks, blocks are written within 16 ms and synced within a second.
// It must never lose a frame silently: what cannot be stored fails the recording, and the session ends with it.

import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, canonicalJson, err, ok, type Result, type Timer } from '@sallyport/core';
import type { ExitStatus, WindowSize } from '@sallyport/protocol';
import * as z from 'zod/mini';
import { blockFlag, chain, encodeBlock, hashBytes, maxHeaderBytes, writePreamble } from './block.ts';
import { BlockBuffer } from './block-buffer.ts';
import { BlockQueue, writeAll } from './block-queue.ts';
import { diskFailure, failure, type RecordingFailure } from './failure.ts';
import { type FrameKind, maxMarkBytes } from './frame.ts';
import { noTotals, type RecordingHeader, recordingHeader, sealPayload, type Totals } from './header.ts';

export type RecordingOptions = {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly clock: Clock;
  /** A crash of the machine loses at most so much. */
  readonly maxUnsyncedMs?: number;
};

export type SealedRecording = Totals & { readonly rootHash: string; readonly fileBytes: number };

export interface RecordingWriter {
  readonly path: string;
  /** Each returns false when more should not be recorded before ready() resolves. Nothing is dropped meanwhile, up to a bound. */
  output(chunk: Uint8Array, stream: 'stdout' | 'stderr'): boolean;
  input(chunk: Uint8Array): boolean;
  resize(size: WindowSize): boolean;
  /** A named place, such as a command that begins; at most 4096 bytes of it are kept. */
  mark(text: string): boolean;
  /** Resolves when there is room again, or when the recording has failed. */
  ready(): Promise<void>;
  /** Writes what is left and the seal, and syncs. What is recorded afterwards is not in it. Idempotent. */
  seal(exit?: ExitStatus): Promise<Result<SealedRecording, RecordingFailure>>;
  /** Resolves when the recording cannot go on; whoever records must end then. Never rejects. */
  readonly failed: Promise<RecordingFailure>;
}

const defaultMaxUnsyncedMs = 1000;
const flushAfterMs = 16; // one frame of a 60 Hz screen

/** Begins a recording in a file that must not exist; its folder is made. */
export async function startRecording(options: RecordingOptions): Promise<Result<RecordingWriter, RecordingFailure>> {
  const checked = recordingHeader.safeParse(options.header);
  if (!checked.success)
    return err(failure('BAD_HEADER', z.prettifyError(checked.error).replaceAll('\n', ' '), 'a bug'));
  const json = Buffer.from(canonicalJson(JSON.parse(JSON.stringify(checked.data))));
  if (json.length > maxHeaderBytes)
    return err(failure('BAD_HEADER', 'the header is too long', 'the command is too long'));
  const head = Buffer.concat([writePreamble(json.length), json]);
  const value = chain(Buffer.alloc(0), head);
  let handle: FileHandle | undefined;
  try {
    await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    handle = await open(options.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    await writeAll(handle, Buffer.concat([head, value]), 0);
    return ok(new OpenRecording(options, handle, head.length + value.length, value));
  } catch (error) {
    await handle?.close();
    return err(diskFailure(error, options.path));
  }
}

class OpenRecording implements RecordingWriter {
  readonly path: string;
  readonly #clock: Clock;
  readonly #queue: BlockQueue;
  readonly #startMs: number;
  readonly #block = new BlockBuffer();
  readonly #bytesOf = { ...noTotals.bytes };
  #blocks = 0;
  #frames = 0;
  #lastUs = 0;
  #isClosed = false;
  #chain: Buffer;
  #flushTimer: Timer | undefined;
  #sealed: Promise<Result<SealedRecording, RecordingFailure>> | undefined;

  constructor(options: RecordingOptions, handle: FileHandle, headBytes: number, value: Buffer) {
    const { path, clock, maxUnsyncedMs = defaultMaxUnsyncedMs } = options;
    this.path = path;
    this.#clock = clock;
    this.#chain = value;
    this.#startMs = clock.monotonicMs();
    const written = (block: Buffer) => this.#block.recycle(block);
    this.#queue = new BlockQueue({ path, handle, clock, maxUnsyncedMs, written }, headBytes);
  }

  get failed(): Promise<RecordingFailure> {
    return this.#queue.failed;
  }

  output(chunk: Uint8Array, stream: 'stdout' | 'stderr'): boolean {
    const kind = stream === 'stdout' ? 'output' : 'error';
    return this.#bytes(kind, chunk);
  }

  input(chunk: Uint8Array): boolean {
    return this.#bytes('input', chunk);
  }

  resize(size: WindowSize): boolean {
    return this.#frame('resize', Buffer.from(canonicalJson(size)));
  }

  mark(text: string): boolean {
    return this.#frame('mark', utf8Prefix(text, maxMarkBytes));
  }

  ready(): Promise<void> {
    return this.#queue.room();
  }

  seal(exit?: ExitStatus): Promise<Result<SealedRecording, RecordingFailure>> {
    this.#sealed ??= this.#finish(exit);
    return this.#sealed;
  }

  async #finish(exit: ExitStatus | undefined): Promise<Result<SealedRecording, RecordingFailure>> {
    if (exit) this.#frame('exit', Buffer.from(canonicalJson(exit)));
    this.#flush();
    this.#isClosed = true;
    const totals = { blocks: this.#blocks, frames: this.#frames, durationUs: this.#lastUs, bytes: this.#bytesOf };
    const seal = sealPayload({
      reason: 'closed',
      sealedAt: this.#clock.now(),
      ...(exit ? { exit } : {}),
      ...totals,
    });
    const header = { flags: blockFlag.seal, index: totals.blocks, baseUs: totals.durationUs };
    const block = encodeBlock(this.#chain, header, seal);
    this.#queue.push(block);
    const fileBytes = await this.#queue.finish();
    if (!fileBytes.ok) return fileBytes;
    const rootHash = block.subarray(-hashBytes).toString('hex');
    return ok({ ...totals, rootHash, fileBytes: fileBytes.value });
  }

  #bytes(kind: 'output' | 'error' | 'input', chunk: Uint8Array): boolean {
    if (this.#isClosed) return true;
    this.#bytesOf[kind] += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      if (this.#block.room === 0) this.#flush();
      const part = chunk.subarray(at, at + this.#block.room);
      this.#frame(kind, part);
      at += part.length;
    }
    return this.#queue.hasRoom;
  }

  #frame(kind: FrameKind, bytes: Uint8Array): boolean {
    if (this.#isClosed) return true;
    if (this.#block.room < bytes.length) this.#flush();
    const elapsedUs = Math.round((this.#clock.monotonicMs() - this.#startMs) * 1000);
    const atUs = Math.max(this.#lastUs, elapsedUs);
    this.#block.add(atUs, kind, bytes);
    this.#lastUs = atUs;
    this.#frames += 1;
    this.#flushTimer ??= this.#clock.after(flushAfterMs, () => this.#flush());
    return this.#queue.hasRoom;
  }

  #flush(): void {
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    if (this.#block.isEmpty) return;
    const block = this.#block.close(this.#chain, this.#blocks);
    this.#chain = Buffer.from(block.subarray(-hashBytes));
    this.#blocks += 1;
    this.#queue.push(block);
  }
}

/** As much of the text as fits into so many bytes of UTF-8, whole characters only. */
function utf8Prefix(text: string, maxBytes: number): Uint8Array {
  const target = Buffer.alloc(maxBytes);
  return target.subarray(0, new TextEncoder().encodeInto(text, target).written);
}
