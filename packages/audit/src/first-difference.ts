// Where a log begins to differ from the one that was signed, found with the cached hashes of the signed one. They are believed only
// if they hash to the signed root; then they name the line even when the chain after it was computed anew.

import { appendLeaf, emptyFrontier, type Frontier, hashBytes, leafHash, rootOf, type TreeHead } from './merkle.ts';
import { chunksOf, linesOf } from './segment.ts';

export type PlaceInFile = { readonly file: string; readonly line: number; readonly seq: number };
type LogFile = { readonly path: string; readonly name: string };

/** The first line that is not the signed one, or undefined when the hashes cannot tell. */
export async function firstDifference(
  segments: readonly LogFile[],
  hashesPath: string,
  signed: TreeHead,
): Promise<PlaceInFile | undefined> {
  const signedLeaves = storedLeaves(hashesPath);
  let frontier: Frontier = emptyFrontier;
  let found: PlaceInFile | undefined;
  try {
    for await (const { file, line, leaf } of leavesOf(segments)) {
      if (frontier.size === signed.size) break;
      const { value } = await signedLeaves.next();
      if (!value) return undefined;
      if (!leaf.equals(value)) found ??= { file, line, seq: frontier.size };
      frontier = appendLeaf(frontier, value);
    }
    for (; frontier.size < signed.size; ) {
      const { value } = await signedLeaves.next();
      if (!value) return undefined;
      frontier = appendLeaf(frontier, value);
    }
    return rootOf(frontier).equals(signed.root) ? found : undefined;
  } catch {
    // No cache, no answer: it only sharpens a verdict that stands without it.
    return undefined;
  } finally {
    await signedLeaves.return(undefined);
  }
}

async function* leavesOf(segments: readonly LogFile[]): AsyncGenerator<{ file: string; line: number; leaf: Buffer }> {
  for (const { path, name } of segments) {
    for await (const lines of linesOf(path)) {
      for (const { bytes, number } of lines) yield { file: name, line: number, leaf: leafHash(bytes) };
    }
  }
}

/** The leaf hashes in a file of hashes: after leaf n stand the hashes of the subtrees that it completes. */
async function* storedLeaves(path: string): AsyncGenerator<Buffer, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let [leaf, toSkip] = [0, 0];
  for await (const chunk of chunksOf(path)) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= hashBytes) {
      const hash = rest.subarray(0, hashBytes);
      rest = rest.subarray(hashBytes);
      if (toSkip > 0) {
        toSkip -= 1;
        continue;
      }
      yield hash;
      for (let bits = leaf; bits % 2 === 1; bits = Math.floor(bits / 2)) toSkip += 1;
      leaf += 1;
    }
  }
  return undefined;
}
