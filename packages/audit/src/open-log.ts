// The open log: appends wait in a queue, go to the disk in groups, one write and one fdatasync each, and are answered after it.
// It must never acknowledge an event that could be lost, and never go on after a failed write without cutting back to what is stored.

import { err, ok, type Result, type Timer } from '@sallyport/core';
import type { AuditEvent } from '@sallyport/protocol';
import { signCheckpoint } from './checkpoint.ts';
import { type AuditFailure, diskFailure, failure } from './failure.ts';
import { HashCache } from './hash-cache.ts';
import { type AuditEntry, encodeLine, type Place } from './line.ts';
import type { Lock } from './lock.ts';
import type { AuditLog, AuditLogOptions, SignedCheckpoint } from './log.ts';
import type { LogFiles } from './log-files.ts';
import * as merkle from './merkle.ts';
import type { ConsistencyProof, InclusionProof } from './proof.ts';
import { makeConsistencyProof, makeInclusionProof, type Tree } from './prove.ts';
import { EntryReader } from './read.ts';
import type { LogState, Recovered } from './recover.ts';

type Outcome = Result<{ seq: number }, AuditFailure>;
type Waiting = {
  readonly line: Buffer;
  readonly leaf: Buffer;
  readonly seq: number;
  readonly answer: (outcome: Outcome) => void;
};

const defaultRetryAfterMs = 1000;
/** One write and sync: enough to fill a disk's queue, little enough to be answered within milliseconds. */
const maxBatchBytes = 1_048_576;
/** Waiting for the disk; more than this is refused rather than gathered in memory. */
const maxQueuedBytes = 67_108_864;

export class OpenLog implements AuditLog {
  readonly recovered: Recovered | undefined;
  readonly #options: AuditLogOptions;
  readonly #files: LogFiles;
  readonly #lock: Lock;
  readonly #hashes: HashCache;
  /** What is on the disk. */
  #stored: { frontier: merkle.Frontier; prev: string };
  /** Where the next append goes, if everything that waits is stored. */
  #tip: Place;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #isDraining = false;
  #failure: AuditFailure | undefined;
  #signed: Tree['head'] | undefined;
  #timers: { checkpoint?: Timer; retry?: Timer } = {};
  #turn: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #isClosed = false;
  readonly #followers = new Set<() => void>();

  constructor(options: AuditLogOptions, state: LogState, files: LogFiles, lock: Lock) {
    this.#options = options;
    this.#files = files;
    this.#lock = lock;
    this.recovered = state.recovered;
    this.#stored = { frontier: state.frontier, prev: state.prev };
    this.#tip = { seq: state.frontier.size, prev: state.prev };
    this.#signed = state.checkpoint;
    this.#hashes = new HashCache(files.hashes, state.frontier.size);
    this.#scheduleCheckpoint();
  }

  get size(): number {
    return this.#stored.frontier.size;
  }

  get failure(): AuditFailure | undefined {
    return this.#failure;
  }

  get isHealthy(): boolean {
    return this.#failure === undefined && this.#closing === undefined;
  }

  append(event: AuditEvent): Promise<Outcome> {
    const refusal = this.#closing !== undefined ? closed() : (this.#failure ?? this.#queueFull());
    if (refusal) return Promise.resolve(err(refusal));
    const line = encodeLine(event, this.#tip);
    if (!line.ok) return Promise.resolve(line);
    const leaf = merkle.leafHash(line.value.subarray(0, -1));
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#queue.push({ line: line.value, leaf, seq: this.#tip.seq, answer: resolve });
    this.#queuedBytes += line.value.length;
    this.#tip = { seq: this.#tip.seq + 1, prev: leaf.toString('hex') };
    if (!this.#isDraining) {
      this.#isDraining = true;
      // Never rejects: storing turns every error into the answer of its events.
      void this.#drain();
    }
    return promise;
  }

  #queueFull(): AuditFailure | undefined {
    if (this.#queuedBytes < maxQueuedBytes) return undefined;
    return failure(
      'QUEUE_FULL',
      'more events wait for the disk than may be held in memory',
      'use a faster disk for the audit log',
    );
  }

  async #drain(): Promise<void> {
    // What is appended in the same turn of the event loop shares the first write.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#exclusive(() => this.#storeBatch());
    this.#isDraining = false;
  }

  async #storeBatch(): Promise<void> {
    const batch = this.#takeBatch();
    const first = batch[0];
    if (!first) return;
    try {
      await this.#files.store(Buffer.concat(batch.map((one) => one.line)), first.seq);
    } catch (error) {
      this.#fail(error, batch);
      return;
    }
    let { frontier } = this.#stored;
    for (const { leaf } of batch) frontier = merkle.appendLeaf(frontier, leaf, (hash) => this.#hashes.add(hash));
    this.#stored = { frontier, prev: batch.at(-1)?.leaf.toString('hex') ?? this.#stored.prev };
    for (const { answer, seq } of batch) answer(ok({ seq }));
    this.#wakeFollowers();
    this.#scheduleCheckpoint();
    await this.#hashes.flush();
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    const end = this.#queue.findIndex((one) => {
      bytes += one.line.length;
      return bytes > maxBatchBytes;
    });
    const batch = this.#queue.splice(0, end < 0 ? this.#queue.length : Math.max(end, 1));
    this.#queuedBytes -= batch.reduce((sum, one) => sum + one.line.length, 0);
    return batch;
  }

  /** Fails these and all that wait: their lines name each other, so none can be stored without the ones before. */
  #fail(error: unknown, batch: readonly Waiting[]): void {
    const cause = diskFailure(error, this.#options.folder);
    this.#failure = cause;
    const waiting = [...batch, ...this.#queue];
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#tip = { seq: this.size, prev: this.#stored.prev };
    for (const { answer } of waiting) answer(err(cause));
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    if (this.#closing || this.#timers.retry) return;
    this.#timers.retry = this.#options.clock.after(this.#options.retryAfterMs ?? defaultRetryAfterMs, () => {
      delete this.#timers.retry;
      void this.#exclusive(() => this.#restore());
    });
  }

  async #restore(): Promise<void> {
    try {
      await this.#files.restore();
      this.#failure = undefined;
      this.#scheduleCheckpoint();
    } catch (error) {
      this.#failure = diskFailure(error, this.#options.folder);
      this.#scheduleRetry();
    }
  }

  #scheduleCheckpoint(): void {
    const isDue = this.#signed?.size !== this.size;
    if (!isDue || this.#closing || this.#timers.checkpoint) return;
    this.#timers.checkpoint = this.#options.clock.after(this.#options.checkpointEveryMs, () => {
      delete this.#timers.checkpoint;
      // A failure is kept in `failure`, and the retry schedules the next checkpoint.
      void this.checkpoint();
    });
  }

  checkpoint(): Promise<Result<SignedCheckpoint, AuditFailure>> {
    return this.#exclusive(() => this.#sign());
  }

  async #sign(): Promise<Result<Tree['head'], AuditFailure>> {
    if (this.#failure) return err(this.#failure);
    const { frontier } = this.#stored;
    if (this.#signed?.size === frontier.size) return ok(this.#signed);
    const head = { origin: this.#options.origin, size: frontier.size, root: merkle.rootOf(frontier) };
    const note = signCheckpoint(head, this.#options.signingKey);
    try {
      await this.#files.storeCheckpoint(Buffer.from(note));
    } catch (error) {
      this.#fail(error, []);
      return err(diskFailure(error, this.#options.folder));
    }
    this.#signed = { ...head, note };
    return ok(this.#signed);
  }

  async read(fromSeq: number, limit: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    const end = Math.min(this.size, fromSeq + limit);
    for await (const entry of new EntryReader(this.#options.folder, fromSeq).upTo(end)) entries.push(entry);
    return entries;
  }

  async *follow(fromSeq: number, signal?: AbortSignal): AsyncGenerator<AuditEntry, void> {
    const reader = new EntryReader(this.#options.folder, fromSeq);
    let seen = fromSeq;
    while (!signal?.aborted) {
      const end = this.size;
      for await (const entry of reader.upTo(end)) {
        yield entry;
        if (signal?.aborted) return;
      }
      seen = Math.max(seen, end);
      if (this.#isClosed && seen >= this.size) return;
      if (seen >= this.size) await this.#growth(signal);
    }
  }

  #growth(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#followers.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#followers.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }

  #wakeFollowers(): void {
    for (const wake of [...this.#followers]) wake();
  }

  async proveInclusion(seq: number): Promise<Result<InclusionProof, AuditFailure>> {
    if (!(Number.isInteger(seq) && seq >= 0 && seq < this.size)) return err(noSuch(`event ${seq}`, this.size));
    return await this.#underTree(seq + 1, (tree) => makeInclusionProof(tree, seq));
  }

  async proveConsistency(fromSize: number): Promise<Result<ConsistencyProof, AuditFailure>> {
    const isSize = Number.isInteger(fromSize) && fromSize >= 0 && fromSize <= this.size;
    if (!isSize) return err(noSuch(`size ${fromSize}`, this.size));
    return await this.#underTree(fromSize, (tree) => makeConsistencyProof(tree, fromSize));
  }

  #underTree<Proof>(
    minSize: number,
    make: (tree: Tree) => Promise<Result<Proof, AuditFailure>>,
  ): Promise<Result<Proof, AuditFailure>> {
    return this.#exclusive(async () => {
      const head = this.#signed && this.#signed.size >= minSize ? ok(this.#signed) : await this.#sign();
      if (!head.ok) return head;
      await this.#hashes.flush();
      return await make({ head: head.value, source: this.#hashes.source });
    });
  }

  /** One thing at a time touches the files. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#timers.checkpoint?.cancel();
    this.#timers.retry?.cancel();
    // The queue takes nothing more, and whatever it holds is stored or refused before the turn is ours.
    while (this.#isDraining) await this.#exclusive(() => Promise.resolve());
    await this.#exclusive(() => this.#sign());
    await this.#exclusive(() => this.#files.close());
    this.#lock.release();
    this.#isClosed = true;
    this.#wakeFollowers();
  }
}

function closed(): AuditFailure {
  return failure('LOG_CLOSED', 'the audit log is closed', 'the gateway is stopping; ask again when it is up');
}

function noSuch(what: string, size: number): AuditFailure {
  return failure(
    'BAD_OPTION',
    `there is no ${what} in a log of ${size} events`,
    'see `sally audit tail` for the numbers',
  );
}
