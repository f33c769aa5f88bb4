// Checks a log offline, from its files and the public key alone: every line, the chain, the tree, every checkpoint. Streaming, so the
// size of a log does not matter. It must never call a log good when anything that a checkpoint covers is not as it was signed.

import type { KeyObject } from 'node:crypto';
import { errorCode } from '@sallyport/core';
import { blame, type SeenLine } from './blame.ts';
import { type Checkpoint, lastNote, readCheckpoint } from './checkpoint.ts';
import { CheckpointReader, type FoundCheckpoint } from './checkpoint-reader.ts';
import { firstDifference, type PlaceInFile } from './first-difference.ts';
import { genesis, maxLineBytes, parseLine } from './line.ts';
import {
  checkpointsOf,
  hashesOf,
  type LogFile,
  type LogSource,
  linesAfter,
  seenLine,
  segmentsOf,
} from './log-source.ts';
import { appendLeaf, emptyFrontier, type Frontier, rootOf } from './merkle.ts';
import { type Bad, type BadKind, bad, type VerifyReport } from './report.ts';
import { isZeros, linesOf, type RawLine, segmentName } from './segment.ts';

export type VerifyOptions = {
  readonly origin?: string;
  /** A signed checkpoint kept elsewhere: the log must still contain what it covered. */
  readonly knownCheckpoint?: string;
};

/** The verdict on a log. Never rejects: what cannot be read is a bad log. */
export async function verifyAuditLog(
  source: LogSource,
  publicKey: KeyObject,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const verification = new Verification(source, publicKey, options);
  try {
    await verification.run();
  } catch (error) {
    verification.unreadable(error);
  }
  return verification.report();
}

class Verification {
  readonly #source: LogSource;
  readonly #publicKey: KeyObject;
  readonly #options: VerifyOptions;
  #known: Checkpoint | undefined;
  #segments: readonly LogFile[] = [];
  #checkpoints: CheckpointReader | undefined;
  /** The next checkpoint to compare with, once the tree has its size. */
  #due: FoundCheckpoint | undefined;
  #lastGood: FoundCheckpoint | undefined;
  #goodCheckpoints = 0;
  #frontier: Frontier = emptyFrontier;
  #prev = genesis;
  #before: SeenLine | undefined;
  #unknownEvents = 0;
  #tornBytes = 0;
  #bad: Bad | undefined;

  constructor(source: LogSource, publicKey: KeyObject, options: VerifyOptions) {
    this.#source = source;
    this.#publicKey = publicKey;
    this.#options = options;
  }

  async run(): Promise<void> {
    this.#readKnown();
    const origin = this.#options.origin ?? this.#known?.origin;
    // The checkpoints are measured before the segments are listed: a log that is being written only gets longer meanwhile.
    const checkpoints = await CheckpointReader.open(checkpointsOf(this.#source), this.#publicKey, origin);
    if (!checkpoints.ok) this.#bad ??= checkpoints.error;
    else this.#checkpoints = checkpoints.value;
    if (this.#bad) return;
    this.#segments = await segmentsOf(this.#source);
    try {
      await this.#nextCheckpoint();
      await this.#compareRoots();
      for (const segment of this.#segments) if (!this.#bad) await this.#readSegment(segment);
      if (!this.#bad) this.#atEnd();
    } finally {
      await this.#checkpoints?.close();
    }
  }

  #readKnown(): void {
    const { knownCheckpoint, origin } = this.#options;
    if (knownCheckpoint === undefined) return;
    const known = readCheckpoint(knownCheckpoint, this.#publicKey, origin);
    if (known.ok) this.#known = known.value;
    else
      this.#report('known-checkpoint', { file: 'known checkpoint', line: 1 }, `${known.error.is}: ${known.error.why}`);
  }

  async #readSegment(segment: LogFile): Promise<void> {
    for await (const lines of linesOf(segment.path)) {
      for (const line of lines) {
        if (line.isTerminated) await this.#readLine(segment, line);
        else this.#unterminated(segment, line);
        if (this.#bad) return;
      }
    }
  }

  async #readLine(segment: LogFile, line: RawLine): Promise<void> {
    const parsed = parseLine(line.bytes);
    const seen = seenLine(segment.name, line, parsed);
    if (seen.place?.seq !== this.#frontier.size || seen.place.prev !== this.#prev) return await this.#brokenAt(seen);
    if (line.number === 1 && segment.firstSeq !== undefined && segment.firstSeq !== seen.place.seq) {
      return this.#report('misnamed', seen, `the file begins with event ${seen.place.seq}`, seen.place.seq);
    }
    if (!parsed.event) this.#unknownEvents += 1;
    this.#frontier = appendLeaf(this.#frontier, Buffer.from(seen.leaf, 'hex'));
    this.#prev = seen.leaf;
    this.#before = seen;
    if (this.#frontier.size === this.#due?.checkpoint.size || this.#frontier.size === this.#known?.size) {
      await this.#compareRoots();
    }
  }

  #unterminated(segment: LogFile, line: RawLine): void {
    const place = { file: segment.name, line: line.number };
    const isLast = segment === this.#segments.at(-1);
    if (line.bytes.length > maxLineBytes && !(isLast && isZeros(line.bytes)))
      this.#report('not-json', place, 'longer than a line can be', this.#frontier.size);
    else if (isLast) this.#tornBytes = line.bytes.length;
    else this.#report('truncated', place, 'the line has no end, and other files follow', this.#frontier.size);
  }

  async #brokenAt(at: SeenLine): Promise<void> {
    const [next, afterNext] = await linesAfter(this.#segments, at);
    const expected = { seq: this.#frontier.size, prev: this.#prev };
    const found = blame({ expected, before: this.#before, at, next, afterNext });
    const position = found.line === this.#before ? expected.seq - 1 : expected.seq;
    const difference = await this.#signedDifference();
    if (difference && difference.seq < position) {
      return this.#report('rewritten', difference, whyRewritten, difference.seq);
    }
    const place = found.what === 'changed' && difference ? difference : found.line;
    this.#report(found.what, place, found.why, found.what === 'changed' && difference ? difference.seq : found.seq);
  }

  /** Every checkpoint of the tree's present size must have its root. */
  async #compareRoots(): Promise<void> {
    const { size } = this.#frontier;
    const root = rootOf(this.#frontier);
    if (this.#known?.size === size && !root.equals(this.#known.root)) {
      return await this.#rootMismatch(this.#known, 'known-checkpoint');
    }
    while (this.#due?.checkpoint.size === size && !this.#bad) {
      if (!root.equals(this.#due.checkpoint.root)) {
        return await this.#rootMismatch(this.#due.checkpoint, 'checkpoint-mismatch', this.#due.line);
      }
      this.#lastGood = this.#due;
      this.#goodCheckpoints += 1;
      await this.#nextCheckpoint();
    }
  }

  async #nextCheckpoint(): Promise<void> {
    const next = await this.#checkpoints?.next();
    this.#due = next?.ok ? next.value : undefined;
    if (next && !next.ok) this.#bad ??= next.error;
  }

  // The signature is good, so either the lines are not those that were signed, or the note is of another tree.
  async #rootMismatch(signed: Checkpoint, otherwise: BadKind, noteLine?: number): Promise<void> {
    const { size } = signed;
    const [next] = this.#before ? await linesAfter(this.#segments, this.#before) : [];
    if (this.#before && next?.place && next.place.prev !== this.#before.leaf) {
      return this.#report('changed', this.#before, 'the next line and the checkpoint name another hash', size - 1);
    }
    const difference = await firstDifference(this.#segments, hashesOf(this.#source), signed);
    if (difference) {
      const isLast = difference.seq === size - 1;
      const why = isLast ? `the checkpoint at ${size} has signed another line` : whyRewritten;
      return this.#report(isLast ? 'changed' : 'rewritten', difference, why, difference.seq);
    }
    const from = this.#lastGood?.checkpoint.size ?? 0;
    const place = noteLine === undefined ? this.#lastLine() : { file: this.#checkpoints?.name ?? '', line: noteLine };
    const which = from + 1 >= size ? `event ${size - 1} is` : `one of the events ${from} to ${size - 1} is`;
    this.#report(
      otherwise,
      place,
      `${which} not as it was signed, or the checkpoint is of another log`,
      Math.max(0, size - 1),
    );
  }

  #atEnd(): void {
    const { size } = this.#frontier;
    const last = this.#lastLine();
    const place = { file: last.file, line: size === 0 ? 1 : last.line + 1 };
    const kept = this.#known && this.#known.size > size ? this.#known.size : undefined;
    const covered = this.#due?.checkpoint.size ?? kept;
    const by = this.#due
      ? `the checkpoint in line ${this.#due.line} of ${this.#checkpoints?.name}`
      : 'the checkpoint kept elsewhere';
    if (covered !== undefined)
      this.#report('truncated', place, `the log ends after ${size} events, and ${by} covers ${covered}`, size);
  }

  /** Lines may have been computed anew up to where the chain breaks; the hashes of a signed tree show where that began. */
  async #signedDifference(): Promise<PlaceInFile | undefined> {
    const note = (await lastNote(checkpointsOf(this.#source))).note ?? '';
    const last = readCheckpoint(note, this.#publicKey, this.#options.origin);
    return last.ok ? await firstDifference(this.#segments, hashesOf(this.#source), last.value) : undefined;
  }

  #lastLine(): { file: string; line: number } {
    return this.#before ?? { file: this.#segments[0]?.name ?? segmentName(0), line: 1 };
  }

  #report(what: BadKind, at: { file: string; line: number }, why: string, seq?: number): void {
    this.#bad ??= bad(what, at, why, seq);
  }

  unreadable(error: unknown): void {
    this.#report('unreadable', this.#lastLine(), `the files cannot be read: ${errorCode(error) ?? 'unknown error'}`);
  }

  report(): VerifyReport {
    const good = this.#lastGood;
    const root = Buffer.from(good?.checkpoint.root ?? []).toString('base64');
    return {
      ok: this.#bad === undefined,
      events: this.#frontier.size,
      unknownEvents: this.#unknownEvents,
      checkpoints: this.#goodCheckpoints,
      uncoveredEvents: this.#frontier.size - (good?.checkpoint.size ?? 0),
      tornBytes: this.#tornBytes,
      ...(good ? { lastCheckpoint: { ...good.checkpoint, root, note: good.note } } : {}),
      ...(this.#bad ? { firstBad: this.#bad } : {}),
    };
  }
}

const whyRewritten =
  'from this line on the events are not those that a checkpoint has signed; the chain after it was computed anew';
