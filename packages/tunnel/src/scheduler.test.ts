// Who goes first, measured on a carrier that counts.

import { describe, expect, it } from 'vitest';
import type { Carrier } from './carrier.ts';
import { Outlet, Scheduler } from './scheduler.ts';

const kib = 1024;

/** A carrier that writes nothing out until it is told to. */
function slowCarrier() {
  const frames: { readonly stream: number; readonly bytes: number }[] = [];
  const unsent: (() => void)[] = [];
  const carrier: Carrier = {
    send: (frame, sent) => {
      const whole = Buffer.isBuffer(frame) ? frame : Buffer.concat(frame);
      frames.push({ stream: whole.readUInt32BE(1), bytes: whole.byteLength - 5 });
      unsent.push(sent);
    },
    onFrame: () => undefined,
    onClose: () => undefined,
    close: () => undefined,
  };
  const writeOut = () => {
    for (const sent of unsent.splice(0)) sent();
  };
  return { carrier, frames, writeOut };
}

/** An outlet that always has another write of that size. */
function endless(scheduler: Scheduler, stream: number, bytes: number): Outlet {
  const outlet = new Outlet(stream);
  outlet.creditBytes = 2 ** 30;
  const write = () => {
    outlet.load([Buffer.alloc(bytes)], write);
    scheduler.offer(outlet);
  };
  write();
  return outlet;
}

const sum = (frames: readonly { bytes: number }[]) => frames.reduce((total, frame) => total + frame.bytes, 0);

describe('the scheduler', () => {
  it('hands at most 256 KB of bulk to the carrier at a time (CON-1)', async () => {
    const { carrier, frames, writeOut } = slowCarrier();
    endless(new Scheduler(carrier), 1, 64 * kib);
    await flushed();
    expect(sum(frames)).toBe(256 * kib);
    writeOut();
    await flushed();
    expect(sum(frames)).toBe(512 * kib);
  });

  it('sends a small write of an idle stream at once, though bulk waits (CON-1)', () => {
    const { carrier, frames } = slowCarrier();
    const scheduler = new Scheduler(carrier);
    const bulk = new Outlet(1);
    bulk.load([Buffer.alloc(1_000_000)], () => undefined);
    scheduler.offer(bulk);
    const key = new Outlet(3);
    key.load([Buffer.from('k')], () => undefined);
    scheduler.offer(key);
    expect(frames.at(-1)).toEqual({ stream: 3, bytes: 1 });
  });

  it('gives a flood of small writes one quantum ahead of bulk, then its turn like any other (CON-1)', async () => {
    const { carrier, frames } = slowCarrier();
    const scheduler = new Scheduler(carrier);
    endless(scheduler, 1, 256 * kib);
    endless(scheduler, 3, kib);
    await flushed();
    expect(sum(frames.filter(({ stream }) => stream === 3))).toBe(64 * kib);
  });

  it('serves all streams alike, whatever the size of their writes (CON-1)', async () => {
    const { carrier, frames, writeOut } = slowCarrier();
    const scheduler = new Scheduler(carrier);
    const streams = [1, 3, 5, 7];
    for (const [n, stream] of streams.entries()) endless(scheduler, stream, (4 + 60 * n) * kib);
    for (let round = 0; round < 100; round += 1) {
      writeOut();
      scheduler.connectionCredit(256 * kib);
      await flushed();
    }
    const shares = streams.map((one) => sum(frames.filter(({ stream }) => stream === one)) / sum(frames));
    expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.6);
  });

  it('holds bulk at the connection’s credit, and lets keystrokes 256 KB beyond it (CON-1)', async () => {
    const { carrier, frames, writeOut } = slowCarrier();
    const scheduler = new Scheduler(carrier);
    endless(scheduler, 1, 64 * kib);
    for (let round = 0; round < 10; round += 1) {
      await flushed();
      writeOut();
    }
    expect(sum(frames)).toBe(1024 * kib);
    for (let stream = 3; stream < 23; stream += 2) endless(scheduler, stream, 2 * kib);
    await flushed();
    expect(sum(frames)).toBe(1280 * kib);
  });

  it('forgets a stream that is withdrawn in the middle of its write (CON-1)', async () => {
    const { carrier, frames, writeOut } = slowCarrier();
    const scheduler = new Scheduler(carrier);
    scheduler.withdraw(endless(scheduler, 1, 1024 * kib));
    writeOut();
    await flushed();
    expect(sum(frames)).toBe(256 * kib);
  });
});

function flushed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
