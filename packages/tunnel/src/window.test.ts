// When a reader gives credit, and how far the windows of a stream and of a connection grow.
import { describe, expect, it } from 'vitest';
import { initialConnectionWindowBytes, initialStreamWindowBytes } from './limits.ts';
import { ConnectionWindow, StreamWindow } from './window.ts';

const kib = 1024;
const mib = 1024 * kib;

describe('a stream’s window', () => {
  it('gives credit for what is read, a quarter at a time (CON-1)', () => {
    const window = new StreamWindow(initialStreamWindowBytes);
    window.arrive(256 * kib);
    expect([32, 31, 1, 64].map((size) => window.read(size * kib))).toEqual([0, 0, 64 * kib, 64 * kib]);
  });

  it('grows to the most while the reader keeps up (CON-1)', () => {
    const window = new StreamWindow(mib);
    let granted = initialStreamWindowBytes;
    let read = 0;
    for (let n = 0; n < 200; n += 1) {
      expect(window.arrive(32 * kib)).toBe(true);
      granted += window.read(32 * kib);
      read += 32 * kib;
    }
    expect(granted - read).toBeGreaterThan(0.7 * mib);
    expect(granted - read).toBeLessThanOrEqual(mib);
  });

  it('does not grow for a reader that lags behind (CON-1)', () => {
    const window = new StreamWindow(mib);
    let granted = initialStreamWindowBytes;
    let arrived = 0;
    let read = 0;
    for (let n = 0; n < 200; n += 1) {
      while (arrived + 16 * kib <= granted) {
        expect(window.arrive(16 * kib)).toBe(true);
        arrived += 16 * kib;
      }
      granted += window.read(16 * kib);
      read += 16 * kib;
      expect(granted - read).toBeLessThanOrEqual(initialStreamWindowBytes);
    }
  });

  it('tells an overrun (CON-1)', () => {
    const window = new StreamWindow(mib);
    expect([window.arrive(256 * kib), window.arrive(1)]).toEqual([true, false]);
  });
});

describe('the connection’s window', () => {
  /** Measures a round trip in which the whole window arrived, so many times. */
  function loaded(window: ConnectionWindow, rttMs: number, times = 1): number {
    for (let n = 0; n < times; n += 1) window.measured(rttMs, window.sizeBytes);
    return window.sizeBytes;
  }
  const make = () => {
    const window = new ConnectionWindow(128 * kib, 16 * mib);
    window.measured(40, 0);
    return window;
  };

  it('grows while the round trip under load is within 10 ms of the base (CON-1)', () => {
    expect(loaded(make(), 45, 3)).toBe(Math.round(mib * 1.25 ** 3));
    expect(loaded(make(), 41, 100)).toBe(16 * mib);
  });

  it('stays where the queue is about 10 ms long (CON-1)', () => {
    expect(loaded(make(), 52, 50)).toBe(initialConnectionWindowBytes);
  });

  it('shrinks when a slow line queues: 10 Mbit/s at 40 ms (CON-1)', () => {
    const window = make();
    for (let n = 0; n < 40; n += 1) loaded(window, Math.max(40, window.sizeBytes / 1250));
    expect(window.sizeBytes).toBe(128 * kib);
  });

  it('does not shrink for one late answer (CON-1)', () => {
    const window = make();
    for (let n = 0; n < 20; n += 1) {
      loaded(window, 500);
      loaded(window, 52, 1);
    }
    expect(window.sizeBytes).toBe(initialConnectionWindowBytes);
  });

  it('does not change without load (CON-1)', () => {
    const window = make();
    for (let n = 0; n < 20; n += 1) window.measured(40, 1000);
    expect(window.sizeBytes).toBe(initialConnectionWindowBytes);
  });

  it('keeps to about a millisecond of queue on loopback (CON-1)', () => {
    const window = new ConnectionWindow(128 * kib, 16 * mib);
    window.measured(0.1, 0);
    expect(loaded(window, 2, 20)).toBe(initialConnectionWindowBytes);
    expect(loaded(window, 8, 4)).toBeLessThan(initialConnectionWindowBytes);
  });

  it('does not take its own queue for the base (CON-1)', () => {
    const window = make();
    loaded(window, 60, 1000);
    expect(loaded(window, 60)).toBe(initialConnectionWindowBytes);
  });

  it('gives credit for what arrives, and holds it back after it has shrunk: then more is an overrun (CON-1)', () => {
    const window = make();
    expect(window.arrive(255 * kib)).toBe(0);
    expect(window.arrive(kib)).toBe(256 * kib);
    loaded(window, 5000, 40);
    expect(window.sizeBytes).toBe(128 * kib);
    let credit: number | undefined = 0;
    let arrivedBytes = 0;
    while (arrivedBytes < mib - 128 * kib) {
      credit = window.arrive(32 * kib);
      arrivedBytes += 32 * kib;
      expect(credit).toBe(0);
    }
    expect(window.arrive(32 * kib)).toBe(32 * kib);
    expect(window.arrive(mib)).toBeUndefined();
  });
});
