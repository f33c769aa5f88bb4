// The Merkle tree of RFC 6962 §2.1: hashes, the compact frontier that appending needs, proofs and their checks.
// Pure: proofs take the hashes of complete subtrees from a HashSource. It must never call two different lists by one root.

import { hash } from 'node:crypto';
import { equalBytes } from '@sallyport/core';

export const hashBytes = 32;
const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** MTH({}): the hash of the empty string. */
export const emptyRoot = hash('sha256', '', 'buffer');

/** Hash of a leaf: SHA-256(0x00 || entry). The prefixes keep a leaf from passing for a node (§2.1, second preimages). */
export function leafHash(entry: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([leafPrefix, entry]), 'buffer');
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer');
}

/** The hash of the complete subtree over leaves [index·2^level, (index+1)·2^level). */
export type HashSource = (level: number, index: number) => Promise<Buffer>;

/** A tree's size and the roots of its complete subtrees, largest first: O(log n), enough to append and to give the root. */
export type Frontier = { readonly size: number; readonly subtrees: readonly Buffer[] };

export const emptyFrontier: Frontier = { size: 0, subtrees: [] };

/** The frontier with one more leaf; every subtree that this completes is told to `stored`, leaf first. */
export function appendLeaf(frontier: Frontier, leaf: Buffer, stored?: (hash: Buffer) => void): Frontier {
  const subtrees = [...frontier.subtrees];
  let completed = leaf;
  stored?.(completed);
  for (let rest = frontier.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = subtrees.pop();
    if (!left) throw new Error('a frontier has one subtree for each bit of its size');
    completed = nodeHash(left, completed);
    stored?.(completed);
  }
  subtrees.push(completed);
  return { size: frontier.size + 1, subtrees };
}

export function rootOf(frontier: Frontier): Buffer {
  const last = frontier.subtrees.at(-1);
  if (!last) return emptyRoot;
  return frontier.subtrees.slice(0, -1).reduceRight<Buffer>((right, left) => nodeHash(left, right), last);
}

/** The frontier of the first `size` leaves. */
export async function frontierAt(size: number, source: HashSource): Promise<Frontier> {
  const subtrees: Buffer[] = [];
  let start = 0;
  for (let level = Math.floor(Math.log2(Math.max(size, 1))) + 1; level >= 0; level--) {
    const span = 2 ** level;
    if (size - start < span) continue;
    subtrees.push(await source(level, start / span));
    start += span;
  }
  return { size, subtrees };
}

/** MTH(D[start:end]); start is a multiple of the smallest power of two that is not less than end - start. */
async function rangeHash(start: number, end: number, source: HashSource): Promise<Buffer> {
  const width = end - start;
  const split = splitPoint(width);
  if (width === 1 || split * 2 === width) return await source(Math.log2(width), start / width);
  return nodeHash(await rangeHash(start, start + split, source), await rangeHash(start + split, end, source));
}

/** The largest power of two smaller than n (§2.1), for n > 1. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** PATH(leaf, D[size]): the audit path of §2.1.1. */
export async function inclusionProof(leaf: number, size: number, source: HashSource): Promise<Buffer[]> {
  if (!(leaf >= 0 && leaf < size)) throw new RangeError(`leaf ${leaf} is not in a tree of ${size}`);
  const path: Buffer[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    const isLeft = leaf < middle;
    path.push(isLeft ? await rangeHash(middle, end, source) : await rangeHash(start, middle, source));
    if (isLeft) end = middle;
    else start = middle;
  }
  return path.reverse();
}

/** PROOF(first, D[second]): the consistency proof of §2.1.2. */
export async function consistencyProof(first: number, second: number, source: HashSource): Promise<Buffer[]> {
  if (!(first >= 0 && first <= second)) throw new RangeError(`no tree of ${first} grows into one of ${second}`);
  if (first === 0 || first === second) return [];
  const path: Buffer[] = [];
  let [start, end] = [0, second];
  while (first !== end) {
    const middle = start + splitPoint(end - start);
    const isLeft = first <= middle;
    path.push(isLeft ? await rangeHash(middle, end, source) : await rangeHash(start, middle, source));
    if (isLeft) end = middle;
    else start = middle;
  }
  // §2.1.2: SUBPROOF's b is true only while the subtree is the whole first tree, whose root the verifier holds.
  if (start > 0) path.push(await rangeHash(start, end, source));
  return path.reverse();
}

/** Whether the proof shows that the leaf is number `index` of the tree with that root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  proof: readonly Uint8Array[],
  leaf: Uint8Array,
  index: number,
  tree: TreeHead,
): boolean {
  if (!(index >= 0 && index < tree.size)) return false;
  let [node, last] = [index, tree.size - 1];
  let root: Buffer = Buffer.from(leaf);
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      root = nodeHash(root, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalBytes(root, tree.root);
}

/** Whether the proof shows that the second tree only adds leaves to the first (RFC 9162 §2.1.4.2). */
export function verifyConsistency(proof: readonly Uint8Array[], first: TreeHead, second: TreeHead): boolean {
  if (first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && equalBytes(first.root, second.root);
  if (first.size === 0) return proof.length === 0 && equalBytes(first.root, emptyRoot);
  const isPowerOfTwo = Number.isInteger(Math.log2(first.size));
  const [seed, ...rest] = isPowerOfTwo ? [first.root, ...proof] : proof;
  if (!seed) return false;
  let [node, last] = [first.size - 1, second.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let oldRoot: Buffer = Buffer.from(seed);
  let newRoot: Buffer = oldRoot;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [oldRoot, newRoot] = [nodeHash(sibling, oldRoot), nodeHash(sibling, newRoot)];
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newRoot = nodeHash(newRoot, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalBytes(oldRoot, first.root) && equalBytes(newRoot, second.root);
}

export type TreeHead = { readonly size: number; readonly root: Uint8Array };

// Sizes pass 2^31, where >> would cut them.
function half(n: number): number {
  return Math.floor(n / 2);
}
