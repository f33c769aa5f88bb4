// A link that is lost or refused is dialled again, after the waits that the failure deserves.
import { err, ok, type Result } from '@sallyport/core';
import { fakeClock } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import type { DialFailure } from './dial-failure.ts';
import { type KeptLink, keepLinked } from './keep-linked.ts';

const refused: DialFailure = { step: 'tcp', message: 'refused', hint: 'none', isRetryable: true };
const revoked: DialFailure = { step: 'upgrade', message: 'revoked', hint: 'none', isRetryable: false };

type TestLink = KeptLink & { lose(): void };

function testLink(): TestLink {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { closed: promise, close: resolve, lose: () => resolve('the connection was cut') };
}

/** A dialler that a test answers: with a failure, or with a link when there is none. */
function loop(random: () => number = () => 1, failure: DialFailure = refused) {
  const clock = fakeClock();
  const dialledAtMs: number[] = [];
  const failures: number[] = [];
  const losses: string[] = [];
  const links: TestLink[] = [];
  const world: { failure: DialFailure | undefined } = { failure };
  const kept = keepLinked<TestLink>({
    clock,
    random,
    dial: async (): Promise<Result<TestLink, DialFailure>> => {
      dialledAtMs.push(clock.monotonicMs());
      return world.failure ? err(world.failure) : ok(testLink());
    },
    onLink: (link) => links.push(link),
    onLost: (reason) => losses.push(reason),
    onFailure: (_failure, retryInMs) => failures.push(retryInMs),
  });
  const gaps = () => dialledAtMs.slice(1).map((at, n) => at - (dialledAtMs[n] ?? 0));
  return { clock, kept, gaps, failures, losses, links, world, dialledAtMs };
}

describe('keeping linked', () => {
  it('waits longer after each failure, up to 10 s, and tells how long (CON-3)', async () => {
    const { clock, gaps, failures, kept } = loop();
    await clock.advance(46_000);
    expect(gaps()).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
    expect(failures.slice(0, 3)).toEqual([500, 1000, 2000]);
    await kept.stop();
  });

  it('waits a random part of that (CON-3)', async () => {
    let n = 0;
    const shares = [0.1, 0.9, 0.5, 0.25];
    const { clock, gaps, kept } = loop(() => shares[n++ % 4] ?? 0);
    await clock.advance(2_950);
    expect(gaps().map(Math.round)).toEqual([50, 900, 1000, 1000]);
    await kept.stop();
  });

  it('begins again with short waits after a link that lived 30 s (CON-3)', async () => {
    const { clock, gaps, links, losses, world, kept } = loop();
    await clock.advance(7_400);
    world.failure = undefined;
    await clock.advance(100);
    expect(links).toHaveLength(1);
    await clock.advance(30_000);
    world.failure = refused;
    links[0]?.lose();
    await clock.advance(1_600);
    expect(losses).toEqual(['the connection was cut']);
    expect(gaps().slice(-2)).toEqual([30_500, 1000]);
    await kept.stop();
  });

  it('goes on growing after a link that did not (CON-3)', async () => {
    const { clock, gaps, links, world, kept } = loop();
    await clock.advance(3_400);
    world.failure = undefined;
    await clock.advance(29_999 + 100);
    world.failure = refused;
    links[0]?.lose();
    await clock.advance(13_000);
    expect(gaps()).toEqual([500, 1000, 2000, 29_999 + 4000, 8000]);
    await kept.stop();
  });

  it('tries what no retry can mend once in 30 to 60 s (CON-3)', async () => {
    let n = 0;
    const { clock, gaps, kept } = loop(() => [0, 1][n++ % 2] ?? 0, revoked);
    await clock.advance(91_000);
    expect(gaps()).toEqual([30_000, 60_000]);
    await kept.stop();
  });

  it('stops while it waits, and leaves no timer (CON-3)', async () => {
    const { clock, kept, dialledAtMs } = loop();
    await clock.advance(100);
    await kept.stop();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(60_000);
    expect(dialledAtMs).toHaveLength(1);
  });

  it('stops while it is linked: the link is closed (CON-3)', async () => {
    const { clock, kept, links, losses, world } = loop();
    world.failure = undefined;
    await clock.advance(1_000);
    await kept.stop();
    expect(await links[0]?.closed).toBe('stopped');
    expect(losses).toEqual([]);
  });
});
