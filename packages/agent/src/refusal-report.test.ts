// A gateway that sends refused grants without end, to a real agent over a real tunnel.

import { generateKeyPairSync } from 'node:crypto';
import { systemClock } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { fakeClock } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { openLog } from './log.ts';
import { refusalReports } from './refusal-report.ts';
import { AgentUnderTest, grantFor, open } from './testing/agent-under-test.ts';
import { GatewayStandIn } from './testing/gateway-stand-in.ts';

const forged: Refusal = { code: 'GRANT_FORGED', message: 'not ours', rule: 'grant.signature', hint: 'none' };
const replayed: Refusal = { code: 'GRANT_REPLAYED', message: 'used', rule: 'grant.once', hint: 'none' };

describe('refused grants', () => {
  it('are told each at first, then counted, minute by minute (CON-8, AUD-6)', async () => {
    const clock = fakeClock();
    const lines: Record<string, unknown>[] = [];
    const reports = refusalReports(
      clock,
      openLog({ write: (line) => lines.push(JSON.parse(line)), format: 'json', clock }),
    );
    const told = Array.from({ length: 1000 }, () => reports.refused(forged)).filter(Boolean);
    expect(told).toHaveLength(10);
    expect(reports.refused(replayed)).toBe(false);
    await clock.advance(60_000);
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toMatchObject({
      msg: 'more grants were refused',
      count: 991,
      GRANT_FORGED: 990,
      GRANT_REPLAYED: 1,
    });
    expect(reports.refused(forged)).toBe(true);
    await clock.advance(120_000);
    expect(lines).toHaveLength(12);
    expect(clock.pendingTimers).toBe(0);
  });

  it('of a hostile gateway fill no log of the agent, and no answer is left out (CON-8)', async () => {
    const gateway = await GatewayStandIn.start(systemClock);
    const agent = await new AgentUnderTest(systemClock).join(gateway);
    try {
      void agent.run();
      const arrival = await gateway.arrival();
      const stranger = Object.assign(Object.create(gateway), { grantKey: generateKeyPairSync('ed25519') });
      for (let n = 0; n < 100; n += 1) {
        const grant = grantFor(stranger, arrival, systemClock.now());
        expect(await open(arrival, grant)).toMatchObject({ ok: false, error: { code: 'GRANT_FORGED' } });
      }
      expect(agent.lines.filter((line) => line['msg'] === 'a grant was refused')).toHaveLength(10);
      expect(gateway.reports.length).toBeLessThanOrEqual(10);
    } finally {
      await agent.stop();
      await gateway.vanish();
    }
  });
});
