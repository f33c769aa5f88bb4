// The checkpoints of a file one by one, each with its signature checked and never smaller than the one before.

import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { err, errorCode, ok, type Result } from '@sallyport/core';
import { type Checkpoint, type NoteInFile, notesIn, readCheckpoint } from './checkpoint.ts';
import { type Bad, bad } from './report.ts';
import { chunksOf } from './segment.ts';

export type FoundCheckpoint = { readonly checkpoint: Checkpoint; readonly note: string; readonly line: number };

export class CheckpointReader {
  readonly name: string;
  readonly #notes: AsyncGenerator<NoteInFile, void>;
  readonly #publicKey: KeyObject;
  #origin: string | undefined;
  #before: FoundCheckpoint | undefined;

  private constructor(path: string, bytes: number, publicKey: KeyObject, origin: string | undefined) {
    this.name = basename(path);
    this.#notes = notesIn(chunksOf(path, 0, bytes));
    this.#publicKey = publicKey;
    this.#origin = origin;
  }

  /** Reads no further than the file reaches now. Without an origin, that of the first checkpoint holds for all. */
  static async open(path: string, publicKey: KeyObject, origin?: string): Promise<Result<CheckpointReader, Bad>> {
    try {
      const { size } = await stat(path);
      if (size > 0) return ok(new CheckpointReader(path, size, publicKey, origin));
      return err(bad('checkpoints-missing', { file: basename(path), line: 1 }, 'the file of checkpoints is empty'));
    } catch (error) {
      const what = errorCode(error) === 'ENOENT' ? 'checkpoints-missing' : 'unreadable';
      return err(
        bad(
          what,
          { file: basename(path), line: 1 },
          `the file of checkpoints cannot be read: ${errorCode(error) ?? 'unknown error'}`,
        ),
      );
    }
  }

  /** Undefined at the end; an unfinished last note is an end, as a crash leaves it. */
  async next(): Promise<Result<FoundCheckpoint | undefined, Bad>> {
    const { value: found } = await this.#notes.next();
    if (!found) return ok(undefined);
    const at = { file: this.name, line: found.line };
    if (!found.isWhole) {
      if (this.#before) return ok(undefined);
      return err(bad('checkpoint-malformed', at, 'the file has no whole checkpoint'));
    }
    const read = readCheckpoint(found.note, this.#publicKey, this.#origin);
    if (!read.ok) return err(bad(`checkpoint-${read.error.is}`, at, read.error.why));
    const { size, origin } = read.value;
    const last = this.#before?.checkpoint.size ?? 0;
    if (size < last)
      return err(bad('checkpoint-backwards', at, `it covers ${size} events, and the one before it ${last}`));
    this.#origin = origin;
    this.#before = { checkpoint: read.value, note: found.note, line: found.line };
    return ok(this.#before);
  }

  async close(): Promise<void> {
    await this.#notes.return();
  }
}
