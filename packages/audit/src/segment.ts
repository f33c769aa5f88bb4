// The files of a log's folder: segments named by the number of their first event, and how their lines are read.
// Reading must stay within bounds whatever the bytes are.

import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';

export const checkpointsFile = 'checkpoints';
export const hashesFile = 'hashes';
export const lockFile = 'lock';

const segmentPattern = /^[0-9]{12}\.jsonl$/;

export function segmentName(firstSeq: number): string {
  return `${String(firstSeq).padStart(12, '0')}.jsonl`;
}

export type Segment = { readonly name: string; readonly firstSeq: number };

/** The segments of a folder in order. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => segmentPattern.test(name))
    .sort()
    .map((name) => ({ name, firstSeq: Number(name.slice(0, 12)) }));
}

/** A file of the log for reading. A link is not followed: the log is what is in the folder. */
export async function openToRead(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

export async function* chunksOf(path: string, start = 0, end = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  const handle = await openToRead(path);
  try {
    for (let position = start; position < end; ) {
      const wanted = Math.min(readBytes, end - position);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

export type RawLine = {
  /** Without the newline. */
  readonly bytes: Buffer;
  /** Byte where the line begins in its file. */
  readonly offset: number;
  /** From 1. */
  readonly number: number;
  readonly isTerminated: boolean;
};

const readBytes = 262_144;
/** Longer than any line of ours, so that a longer one is named and not gathered in memory. */
const longestReadLineBytes = 2_097_152;

/** What a file system gives for bytes that it has not written. */
export function isZeros(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The lines of the file from that byte on (numbered from 1 there), a batch for each read. A line that is too long is the last one told, and is not terminated. */
export async function* linesOf(path: string, start = 0): AsyncGenerator<readonly RawLine[]> {
  let rest: Buffer = Buffer.alloc(0);
  let [offset, number] = [start, 1];
  for await (const chunk of chunksOf(path, start)) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lines: RawLine[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      lines.push({ bytes: bytes.subarray(from, end), offset: offset + from, number, isTerminated: true });
      number += 1;
      from = end + 1;
    }
    offset += from;
    rest = bytes.subarray(from);
    if (lines.length > 0) yield lines;
    if (rest.length > longestReadLineBytes) break;
  }
  if (rest.length > 0) yield [{ bytes: rest, offset, number, isTerminated: false }];
}
