// Who sends next. Small writes of quiet streams go at once; everything else takes turns, a quantum each, and only so much of it is
// handed to the carrier that a keystroke never waits behind more. It must never buffer: what cannot go stays with its stream.

import type { Carrier } from './carrier.ts';
import { dataHead } from './frame.ts';
import {
  initialConnectionWindowBytes,
  initialStreamWindowBytes,
  maxBulkInCarrierBytes,
  maxDataBytes,
  maxPriorityBytes,
  priorityAllowanceBytes,
  quantumBytes,
} from './limits.ts';

/** The largest credit that a peer may let pile up; more is an overflow. */
const maxCreditBytes = 2 ** 31;
/** A priority write costs at least this, whatever its length, so that single bytes cannot go ahead for ever. */
const minPriorityCostBytes = 64;

/** The sending side of one stream: at most one write, which Node's Writable gives whole or as a batch. */
export class Outlet {
  readonly stream: number;
  creditBytes = initialStreamWindowBytes;
  /** What is left of the quantum that may go ahead of bulk (the sparse flow of fq_codel, RFC 8290 §4.2). */
  priorityLeftBytes = quantumBytes;
  turnLeftBytes = quantumBytes;
  #parts: Buffer[] = [];
  #done: (() => void) | undefined;
  waitingBytes = 0;

  constructor(stream: number) {
    this.stream = stream;
  }

  load(parts: Buffer[], done: () => void): void {
    this.#parts = parts;
    this.#done = done;
    for (const part of parts) this.waitingBytes += part.byteLength;
  }

  /** Takes that many of the waiting bytes, without copying them. */
  take(bytes: number): Buffer[] {
    this.waitingBytes -= bytes;
    if (this.waitingBytes === 0) {
      const parts = this.#parts;
      this.#parts = [];
      return parts;
    }
    const taken: Buffer[] = [];
    let wanted = bytes;
    let whole = 0;
    for (const part of this.#parts) {
      if (part.byteLength > wanted) break;
      taken.push(part);
      wanted -= part.byteLength;
      whole += 1;
    }
    this.#parts.splice(0, whole);
    const [first] = this.#parts;
    if (wanted > 0 && first) {
      taken.push(first.subarray(0, wanted));
      this.#parts[0] = first.subarray(wanted);
    }
    return taken;
  }

  finishWrite(): void {
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }

  drop(): void {
    this.#parts = [];
    this.#done = undefined;
    this.waitingBytes = 0;
  }
}

export class Scheduler {
  readonly #carrier: Carrier;
  // A Set keeps insertion order: its first element is next, and deleting and adding again moves to the end.
  readonly #turns = new Set<Outlet>();
  #connectionCreditBytes = initialConnectionWindowBytes;
  #bulkInCarrierBytes = 0;
  #isPumping = false;
  #isClosed = false;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  /** Sends a control frame at once. `sent` as in Carrier. */
  control(frame: Buffer, sent: () => void = ignore): void {
    if (!this.#isClosed) this.#carrier.send(frame, sent);
  }

  /** The outlet has a write that waits. */
  offer(outlet: Outlet): void {
    if (this.#isClosed || outlet.waitingBytes === 0 || this.#turns.has(outlet)) return;
    if (this.#mayGoAhead(outlet)) {
      const bytes = outlet.waitingBytes;
      outlet.priorityLeftBytes -= Math.max(bytes, minPriorityCostBytes);
      this.#send(outlet, bytes, ignore);
      outlet.finishWrite();
      return;
    }
    this.#turns.add(outlet);
    this.#pump();
  }

  withdraw(outlet: Outlet): void {
    this.#turns.delete(outlet);
    outlet.drop();
  }

  /** False if the credit overflows. */
  streamCredit(outlet: Outlet, bytes: number): boolean {
    outlet.creditBytes += bytes;
    this.offer(outlet);
    return outlet.creditBytes <= maxCreditBytes;
  }

  connectionCredit(bytes: number): boolean {
    this.#connectionCreditBytes += bytes;
    this.#pump();
    return this.#connectionCreditBytes <= maxCreditBytes;
  }

  close(): void {
    this.#isClosed = true;
    this.#turns.clear();
  }

  #mayGoAhead(outlet: Outlet): boolean {
    const bytes = outlet.waitingBytes;
    return (
      bytes <= maxPriorityBytes &&
      bytes <= outlet.creditBytes &&
      outlet.priorityLeftBytes >= Math.max(bytes, minPriorityCostBytes) &&
      this.#connectionCreditBytes + priorityAllowanceBytes >= bytes
    );
  }

  // A finished write may offer the next one while this runs: it finds the outlet still in its turn and adds nothing.
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isClosed && this.#bulkInCarrierBytes < maxBulkInCarrierBytes && this.#connectionCreditBytes > 0) {
      const [outlet] = this.#turns;
      if (!outlet) break;
      this.#serve(outlet);
    }
    this.#isPumping = false;
  }

  #serve(outlet: Outlet): void {
    const bytes = Math.min(
      maxDataBytes,
      outlet.waitingBytes,
      outlet.creditBytes,
      outlet.turnLeftBytes,
      this.#connectionCreditBytes,
    );
    if (bytes > 0) {
      outlet.turnLeftBytes -= bytes;
      this.#bulkInCarrierBytes += bytes;
      this.#send(outlet, bytes, () => {
        this.#bulkInCarrierBytes -= bytes;
        this.#pump();
      });
      if (outlet.waitingBytes === 0) outlet.finishWrite();
    }
    this.#nextTurn(outlet);
  }

  #nextTurn(outlet: Outlet): void {
    const isOver = outlet.waitingBytes === 0 || outlet.creditBytes === 0;
    if (!isOver && outlet.turnLeftBytes > 0) return;
    // A stream that is still in turn was not withdrawn by the write that has just finished.
    const wasInTurn = this.#turns.delete(outlet);
    outlet.turnLeftBytes = quantumBytes;
    if (outlet.waitingBytes === 0) outlet.priorityLeftBytes = quantumBytes;
    if (!isOver && wasInTurn) this.#turns.add(outlet);
  }

  #send(outlet: Outlet, bytes: number, sent: () => void): void {
    outlet.creditBytes -= bytes;
    this.#connectionCreditBytes -= bytes;
    this.#carrier.send([dataHead(outlet.stream), ...outlet.take(bytes)], sent);
  }
}

function ignore(): void {}
