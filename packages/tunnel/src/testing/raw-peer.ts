// A peer that writes frames by hand, for what a well-behaved one never sends.

import { type FakeClock, fakeClock } from '@sallyport/testkit';
import type { MuxLimits } from '../limits.ts';
import { createMux } from '../link.ts';
import type { Mux } from '../mux.ts';
import { memoryCarriers } from './memory-carrier.ts';

export type RawPeer = {
  readonly mux: Mux;
  readonly clock: FakeClock;
  /** From now on nothing the link under test sends leaves it. */
  stallAnswers(): void;
  /** What the link under test sent, oldest first. */
  readonly received: Buffer[];
  send(...frames: (Buffer | readonly number[])[]): void;
  /** Resolves with the first frame of that type that came or comes. */
  frameOf(type: number): Promise<Buffer>;
};

export const frameTypes = { data: 0, open: 1, credit: 2, fin: 3, rst: 4, ping: 5, pong: 6 } as const;

/** The link under test has dialled, so the peer opens even streams. */
export function rawPeer(limits: Partial<MuxLimits> = {}): RawPeer {
  const [carrier, far] = memoryCarriers();
  const clock = fakeClock();
  const received: Buffer[] = [];
  let wake: () => void = () => undefined;
  carrier.onFrame((frame) => {
    received.push(frame);
    wake();
  });
  const mux = createMux(far, { role: 'dialler', clock, limits, random: () => 0.5 });
  const frameOf = async (type: number): Promise<Buffer> => {
    for (;;) {
      const found = received.find((frame) => frame[0] === type);
      if (found) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    mux,
    clock,
    stallAnswers: () => far.stall(),
    received,
    send: (...frames) => {
      for (const frame of frames) carrier.send(Buffer.from(frame), () => undefined);
    },
    frameOf,
  };
}

export function rawFrame(type: number, stream: number, payload: Uint8Array | string = ''): Buffer {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeUInt32BE(stream, 1);
  return Buffer.concat([head, Buffer.from(payload)]);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
