// The Merkle tree against the reference vectors of certificate-transparency, and its proofs for any tree.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendLeaf,
  consistencyProof,
  emptyFrontier,
  emptyRoot,
  type Frontier,
  frontierAt,
  type HashSource,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

// The reference vectors of the certificate-transparency implementation (its merkletree tests).
const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const node = {
  leaf0: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  leaf1: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  leaf4: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  from0to2: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  from2to4: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  from4to6: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  from6to8: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  from0to4: 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  from4to8: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
};

const leaves = entries.map((entry) => leafHash(Buffer.from(entry, 'hex')));
const hex = (hashes: readonly Uint8Array[]) => hashes.map((one) => Buffer.from(one).toString('hex'));
const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'hex');

function frontierOf(list: readonly Buffer[]): Frontier {
  return list.reduce<Frontier>((frontier, leaf) => appendLeaf(frontier, leaf), emptyFrontier);
}

/** Complete subtrees by the recursion of §2.1, so that the code under test is not its own oracle. */
function sourceOf(list: readonly Buffer[]): HashSource {
  const at = (level: number, index: number): Buffer => {
    const leaf = list[index];
    if (level > 0) return nodeHash(at(level - 1, index * 2), at(level - 1, index * 2 + 1));
    if (!leaf) throw new Error(`no leaf ${index}`);
    return leaf;
  };
  return (level, index) => Promise.resolve(at(level, index));
}

describe('the tree of RFC 6962', () => {
  it('hashes the empty list as the empty string (AUD-2)', () => {
    expect(emptyRoot.toString('hex')).toBe(roots[0]);
    expect(rootOf(emptyFrontier).toString('hex')).toBe(roots[0]);
  });

  it.each(roots.map((root, size) => ({ size, root })))(
    'has the reference root at size $size (AUD-2)',
    ({ size, root }) => {
      expect(rootOf(frontierOf(leaves.slice(0, size))).toString('hex')).toBe(root);
    },
  );

  it.each([
    { leaf: 0, size: 1, path: [] },
    { leaf: 0, size: 8, path: [node.leaf1, node.from2to4, node.from4to8] },
    { leaf: 5, size: 8, path: [node.leaf4, node.from6to8, node.from0to4] },
    { leaf: 2, size: 3, path: [node.from0to2] },
    { leaf: 1, size: 5, path: [node.leaf0, node.from2to4, node.leaf4] },
  ])('gives the reference path of leaf $leaf in $size (AUD-2)', async ({ leaf, size, path }) => {
    const proof = await inclusionProof(leaf, size, sourceOf(leaves));
    expect(hex(proof)).toEqual(path);
    expect(verifyInclusion(proof, leaves[leaf] ?? emptyRoot, leaf, { size, root: bytes(roots[size]) })).toBe(true);
  });

  it.each([
    { first: 1, second: 1, path: [] },
    { first: 1, second: 8, path: [node.leaf1, node.from2to4, node.from4to8] },
    { first: 6, second: 8, path: [node.from4to6, node.from6to8, node.from0to4] },
    { first: 2, second: 5, path: [node.from2to4, node.leaf4] },
  ])('gives the reference consistency proof from $first to $second (AUD-2)', async ({ first, second, path }) => {
    const proof = await consistencyProof(first, second, sourceOf(leaves));
    expect(hex(proof)).toEqual(path);
    const heads = [first, second].map((size) => ({ size, root: bytes(roots[size]) }));
    expect(heads[0] && heads[1] && verifyConsistency(proof, heads[0], heads[1])).toBe(true);
  });
});

const list = fc
  .array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 70 })
  .map((all) => all.map((entry) => leafHash(entry)));

describe('proofs of any tree', () => {
  it('prove every leaf, and no other leaf, place or root (AUD-2)', async () => {
    await fc.assert(
      fc.asyncProperty(list, fc.nat(), fc.nat(), async (all, pick, flip) => {
        const index = pick % all.length;
        const leaf = all[index] ?? emptyRoot;
        const tree = { size: all.length, root: rootOf(frontierOf(all)) };
        const proof = await inclusionProof(index, tree.size, sourceOf(all));
        expect(verifyInclusion(proof, leaf, index, tree)).toBe(true);
        expect(verifyInclusion(proof, nodeHash(leaf, leaf), index, tree)).toBe(false);
        expect(verifyInclusion([...proof, leaf], leaf, index, tree)).toBe(false);
        expect(verifyInclusion(proof.slice(1), leaf, index, tree)).toBe(all.length === 1);
        const root = Buffer.from(tree.root);
        root[flip % 32] = (root[flip % 32] ?? 0) ^ 1;
        expect(verifyInclusion(proof, leaf, index, { size: tree.size, root })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('prove that a tree grew from a shorter one, and from no other (AUD-2)', async () => {
    await fc.assert(
      fc.asyncProperty(list, fc.nat(), async (all, pick) => {
        const size = pick % (all.length + 1);
        const first = { size, root: rootOf(frontierOf(all.slice(0, size))) };
        const second = { size: all.length, root: rootOf(frontierOf(all)) };
        const proof = await consistencyProof(size, all.length, sourceOf(all));
        expect(verifyConsistency(proof, first, second)).toBe(true);
        expect(verifyConsistency(proof, { size, root: leafHash(first.root) }, second)).toBe(false);
        expect(verifyConsistency([...proof, first.root], first, second)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('start from the frontier that the complete subtrees give (AUD-2)', async () => {
    await fc.assert(
      fc.asyncProperty(list, async (all) => {
        expect(await frontierAt(all.length, sourceOf(all))).toEqual(frontierOf(all));
      }),
      { numRuns: 50 },
    );
  });
});
