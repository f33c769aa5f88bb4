// Checkpoints (c2sp.org/tlog-checkpoint): origin, tree size and root, as a signed note. The file of checkpoints is such notes
// one after the other. A log must never sign a checkpoint that does not extend the ones before it.

import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { err, errorCode, ok, type Result } from '@sallyport/core';
import { hashBytes, type TreeHead } from './merkle.ts';
import { chunksOf } from './segment.ts';
import { isKeyName, parseNote, type SigningKey, signNote, verifyNote } from './signed-note.ts';

export type Checkpoint = TreeHead & { readonly origin: string };

const sizePattern = /^(?:0|[1-9][0-9]{0,14})$/;
const rootPattern = /^[A-Za-z0-9+/]{43}=$/;

export function isOrigin(text: string): boolean {
  return isKeyName(text);
}

/** The signed note of a tree head. */
export function signCheckpoint(checkpoint: Checkpoint, key: SigningKey): string {
  const root = Buffer.from(checkpoint.root).toString('base64');
  return signNote(`${checkpoint.origin}\n${checkpoint.size}\n${root}\n`, checkpoint.origin, key);
}

export type CheckpointFault = { readonly is: 'malformed' | 'forged'; readonly why: string };

/** The checkpoint that the note holds, once its signature by that key and under its own origin has been checked. */
export function readCheckpoint(
  note: string,
  publicKey: KeyObject,
  origin?: string,
): Result<Checkpoint, CheckpointFault> {
  const parsed = parseNote(note);
  if (!parsed.ok) return err({ is: 'malformed', why: parsed.error });
  const [name = '', size = '', root = ''] = parsed.value.text.split('\n');
  const decoded = Buffer.from(root, 'base64');
  if (!isOrigin(name) || !sizePattern.test(size) || !rootPattern.test(root) || decoded.length !== hashBytes) {
    return err({ is: 'malformed', why: 'a checkpoint is origin, tree size and base64 root, a line each' });
  }
  if (origin !== undefined && name !== origin) return err({ is: 'forged', why: `it is of ${name}, not of ${origin}` });
  const verified = verifyNote(parsed.value, name, publicKey);
  if (!verified.ok) return err({ is: 'forged', why: verified.error });
  return ok({ origin: name, size: Number(size), root: decoded });
}

export type NoteInFile = {
  readonly note: string;
  readonly line: number;
  readonly start: number;
  readonly isWhole: boolean;
};

/** Longer notes are no notes of ours: 64 signatures of the largest kind stay below it. */
const maxNoteBytes = 1_048_576;

/**
 * The notes of a file in order, with the line and byte where each begins. A note ends where a signature line is not followed by
 * another; the last one is not whole if a crash cut it.
 */
export async function* notesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<NoteInFile, void> {
  let rest = Buffer.alloc(0);
  let [line, start] = [1, 0];
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = noteEnd(rest, false); end !== undefined; end = noteEnd(rest, false)) {
      const note = rest.toString('utf8', 0, end);
      yield { note, line, start, isWhole: true };
      line += note.split('\n').length - 1;
      start += end;
      rest = rest.subarray(end);
    }
    if (rest.length > maxNoteBytes) break;
  }
  const end = noteEnd(rest, true) ?? 0;
  if (end > 0) yield { note: rest.toString('utf8', 0, end), line, start, isWhole: true };
  const cut = rest.subarray(end);
  const lines = rest.toString('utf8', 0, end).split('\n').length - 1;
  if (cut.length > 0) yield { note: cut.toString('utf8'), line: line + lines, start: start + end, isWhole: false };
}

/** The last whole note of a file, where it ends, and how many bytes of an unfinished one come after it. A missing file is empty. */
export async function lastNote(path: string): Promise<{ note?: string; endBytes: number; cutBytes: number }> {
  const bytes = await sizeOf(path);
  // A note of ours has some 200 bytes; with 64 cosignatures it stays far below the tail that is read.
  const tailStart = Math.max(0, bytes - maxNoteBytes);
  const chunks: Buffer[] = [];
  if (bytes > 0) for await (const chunk of chunksOf(path, tailStart, bytes)) chunks.push(chunk);
  const tail = Buffer.concat(chunks);
  const skipped = tailStart === 0 ? 0 : (noteEnd(tail, false) ?? 0);
  let last: NoteInFile | undefined;
  for await (const found of notesIn(one(tail.subarray(skipped)))) if (found.isWhole) last = found;
  if (!last) return { endBytes: tailStart, cutBytes: bytes - tailStart };
  const endBytes = tailStart + skipped + last.start + Buffer.byteLength(last.note);
  return { note: last.note, endBytes, cutBytes: bytes - endBytes };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const signatureStart = '\n\n\u2014 ';
const signatureStartBytes = Buffer.from(signatureStart);
const dashBytes = Buffer.from('\u2014 ');

// Undefined while the bytes cannot tell: the next line may be one more signature.
function noteEnd(bytes: Buffer, isAll: boolean): number | undefined {
  const signatures = bytes.indexOf(signatureStartBytes);
  if (signatures < 0) return undefined;
  let end = bytes.indexOf(10, signatures + 2) + 1;
  while (end > 0 && (isAll || end + dashBytes.length <= bytes.length)) {
    if (!bytes.subarray(end, end + dashBytes.length).equals(dashBytes)) return end;
    end = bytes.indexOf(10, end) + 1;
  }
  return undefined;
}
