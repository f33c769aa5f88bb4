// Makes the proofs of an open log from its cached hashes. Each is checked against the signed root before it is given out, so that a
// wrong cache gives no proof rather than a wrong one.

import { err, ok, type Result } from '@sallyport/core';
import { type AuditFailure, failure } from './failure.ts';
import * as merkle from './merkle.ts';
import { type ConsistencyProof, type InclusionProof, toHex } from './proof.ts';

/** A signed tree head and the hashes below it. */
export type Tree = { readonly head: merkle.TreeHead & { readonly note: string }; readonly source: merkle.HashSource };

export async function makeInclusionProof(tree: Tree, seq: number): Promise<Result<InclusionProof, AuditFailure>> {
  return await unlessCacheIsWrong(async () => {
    const { head, source } = tree;
    const path = await merkle.inclusionProof(seq, head.size, source);
    const leaf = await source(0, seq);
    if (!merkle.verifyInclusion(path, leaf, seq, head)) return undefined;
    return { seq, leafHash: leaf.toString('hex'), path: toHex(path), checkpoint: head.note };
  });
}

export async function makeConsistencyProof(
  tree: Tree,
  fromSize: number,
): Promise<Result<ConsistencyProof, AuditFailure>> {
  return await unlessCacheIsWrong(async () => {
    const { head, source } = tree;
    const path = await merkle.consistencyProof(fromSize, head.size, source);
    const first = { size: fromSize, root: merkle.rootOf(await merkle.frontierAt(fromSize, source)) };
    if (!merkle.verifyConsistency(path, first, head)) return undefined;
    return { fromSize, path: toHex(path), checkpoint: head.note };
  });
}

async function unlessCacheIsWrong<Proof>(make: () => Promise<Proof | undefined>): Promise<Result<Proof, AuditFailure>> {
  try {
    const proof = await make();
    if (proof !== undefined) return ok(proof);
  } catch {
    // A hash that cannot be read is as good as a wrong one.
  }
  const hint = 'restart the gateway: it makes the cached hashes again from the events';
  return err(failure('LOG_UNREADABLE', 'the cached hashes of the audit log are wrong', hint));
}
