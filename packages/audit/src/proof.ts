// Proofs that a third party can check with the log's public key and nothing else of ours: they are JSON, and the hashes are RFC 6962's.
// A proof must never be believed before the checkpoint in it has been verified.

import type { KeyObject } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/core';
import * as z from 'zod/mini';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { leafHash, verifyConsistency, verifyInclusion } from './merkle.ts';

const sha256Hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const path = z.array(sha256Hex).check(z.maxLength(64));
const note = z.string().check(z.maxLength(1_048_576));
const count = z.int().check(z.nonnegative());

export const inclusionProof = z.strictObject({ seq: count, leafHash: sha256Hex, path, checkpoint: note });
export type InclusionProof = z.infer<typeof inclusionProof>;

export const consistencyProof = z.strictObject({ fromSize: count, path, checkpoint: note });
export type ConsistencyProof = z.infer<typeof consistencyProof>;

export type Trust = { readonly publicKey: KeyObject; readonly origin?: string };

/** The checkpoint of which the line (without newline) is event `seq`; or why the proof does not show that. */
export function verifyInclusionProof(
  line: string | Uint8Array,
  proof: InclusionProof,
  trust: Trust,
): Result<Checkpoint, string> {
  const checkpoint = readCheckpoint(proof.checkpoint, trust.publicKey, trust.origin);
  if (!checkpoint.ok) return err(`the checkpoint is ${checkpoint.error.is}: ${checkpoint.error.why}`);
  const leaf = leafHash(Buffer.from(line));
  if (leaf.toString('hex') !== proof.leafHash) return err('the proof is of another line');
  const isIncluded = verifyInclusion(fromHex(proof.path), leaf, proof.seq, checkpoint.value);
  return isIncluded ? checkpoint : err('the path does not lead to the root of the checkpoint');
}

/** The newer checkpoint, whose log only adds to the older one's; or why the proof does not show that. */
export function verifyConsistencyProof(
  older: string,
  proof: ConsistencyProof,
  trust: Trust,
): Result<Checkpoint, string> {
  const [first, second] = [older, proof.checkpoint].map((text) => readCheckpoint(text, trust.publicKey, trust.origin));
  if (!first?.ok) return err(`the older checkpoint is ${first?.error.is}: ${first?.error.why}`);
  if (!second?.ok) return err(`the newer checkpoint is ${second?.error.is}: ${second?.error.why}`);
  if (first.value.origin !== second.value.origin) return err('the checkpoints are of two logs');
  if (first.value.size !== proof.fromSize)
    return err(`the proof is from size ${proof.fromSize}, not ${first.value.size}`);
  const isConsistent = verifyConsistency(fromHex(proof.path), first.value, second.value);
  return isConsistent ? ok(second.value) : err('the newer log does not contain the older one');
}

export function toHex(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString('hex'));
}

function fromHex(hashes: readonly string[]): Buffer[] {
  return hashes.map((hash) => Buffer.from(hash, 'hex'));
}
