// Which line of a broken chain is the bad one, and what was done to it. Pure: it sees the lines around the break.
// The chain alone shows that something is wrong; the neighbours, which name each other by hash, show what.

import type { Place } from './line.ts';

export type SeenLine = {
  readonly file: string;
  /** From 1, in its file. */
  readonly line: number;
  /** Leaf hash, hex. */
  readonly leaf: string;
  readonly isJson: boolean;
  readonly place?: Place;
};

export type LineFault = 'changed' | 'deleted' | 'inserted' | 'reordered' | 'duplicate' | 'not-json';
export type Blame = { readonly what: LineFault; readonly line: SeenLine; readonly seq: number; readonly why: string };

export type Break = {
  /** The number that the line at the break should have, and the hash that it should name. */
  readonly expected: Place;
  readonly before: SeenLine | undefined;
  readonly at: SeenLine;
  readonly next: SeenLine | undefined;
  readonly afterNext: SeenLine | undefined;
};

export function blame(found: Break): Blame {
  const { at, next, expected } = found;
  const nextTakesItsPlace = next?.place?.seq === expected.seq && next.place.prev === expected.prev;
  if (!at.place) {
    if (nextTakesItsPlace)
      return { what: 'inserted', line: at, seq: expected.seq, why: 'the next line is the event that belongs here' };
    if (!at.isJson) return { what: 'not-json', line: at, seq: expected.seq, why: 'the line is not a JSON object' };
    return { what: 'changed', line: at, seq: expected.seq, why: 'the line has no valid seq and prev' };
  }
  if (at.place.seq === expected.seq) return nextTakesItsPlace ? inserted(at, expected.seq) : wrongHash(found);
  if (next?.place?.seq === expected.seq + 1 && at.place.seq !== next.place.seq) {
    const why = `its number is ${at.place.seq}, and it stands between ${expected.seq - 1} and ${expected.seq + 1}`;
    return { what: 'changed', line: at, seq: expected.seq, why };
  }
  return at.place.seq > expected.seq ? tooHigh(found, at.place.seq) : tooLow(found, at.place.seq);
}

function inserted(line: SeenLine, seq: number): Blame {
  return { what: 'inserted', line, seq, why: `the lines after it follow another line with the number ${seq}` };
}

// The number is right and the hash of the line before is not: that line was changed, or this one was.
function wrongHash({ at, before, next, expected }: Break): Blame {
  const isVouchedFor = next?.place?.prev === at.leaf;
  if (before && (isVouchedFor || !next)) {
    const unsure = isVouchedFor ? '' : ', unless that one was changed';
    const why = `its hash is ${before.leaf.slice(0, 16)}…, and the next line names ${at.place?.prev.slice(0, 16)}…${unsure}`;
    return { what: 'changed', line: before, seq: expected.seq - 1, why };
  }
  const why = `it names ${at.place?.prev.slice(0, 16)}… as the line before, whose hash is ${expected.prev.slice(0, 16)}…`;
  return { what: 'changed', line: at, seq: expected.seq, why };
}

function tooHigh({ at, next, afterNext, expected }: Break, seq: number): Blame {
  if (next?.place?.seq === expected.seq) {
    const isExtra = next.place.prev === expected.prev && afterNext?.place?.seq === expected.seq + 1;
    if (isExtra) return inserted(at, seq);
    return { what: 'reordered', line: at, seq, why: `event ${expected.seq} comes after event ${seq}` };
  }
  const missing =
    seq - expected.seq === 1 ? `event ${expected.seq} is` : `the events ${expected.seq} to ${seq - 1} are`;
  return { what: 'deleted', line: at, seq: expected.seq, why: `${missing} missing before this line` };
}

function tooLow({ at, before, next, expected }: Break, seq: number): Blame {
  // Two lines with one number: the next line names the true one.
  if (before?.place?.seq === seq && before.leaf !== at.leaf && next?.place?.prev === at.leaf)
    return inserted(before, seq);
  return { what: 'duplicate', line: at, seq, why: `event ${seq} stands in the log already; expected ${expected.seq}` };
}
