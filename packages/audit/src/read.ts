// Reading the lines of a log's folder, whoever writes it. What is read here is not verified: that is verify.ts.

import { join } from 'node:path';
import { type Clock, delay } from '@sallyport/core';
import { type AuditEntry, parseLine } from './line.ts';
import { linesOf, listSegments, type Segment } from './segment.ts';

/** Reads on from where it stopped, so that following a log costs what is new in it. */
export class EntryReader {
  readonly #folder: string;
  #next: number;
  #file: { name: string; offset: number; seq: number } | undefined;

  constructor(folder: string, fromSeq: number) {
    this.#folder = folder;
    this.#next = Math.max(0, fromSeq);
  }

  /** The entries up to that number, or to the end of what is stored. */
  async *upTo(endSeq: number): AsyncGenerator<AuditEntry, void> {
    while (this.#next < endSeq) {
      const file = await this.#locate();
      if (!file) return;
      const before = this.#next;
      for await (const lines of linesOf(join(this.#folder, file.name), file.offset)) {
        for (const line of lines) {
          if (!line.isTerminated || file.seq >= endSeq) return;
          file.offset += line.bytes.length + 1;
          file.seq += 1;
          if (file.seq <= this.#next) continue;
          this.#next = file.seq;
          const { place, event } = parseLine(line.bytes);
          if (place) yield { ...place, line: line.bytes.toString('utf8'), ...(event ? { event } : {}) };
        }
      }
      if (this.#next === before) return;
    }
  }

  async #locate(): Promise<{ name: string; offset: number; seq: number } | undefined> {
    const segment = segmentOf(await listSegments(this.#folder), this.#next);
    if (segment && segment.name !== this.#file?.name) {
      this.#file = { name: segment.name, offset: 0, seq: segment.firstSeq };
    }
    return segment && this.#file;
  }
}

function segmentOf(segments: readonly Segment[], seq: number): Segment | undefined {
  return segments.findLast((segment) => segment.firstSeq <= seq);
}

/** At most `limit` entries of the folder from that number on. */
export async function readAuditFolder(folder: string, fromSeq: number, limit: number): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of new EntryReader(folder, fromSeq).upTo(fromSeq + limit)) entries.push(entry);
  return entries;
}

const pollMs = 250;

/** Every entry of the folder from that number on, then each new one, until the signal: for a process that does not write the log. */
export async function* followAuditFolder(
  folder: string,
  fromSeq: number,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<AuditEntry, void> {
  const reader = new EntryReader(folder, fromSeq);
  while (!options.signal.aborted) {
    for await (const entry of reader.upTo(Number.POSITIVE_INFINITY)) {
      yield entry;
      if (options.signal.aborted) return;
    }
    await delay(options.clock, pollMs);
  }
}
