// Two carriers joined in memory, with whatever timing a test wants. Frames keep their order and their bounds, as the contract says.

import type { Carrier } from '../carrier.ts';

export interface MemoryCarrier extends Carrier {
  /** From now on nothing this end sends arrives, and nobody is told: a half-open connection. */
  loseSent(): void;
  /** From now on frames stay unsent, as with a peer that does not read. */
  stall(): void;
  resume(): void;
  readonly unsentFrames: number;
}

/** Decides after which further step a frame goes; 0 is this very step. */
export type Timing = () => number;

export function memoryCarriers(timing: Timing = () => 0): readonly [MemoryCarrier, MemoryCarrier] {
  const a = new Half(timing);
  const b = new Half(timing);
  a.peer = b;
  b.peer = a;
  return [a, b];
}

type Queued = { readonly frame: Buffer; readonly sent: () => void };

class Half implements MemoryCarrier {
  peer: Half | undefined;
  readonly #timing: Timing;
  readonly #queue: Queued[] = [];
  #isRunning = false;
  #isStalled = false;
  #isLosing = false;
  #closed: string | undefined;
  #frameHandler: ((frame: Buffer) => void) | undefined;
  #closeHandler: ((reason: string) => void) | undefined;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  get unsentFrames(): number {
    return this.#queue.length;
  }

  send(frame: Buffer | readonly Buffer[], sent: () => void): void {
    if (this.#closed !== undefined) return;
    this.#queue.push({ frame: Buffer.isBuffer(frame) ? Buffer.from(frame) : Buffer.concat(frame), sent });
    this.wake();
  }

  onFrame(handler: (frame: Buffer) => void): void {
    this.#frameHandler = handler;
    this.peer?.wake();
  }

  onClose(handler: (reason: string) => void): void {
    this.#closeHandler = handler;
    if (this.#closed !== undefined) handler(this.#closed);
  }

  close(reason: string): void {
    this.end(reason);
    if (!this.#isLosing) setImmediate(() => this.peer?.end(reason));
  }

  loseSent(): void {
    this.#isLosing = true;
  }

  stall(): void {
    this.#isStalled = true;
  }

  resume(): void {
    this.#isStalled = false;
    this.wake();
  }

  get takesFrames(): boolean {
    return this.#frameHandler !== undefined;
  }

  arrive(frame: Buffer): void {
    this.#frameHandler?.(frame);
  }

  wake(): void {
    if (this.#isRunning || this.#isStalled || !this.peer?.takesFrames) return;
    this.#isRunning = true;
    setImmediate(() => this.#step());
  }

  #step(): void {
    this.#isRunning = false;
    while (this.#queue.length > 0 && !this.#isStalled) {
      if (this.#timing() > 0) {
        this.wake();
        return;
      }
      const next = this.#queue.shift();
      if (!next) return;
      next.sent();
      if (!this.#isLosing) this.peer?.arrive(next.frame);
    }
  }

  end(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#queue.length = 0;
    this.#closeHandler?.(reason);
  }
}
