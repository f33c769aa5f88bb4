// A server that joined and then turned: what its tunnel can do to the gateway.

import { helloAccepted, renewAccepted } from '@sallyport/protocol';
import { waitFor } from '@sallyport/testkit';
import { ask, type Mux } from '@sallyport/tunnel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest, type TestAgent } from '../testing/running-gateway.ts';
import { hostFacts } from '../testing/workspace.ts';

let gateway: GatewayUnderTest;
let agent: TestAgent;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
  agent = await gateway.agent('web-1');
}, 30_000);
afterAll(() => gateway.stop());

const hello = (mux: Mux) => ask(mux, { kind: 'hello', facts: hostFacts }, helloAccepted);
const countOf = async (name: string) => (await gateway.events()).filter((event) => event.class === name).length;

describe('a hostile agent', () => {
  it('that proved itself and says hello only after it was revoked is cut all the same (CON-2)', async () => {
    const turned = await gateway.agent('web-2');
    const mux = await gateway.tunnel(turned);
    expect(await gateway.ask('POST', `/v1/servers/${turned.id}/revoke`, {}, gateway.owner)).toMatchObject({
      status: 204,
    });
    expect(await hello(mux)).toMatchObject({ ok: false });
    expect(await mux.closed).toContain('revoked');
  });

  it('fills no log with reports of refused grants: they are counted (AUD-6)', async () => {
    const mux = await gateway.tunnel(agent);
    expect(await hello(mux)).toMatchObject({ ok: true });
    for (let n = 0; n < 900; n += 1) {
      const stream = mux.open({ kind: 'report', refusedGrant: { code: 'GRANT_FORGED', reason: `number ${n}` } });
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.resume().end();
      await closed;
    }
    // What it asks next is answered behind all of them.
    await ask(mux, { kind: 'renew' }, renewAccepted);
    expect(await countOf('grant.refused')).toBeLessThanOrEqual(600);
    mux.close('done');
  });

  it('gets no certificate after certificate (CON-2)', async () => {
    const mux = await gateway.tunnel(await gateway.agent('web-3'));
    await hello(mux);
    const before = await countOf('server.renewed');
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(mux, { kind: 'renew' }, renewAccepted)));
    expect(answers[0]).toMatchObject({ ok: true });
    expect(answers.at(-1)).toMatchObject({ ok: false, error: { code: 'TOO_MANY' } });
    expect((await countOf('server.renewed')) - before).toBe(1);
    mux.close('done');
  });

  it('holds no more than a few tunnels without a hello (CON-3)', async () => {
    const held: Mux[] = [];
    const full = await waitFor(async () => {
      const mux = await gateway.tunnel(agent).catch((error: Error) => error);
      if (mux instanceof Error) return mux;
      held.push(mux);
      return undefined;
    }, 'a tunnel to be refused');
    expect(full.message).toContain('LIMIT_REACHED');
    expect(held.length).toBeLessThanOrEqual(4);
    for (const mux of held) mux.close('done');
    const again = await waitFor(() => gateway.tunnel(agent).catch(() => undefined), 'a tunnel');
    again.close('done');
  });
});
