// Reads a recording and verifies it as it goes: a frame is given out only after its block's chain value has been checked.
// Whatever the bytes are, reading stays within bounds and ends with an outcome; it never throws.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { equalBytes, err, ok, parseJson, type Result } from '@sallyport/core';
import * as block from './block.ts';
import { diskFailure, failure, type RecordingFailure } from './failure.ts';
import { type Frame, readFrames } from './frame.ts';
import { noTotals, type RecordingHeader, recordingHeader, type SealRecord, sealRecord, type Totals } from './header.ts';

export type RecordingOutcome =
  /** Whole: every byte is as it was written, if the root hash is the one in the audit log. */
  | { readonly state: 'sealed'; readonly rootHash: string; readonly seal: SealRecord; readonly fileBytes: number }
  /** Not sealed: still being written, or left by a crash. Good up to there. */
  | { readonly state: 'truncated'; readonly validBytes: number; readonly totals: Totals; readonly lastHash: string }
  /** Not as it was written, from there on. */
  | { readonly state: 'altered'; readonly block: number; readonly byteOffset: number; readonly why: string };

export interface Recording extends AsyncIterable<Frame> {
  readonly header: RecordingHeader;
  /** Known once the frames have been read to their end. */
  readonly outcome: RecordingOutcome | undefined;
  /** Lets go of the file; reading to the end does as well. */
  close(): Promise<void>;
}

/** The recording, whose header has been verified; its frames can be read once. */
export async function readRecording(path: string): Promise<Result<Recording, RecordingFailure>> {
  const opened = await openRecording(path);
  if (!opened.ok) return opened;
  if (!opened.value.header.encryption) return opened;
  await opened.value.close();
  const hint = 'use a version that knows its encryption; verifying works without';
  return err(failure('UNSUPPORTED', `${path} is encrypted`, hint));
}

export type RecordingReport = { readonly header: RecordingHeader; readonly outcome: RecordingOutcome };

/** Reads the whole recording; with the root hash of the audit log, a recording that was replaced is altered as well. */
export async function verifyRecording(
  path: string,
  rootHash?: string,
): Promise<Result<RecordingReport, RecordingFailure>> {
  const opened = await openRecording(path);
  if (!opened.ok) return opened;
  const { header } = opened.value;
  const outcome = await opened.value.verify();
  if (outcome.state !== 'sealed' || rootHash === undefined || outcome.rootHash === rootHash)
    return ok({ header, outcome });
  const why = 'it is sealed, but its root hash is not the one that was logged: it was replaced';
  return ok({ header, outcome: { state: 'altered', block: 0, byteOffset: 0, why } });
}

async function openRecording(path: string): Promise<Result<OpenedRecording, RecordingFailure>> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const head = (await handle.stat()).isFile() ? await readHead(handle, path) : err(notOne(path));
    if (head.ok) return ok(new OpenedRecording(handle, head.value));
    await handle.close();
    return head;
  } catch (error) {
    await handle?.close();
    return err(diskFailure(error, path));
  }
}

function notOne(path: string): RecordingFailure {
  return failure(
    'NOT_A_RECORDING',
    `${path} is no recording`,
    'a recording begins with the bytes 89 53 52 45 43 0d 0a 1a',
  );
}

type Head = { readonly header: RecordingHeader; readonly chain: Buffer; readonly bytes: number };

async function readHead(handle: FileHandle, path: string): Promise<Result<Head, RecordingFailure>> {
  const preamble = await readUpTo(handle, 0, block.preambleBytes);
  const isOurs = preamble.length === block.preambleBytes && preamble.subarray(0, 8).equals(block.magic);
  if (!isOurs) return err(notOne(path));
  const version = preamble.readUInt16BE(8);
  if (version !== block.formatVersion) {
    return err(failure('UNSUPPORTED', `${path} has format version ${version}`, 'use a newer version to read it'));
  }
  const length = preamble.readUInt32BE(10);
  const rest =
    length <= block.maxHeaderBytes ? await readUpTo(handle, block.preambleBytes, length + block.hashBytes) : preamble;
  const value = block.chain(Buffer.alloc(0), Buffer.concat([preamble, rest.subarray(0, length)]));
  const header = recordingHeader.safeParse(parseJson(rest.subarray(0, length)));
  if (!header.success || !equalBytes(value, rest.subarray(length))) {
    return err(failure('ALTERED', `${path} has been altered in its header`, 'compare it with a backup'));
  }
  return ok({ header: header.data, chain: value, bytes: block.preambleBytes + length + block.hashBytes });
}

type ReadBlock = { readonly header: block.BlockHeader; readonly payload: Buffer; readonly chain: Buffer };
type Step =
  | { readonly block: ReadBlock }
  | { readonly end: 'truncated' }
  | { readonly end: 'altered'; readonly why: string };

class OpenedRecording implements Recording {
  readonly header: RecordingHeader;
  outcome: RecordingOutcome | undefined;
  readonly #handle: FileHandle;
  #chain: Buffer;
  #at: number;
  #index = 0;
  #totals: Totals = noTotals;
  #isOpen = true;

  constructor(handle: FileHandle, head: Head) {
    this.header = head.header;
    this.#handle = handle;
    this.#chain = head.chain;
    this.#at = head.bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Frame, void> {
    try {
      for (;;) {
        const frames = await this.#nextFrames();
        if (!frames) return;
        yield* frames;
      }
    } finally {
      await this.close();
    }
  }

  async verify(): Promise<RecordingOutcome> {
    while (await this.#nextFrames());
    await this.close();
    return this.outcome ?? this.#altered('it was closed while it was read');
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
  }

  /** The frames of the next block; undefined at the end, when the outcome is known. Those of an encrypted block stay closed. */
  async #nextFrames(): Promise<readonly Frame[] | undefined> {
    if (this.outcome || !this.#isOpen) return undefined;
    const step = await this.#readBlock();
    if ('end' in step) {
      this.outcome = step.end === 'altered' ? this.#altered(step.why) : this.#truncated();
      return undefined;
    }
    const { header, payload, chain } = step.block;
    if ((header.flags & block.blockFlag.seal) !== 0) {
      this.outcome = await this.#atSeal(step.block);
      return undefined;
    }
    const isEncrypted = (header.flags & block.blockFlag.encrypted) !== 0;
    const frames = isEncrypted ? ok([]) : readFrames(payload, header.baseUs);
    if (!frames.ok) {
      this.outcome = this.#altered(frames.error);
      return undefined;
    }
    this.#totals = addTotals(this.#totals, frames.value);
    this.#chain = chain;
    this.#index += 1;
    this.#at += block.blockHeaderBytes + payload.length + block.hashBytes;
    return frames.value;
  }

  async #readBlock(): Promise<Step> {
    try {
      const bytes = await readUpTo(this.#handle, this.#at, block.blockHeaderBytes);
      // A file system can lengthen a file before the bytes are there: zeros to its end after a power loss.
      if (bytes.length < block.blockHeaderBytes || bytes.every((byte) => byte === 0)) return { end: 'truncated' };
      const header = block.readBlockHeader(bytes);
      if (!header) return { end: 'altered', why: 'the header of the block does not check' };
      const rest = await readUpTo(this.#handle, this.#at + bytes.length, header.length + block.hashBytes);
      if (rest.length < header.length + block.hashBytes) return { end: 'truncated' };
      const payload = rest.subarray(0, header.length);
      const chain = block.chain(this.#chain, Buffer.concat([bytes, payload]));
      if (!equalBytes(chain, rest.subarray(header.length)))
        return { end: 'altered', why: 'the block does not hash to its chain value' };
      if (header.index !== this.#index)
        return { end: 'altered', why: `the block says that it is block ${header.index}` };
      return { block: { header, payload, chain } };
    } catch (error) {
      return { end: 'altered', why: diskFailure(error, 'the recording').message };
    }
  }

  async #atSeal({ header, payload, chain }: ReadBlock): Promise<RecordingOutcome> {
    const seal = sealRecord.safeParse(parseJson(payload));
    if (!seal.success || header.flags !== block.blockFlag.seal) return this.#altered('the seal cannot be read');
    const isCounted = this.header.encryption !== undefined || sameTotals(seal.data, this.#totals);
    if (!isCounted) return this.#altered('the seal counts other frames than there are');
    const end = this.#at + block.blockHeaderBytes + payload.length + block.hashBytes;
    const after = await readUpTo(this.#handle, end, 1).catch(() => Buffer.alloc(0));
    if (after.length > 0) return this.#altered('there are bytes after the seal', end);
    return { state: 'sealed', rootHash: chain.toString('hex'), seal: seal.data, fileBytes: end };
  }

  #truncated(): RecordingOutcome {
    return { state: 'truncated', validBytes: this.#at, totals: this.#totals, lastHash: this.#chain.toString('hex') };
  }

  #altered(why: string, byteOffset = this.#at): RecordingOutcome {
    return { state: 'altered', block: this.#index, byteOffset, why };
  }
}

function addTotals(totals: Totals, frames: readonly Frame[]): Totals {
  const bytes = { ...totals.bytes };
  for (const frame of frames) if ('bytes' in frame) bytes[frame.kind] += frame.bytes.length;
  const durationUs = frames.at(-1)?.atUs ?? totals.durationUs;
  return { blocks: totals.blocks + 1, frames: totals.frames + frames.length, durationUs, bytes };
}

function sameTotals(seal: SealRecord, totals: Totals): boolean {
  const { output, error, input } = seal.bytes;
  const { bytes } = totals;
  const isSameSize = output === bytes.output && error === bytes.error && input === bytes.input;
  return (
    isSameSize &&
    seal.blocks === totals.blocks &&
    seal.frames === totals.frames &&
    seal.durationUs === totals.durationUs
  );
}

/** So many bytes from there, or fewer at the end of the file. */
async function readUpTo(handle: FileHandle, position: number, wanted: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(wanted);
  for (let done = 0; done < wanted; ) {
    const { bytesRead } = await handle.read(buffer, done, wanted - done, position + done);
    if (bytesRead === 0) return buffer.subarray(0, done);
    done += bytesRead;
  }
  return buffer;
}
