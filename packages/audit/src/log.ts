// The audit log as the rest of the product sees it.

import type { Clock, Result } from '@sallyport/core';
import type { AuditEvent } from '@sallyport/protocol';
import type { AuditFailure } from './failure.ts';
import type { AuditEntry } from './line.ts';
import type { ConsistencyProof, InclusionProof } from './proof.ts';
import type { Recovered } from './recover.ts';
import type { SigningKey } from './signed-note.ts';

export type AuditLogOptions = {
  readonly folder: string;
  /** Ed25519: signs the checkpoints. */
  readonly signingKey: SigningKey;
  /** The log's name in its checkpoints: a URL without a scheme, such as `sally.example.com/acme`. */
  readonly origin: string;
  readonly clock: Clock;
  /** A checkpoint is signed at most so long after an event. */
  readonly checkpointEveryMs: number;
  /** A new segment begins after so many bytes. */
  readonly segmentBytes?: number;
  /** How long after a failed write the log tries again. */
  readonly retryAfterMs?: number;
};

export type SignedCheckpoint = { readonly size: number; readonly note: string };

export interface AuditLog {
  /** Resolves once the event is on the disk, or with why it is not. Events are stored in the order of the calls. */
  append(event: AuditEvent): Promise<Result<{ seq: number }, AuditFailure>>;
  /** Events on the disk. */
  readonly size: number;
  /** What a crash had left, if it left something: the owner logs it. */
  readonly recovered: Recovered | undefined;
  /** Why appends fail now, if they do. */
  readonly failure: AuditFailure | undefined;
  readonly isHealthy: boolean;
  /** The last signed checkpoint, made now if events came since. */
  checkpoint(): Promise<Result<SignedCheckpoint, AuditFailure>>;
  /** At most `limit` stored events from that number on. */
  read(fromSeq: number, limit: number): Promise<AuditEntry[]>;
  /** Every stored event from that number on, then each new one, until the signal or the end of the log. */
  follow(fromSeq: number, signal?: AbortSignal): AsyncGenerator<AuditEntry, void>;
  /** That the event is in the log of the last checkpoint, which is made now if it does not cover it. */
  proveInclusion(seq: number): Promise<Result<InclusionProof, AuditFailure>>;
  /** That the log of the last checkpoint only adds to what it was at that size. */
  proveConsistency(fromSize: number): Promise<Result<ConsistencyProof, AuditFailure>>;
  /** Stores what was appended, signs a last checkpoint and lets go of the folder. Idempotent. */
  close(): Promise<void>;
}
