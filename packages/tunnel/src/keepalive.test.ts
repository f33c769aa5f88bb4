// A link that is silently gone is noticed, by the clock alone (CON-3).

import { fakeClock } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { createMux } from './link.ts';
import type { Mux } from './mux.ts';
import { type MemoryCarrier, memoryCarriers } from './testing/memory-carrier.ts';

function pair(random = () => 0.5) {
  const clock = fakeClock();
  const [near, far] = memoryCarriers();
  const dialler = createMux(near, { role: 'dialler', clock, random });
  const acceptor = createMux(far, { role: 'acceptor', clock, random });
  return { clock, near, far, dialler, acceptor };
}

describe('keepalive', () => {
  it('keeps an idle link that answers, for a day (CON-3)', async () => {
    const { clock, dialler, acceptor } = pair();
    await clock.advance(86_400_000);
    dialler.close('still up');
    expect(await Promise.all([dialler.closed, acceptor.closed])).toEqual(['still up', 'still up']);
    expect(clock.pendingTimers).toBe(0);
  }, 30_000);

  const halves: readonly (readonly [string, (near: MemoryCarrier, far: MemoryCarrier) => void])[] = [
    ['both ways', (near, far) => [near, far].map((half) => half.loseSent())],
    ['towards the dialler', (_near, far) => far.loseSent()],
  ];
  it.each(halves)('notices within 45 s a link that is lost %s (CON-3)', async (_way, lose) => {
    const { clock, near, far, dialler } = pair();
    await clock.advance(3_600_000 + 7_000);
    const lostAtMs = clock.monotonicMs();
    let endedAtMs: number | undefined;
    void dialler.closed.then(() => {
      endedAtMs = clock.monotonicMs();
    });
    lose(near, far);
    await clock.advance(45_000);
    expect(await dialler.closed).toBe('nothing arrived for 40 s');
    expect((endedAtMs ?? Number.POSITIVE_INFINITY) - lostAtMs).toBeLessThanOrEqual(45_000);
  });

  it('ends every stream of a link that is lost, both sides by themselves (CON-3)', async () => {
    const { clock, near, far, dialler, acceptor } = pair();
    acceptor.onStream((stream) => stream.resume());
    const stream = dialler.open({ kind: 'renew' });
    await clock.advance(1_000);
    near.loseSent();
    far.loseSent();
    await clock.advance(45_000);
    await Promise.all([dialler.closed, acceptor.closed]);
    expect(stream.errored).toMatchObject({ code: 'LINK_LOST' });
    expect([dialler, acceptor].map((mux: Mux) => mux.streamCount)).toEqual([0, 0]);
  });

  it('spreads the pings of many links over a fifth of the interval (CON-3)', async () => {
    const sentAtMs: number[] = [];
    for (const share of [0, 0.25, 0.5, 0.999]) {
      const clock = fakeClock();
      const [near, far] = memoryCarriers();
      let pings = 0;
      far.onFrame((frame) => {
        if (frame[0] !== 5) return;
        pings += 1;
        far.send(Buffer.concat([Buffer.from([6, 0, 0, 0, 0]), frame.subarray(5)]), () => undefined);
        if (pings === 2) sentAtMs.push(clock.monotonicMs());
      });
      const mux = createMux(near, { role: 'dialler', clock, random: () => share });
      await clock.advance(16_000);
      mux.close('done');
    }
    expect(sentAtMs.map(Math.round)).toEqual([15_000, 14_250, 13_500, 12_003]);
  });
});
