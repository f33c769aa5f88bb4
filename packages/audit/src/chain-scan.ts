// Follows the lines of a log one by one: each must be the next event and name the line before. It says the first fault and goes no
// further; it changes nothing.

import type { Checkpoint } from './checkpoint.ts';
import { genesis, maxLineBytes, parsePlace } from './line.ts';
import { appendLeaf, emptyFrontier, type Frontier, leafHash, rootOf } from './merkle.ts';
import { isZeros, type RawLine, type Segment, segmentName } from './segment.ts';

export type ScanStart = { readonly frontier: Frontier; readonly prev: string };
export const fromBeginning: ScanStart = { frontier: emptyFrontier, prev: genesis };

export class ChainScan {
  frontier: Frontier;
  prev: string;
  /** The segment being read, with the bytes of its whole lines. */
  segment: { name: string; bytes: number };
  /** Bytes at the end of that segment that a crash left: of an unterminated line, or zeros and what was written behind them. */
  tornBytes = 0;
  readonly #checkpoint: Checkpoint | undefined;
  readonly #stored: (hash: Buffer) => void;

  constructor(start: ScanStart, checkpoint: Checkpoint | undefined, stored: (hash: Buffer) => void) {
    this.frontier = start.frontier;
    this.prev = start.prev;
    this.segment = { name: segmentName(start.frontier.size), bytes: 0 };
    this.#checkpoint = checkpoint;
    this.#stored = stored;
  }

  begin({ name, firstSeq }: Segment): string | undefined {
    if (this.tornBytes > 0) return `${this.segment.name} does not end with a newline, and ${name} follows`;
    if (firstSeq !== this.frontier.size) return `${name} begins at event ${firstSeq}, expected ${this.frontier.size}`;
    this.segment = { name, bytes: 0 };
    return undefined;
  }

  next(line: RawLine): string | undefined {
    const at = `${this.segment.name} line ${line.number}`;
    if (!line.isTerminated || this.tornBytes > 0) return this.#torn(line, at);
    const place = parsePlace(line.bytes);
    if (place?.seq !== this.frontier.size) {
      // No line of ours holds a zero: a file system lengthened the file before the bytes were there, and power was lost.
      const isLost = line.bytes.includes(0) && this.frontier.size >= (this.#checkpoint?.size ?? 0);
      return isLost ? this.#torn(line, at) : `${at} is not event ${this.frontier.size}`;
    }
    if (place.prev !== this.prev) return `${at} (event ${place.seq}) does not follow the line before it`;
    const leaf = leafHash(line.bytes);
    this.frontier = appendLeaf(this.frontier, leaf, this.#stored);
    this.prev = leaf.toString('hex');
    this.segment.bytes = line.offset + line.bytes.length + 1;
    return this.#rootFault();
  }

  #torn(line: RawLine, at: string): string | undefined {
    this.tornBytes += line.bytes.length + (line.isTerminated ? 1 : 0);
    if (this.tornBytes <= maxLineBytes || isZeros(line.bytes)) return undefined;
    return line.isTerminated ? `${at} is not event ${this.frontier.size}` : `${at} is longer than a line can be`;
  }

  end(): string | undefined {
    const covered = this.#checkpoint?.size ?? 0;
    if (this.frontier.size >= covered) return this.#rootFault();
    return `it ends after ${this.frontier.size} events, and the last checkpoint covers ${covered}`;
  }

  #rootFault(): string | undefined {
    const { frontier } = this;
    if (this.#checkpoint?.size !== frontier.size || rootOf(frontier).equals(this.#checkpoint.root)) return undefined;
    return `the events before ${frontier.size} do not hash to the root of the checkpoint at ${frontier.size}`;
  }
}
