// Records inside a stream: `u8 kind | u32 length (big endian) | payload`. Bytes of a process are passed on as they come, never gathered
// and never copied; only the small JSON records are put together. It must never gather more than one small record.

import type { Writable } from 'node:stream';
import type { JsonValue } from '@sallyport/core';
import { maxRecordBytes, type RecordKind, recordKind } from '@sallyport/protocol';

export const recordHeadBytes = 5;
/** A record that is gathered, which is everything but the bytes of a process. */
export const maxGatheredBytes = 65_536;
/** Below this a head and its payload are cheaper copied together than written as two. */
const joinBelowBytes = 1024;

const kinds: ReadonlySet<number> = new Set(Object.values(recordKind));
const flowing: ReadonlySet<number> = new Set([recordKind.stdin, recordKind.stdout, recordKind.stderr]);

function isRecordKind(kind: number): kind is RecordKind {
  return kinds.has(kind);
}

export type RecordHead = { readonly kind: RecordKind; readonly bytes: number };

/** The head of a record, or what is wrong with it. */
export function parseRecordHead(head: Buffer): RecordHead | string {
  const kind = head[0] ?? -1;
  const bytes = head.readUInt32BE(1);
  if (!isRecordKind(kind)) return `unknown record kind ${kind}`;
  if (bytes > (flowing.has(kind) ? maxRecordBytes : maxGatheredBytes)) return `record of kind ${kind} is too long`;
  return { kind, bytes };
}

/** Any bytes, split anywhere, become records. A record of a process's bytes may come in several pieces. */
export class RecordParser {
  readonly #onRecord: (kind: RecordKind, payload: Buffer) => void;
  /** Up to four bytes of a head that has not come whole. */
  #headPart: Buffer = Buffer.alloc(0);
  #kind: RecordKind | undefined;
  /** Bytes of the present record that have not come yet. */
  #missing = 0;
  #gathered: Buffer | undefined;

  constructor(onRecord: (kind: RecordKind, payload: Buffer) => void) {
    this.#onRecord = onRecord;
  }

  /** What is wrong with the bytes, if anything; the parser is of no use then. */
  push(chunk: Buffer): string | undefined {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (this.#kind === undefined) {
        const joined = this.#headPart.byteLength === 0 ? rest : Buffer.concat([this.#headPart, rest]);
        if (joined.byteLength < recordHeadBytes) {
          // Copied: it would keep everything alive that it arrived in.
          this.#headPart = Buffer.from(joined);
          return undefined;
        }
        const fault = this.#begin(joined);
        if (fault !== undefined) return fault;
        rest = joined.subarray(recordHeadBytes);
      } else {
        const piece = rest.subarray(0, this.#missing);
        rest = rest.subarray(piece.byteLength);
        this.#continue(this.#kind, piece);
      }
    }
    return undefined;
  }

  #begin(bytes: Buffer): string | undefined {
    const head = parseRecordHead(bytes);
    if (typeof head === 'string') return head;
    this.#headPart = Buffer.alloc(0);
    this.#missing = head.bytes;
    if (head.bytes > 0) this.#kind = head.kind;
    else if (!flowing.has(head.kind)) this.#onRecord(head.kind, this.#headPart);
    return undefined;
  }

  #continue(kind: RecordKind, piece: Buffer): void {
    const isWhole = this.#missing === piece.byteLength;
    if (flowing.has(kind) || (isWhole && !this.#gathered)) {
      this.#finish(piece);
      this.#onRecord(kind, piece);
      return;
    }
    const gathered = this.#gathered ?? Buffer.allocUnsafe(this.#missing);
    this.#gathered = gathered;
    piece.copy(gathered, gathered.byteLength - this.#missing);
    this.#finish(piece);
    if (!isWhole) return;
    this.#gathered = undefined;
    this.#onRecord(kind, gathered);
  }

  #finish(piece: Buffer): void {
    this.#missing -= piece.byteLength;
    if (this.#missing === 0) this.#kind = undefined;
  }
}

/** Writes one record of whatever length, in as many as it takes. False if the stream wants to be waited for. */
export function writeRecord(stream: Writable, kind: RecordKind, payload: Uint8Array, done?: () => void): boolean {
  if (!stream.writable) {
    done?.();
    return false;
  }
  if (payload.byteLength < joinBelowBytes) {
    return stream.write(Buffer.concat([headOf(kind, payload.byteLength), payload]), done);
  }
  let hasRoom = true;
  stream.cork();
  for (let start = 0; start < payload.byteLength; start += maxRecordBytes) {
    const part = payload.subarray(start, start + maxRecordBytes);
    stream.write(headOf(kind, part.byteLength));
    hasRoom = stream.write(part, start + maxRecordBytes >= payload.byteLength ? done : undefined);
  }
  stream.uncork();
  return hasRoom;
}

export function writeJsonRecord(stream: Writable, kind: RecordKind, value: JsonValue, done?: () => void): boolean {
  return writeRecord(stream, kind, Buffer.from(JSON.stringify(value)), done);
}

function headOf(kind: RecordKind, bytes: number): Buffer {
  const head = Buffer.allocUnsafe(recordHeadBytes);
  head[0] = kind;
  head.writeUInt32BE(bytes, 1);
  return head;
}
