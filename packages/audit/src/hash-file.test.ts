// The order of the hashes in their file, against a tree computed by the recursion of RFC 6962.

import { describe, expect, it } from 'vitest';
import { storedCount, storedIndex } from './hash-file.ts';
import { appendLeaf, emptyFrontier, type Frontier, leafHash, nodeHash } from './merkle.ts';

describe('the file of hashes', () => {
  it('has every complete subtree where the index says (AUD-2)', () => {
    const stored: Buffer[] = [];
    let frontier: Frontier = emptyFrontier;
    for (let seq = 0; seq < 100; seq++) {
      frontier = appendLeaf(frontier, leafHash(Buffer.from(`${seq}`)), (hash) => stored.push(hash));
      expect(stored.length).toBe(storedCount(seq + 1));
    }
    const subtree = (level: number, index: number): Buffer =>
      level === 0
        ? leafHash(Buffer.from(`${index}`))
        : nodeHash(subtree(level - 1, index * 2), subtree(level - 1, index * 2 + 1));
    for (let level = 0; level < 7; level++) {
      for (let index = 0; (index + 1) * 2 ** level <= 100; index++) {
        expect(stored[storedIndex(level, index)]?.equals(subtree(level, index))).toBe(true);
      }
    }
  });
});
