// A flood of refusals: the first ones are told each, the rest is counted and told once a minute.

import { waitFor } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestWorkspace, testWorkspace } from '../../testing/workspace.ts';
import type { Entry } from './index.ts';

let workspace: TestWorkspace;
beforeEach(async () => {
  workspace = await testWorkspace();
});
afterEach(() => workspace.close());

const refused = (address: string): Entry => ({
  class: 'server.refused',
  actor: { kind: 'unknown', id: 'agent' },
  action: 'connect',
  resource: { kind: 'api', id: '/v1/tunnel' },
  decision: 'deny',
  reason: 'the proof does not belong to this connection',
  address,
});
const told = async () => (await workspace.events()).filter((event) => event.class === 'server.refused');
const untilTold = (count: number) =>
  waitFor(async () => ((await told()).length === count ? true : undefined), `${count} events`);
const flood = async (count: number, addressOf: (n: number) => string) => {
  for (let n = 0; n < count; n += 1) {
    const entry = refused(addressOf(n));
    await workspace.journal.refused(entry, { kind: 'stranger', id: entry.address ?? '' });
  }
};

describe('a flood of refusals', () => {
  it('of one address costs a few events and one that counts the rest (AUD-1, AUD-6)', async () => {
    await flood(500, () => '192.0.2.66');
    expect(await told()).toHaveLength(20);
    await workspace.clock.advance(60_000);
    await untilTold(21);
    expect((await told()).at(-1)).toMatchObject({
      actor: { kind: 'unknown', id: 'many' },
      decision: 'deny',
      details: { refusals: 480 },
    });
    expect((await told()).at(-1)).not.toHaveProperty('address');
  });

  it('of many addresses does too (AUD-1, AUD-6)', async () => {
    await flood(1000, (n) => `2001:db8::${n.toString(16)}`);
    expect(await told()).toHaveLength(200);
    await workspace.clock.advance(60_000);
    await untilTold(201);
    expect((await told()).at(-1)).toMatchObject({ details: { refusals: 800 } });
  });

  it('leaves the refusals of the next minute, and of people who are known, to be told each (AUD-1)', async () => {
    await flood(30, () => '192.0.2.66');
    await workspace.clock.advance(60_000);
    await untilTold(21);
    await flood(3, () => '192.0.2.66');
    expect(await told()).toHaveLength(20 + 1 + 3);
    for (let n = 0; n < 300; n += 1) await workspace.journal.refused(refused('x'), { kind: 'known', id: 'per_a' });
    expect(await told()).toHaveLength(324);
  });

  it('is told before the log closes (AUD-6)', async () => {
    await flood(50, () => '192.0.2.66');
    await workspace.journal.flush();
    expect((await told()).at(-1)).toMatchObject({ details: { refusals: 30 } });
  });

  it('is not taken when the log cannot be written (AUD-6)', async () => {
    await workspace.log.close();
    const outcome = await workspace.journal.refused(refused('x'), { kind: 'stranger', id: 'x' });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'AUDIT_UNAVAILABLE' } });
  });
});
