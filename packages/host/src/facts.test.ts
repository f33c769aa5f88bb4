// What a host tells of itself, checked on this very one.

import { hostname, userInfo } from 'node:os';
import { systemClock } from '@sallyport/core';
import { hostFacts as factsOnWire } from '@sallyport/protocol';
import { describe, expect, it } from 'vitest';
import { hostCapabilities, hostFacts } from './facts.ts';
import { prepareHost } from './host.ts';

describe('what a host tells of itself', () => {
  it('passes the check of the gateway (CON-1)', () => {
    const facts = hostFacts({ agentVersion: '0.1.0', labels: { env: 'test' } });
    expect(factsOnWire.safeParse(facts)).toMatchObject({ success: true });
    expect(facts).toMatchObject({ hostname: hostname(), ownLogin: userInfo().username, labels: { env: 'test' } });
  });

  it('names each ability that is missing, with its mend (CON-8)', async () => {
    const host = await prepareHost({ clock: systemClock, handCommand: [] });
    const bare = {
      ...host,
      cgroup: undefined,
      acting: 'as-self',
      tools: { ...host.tools, bash: undefined, sftpServer: undefined },
    } as const;
    const missing = (await hostCapabilities(bare)).filter(({ isOk }) => !isOk);
    expect(missing.map(({ what }) => what)).toEqual(['logins', 'session end', 'sftp-server', 'bash']);
    expect(missing.every(({ hint }) => hint !== undefined)).toBe(true);
  });
});
