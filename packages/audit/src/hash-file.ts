// The tree's hashes in one file, so that proofs cost O(log n) reads. It is a cache: it can always be made again from the segments,
// and nothing that it says is believed unless it hashes to a signed root.
//
// Order: each leaf, then every subtree that it completes (the order in which appending computes them, as Go's sumdb stores them).

import type { FileHandle } from 'node:fs/promises';
import { type HashSource, hashBytes } from './merkle.ts';

/** Place of a complete subtree's hash in the file, counted in hashes. */
export function storedIndex(level: number, index: number): number {
  // The hash of level L, number n is written right after that of level L-1, number 2n+1.
  let leaf = index;
  for (let below = level; below > 0; below--) leaf = leaf * 2 + 1;
  let place = level;
  for (let rest = leaf; rest > 0; rest = Math.floor(rest / 2)) place += rest;
  return place;
}

/** How many hashes a tree of that many leaves has stored. */
export function storedCount(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest;
  return count;
}

/** Reads from the file; rejects when the hash is not there. */
export function hashSource(handle: FileHandle): HashSource {
  return async (level, index) => {
    const position = storedIndex(level, index) * hashBytes;
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(hashBytes), 0, hashBytes, position);
    if (bytesRead !== hashBytes) throw new MissingHash(`no hash of level ${level}, number ${index}`);
    return buffer;
  };
}

export class MissingHash extends Error {}
