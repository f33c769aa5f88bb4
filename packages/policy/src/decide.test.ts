// What is allowed, what is denied, by which rule; and that nothing that goes wrong lets anybody in.
import { powers } from '@sallyport/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyActions, workspaceActions } from './action.ts';
import { decide } from './decide.ts';
import type { DecisionRequest } from './decision.ts';
import { starterPolicy } from './starter.ts';
import { compiled, noon, onServer, onWorkspace, personId, serverId } from './testing/questions.ts';

const permitAll = '@id("all") permit(principal, action, resource);';
const onShell = 'principal, action == Sally::Action::"shell", resource';

describe('the starter policy (POL-1)', () => {
  const starter = compiled(starterPolicy);

  it.each([...powers])('allows %s on a server to owners and administrators, and to nobody else', (power) => {
    const verdictOf = (role: string) => decide(starter, onServer(power, { roles: [role], login: 'root' }));
    expect(verdictOf('owner')).toMatchObject({ verdict: 'allow', rules: ['owners-everything'] });
    expect(verdictOf('administrator')).toMatchObject({ verdict: 'allow', rules: ['administrators-everything'] });
    for (const role of ['auditor', 'approver', 'member', 'Owner', '']) {
      expect(verdictOf(role)).toMatchObject({ verdict: 'deny', rules: ['default-deny'] });
    }
  });

  const reads = ['listServers', 'listSessions', 'playRecording', 'readAudit', 'readPolicy'];
  it.each([
    ['owner', workspaceActions],
    ['administrator', workspaceActions],
    ['auditor', reads],
    ['member', ['listServers', 'createCode']],
    ['approver', []],
  ] as const)('lets %s do exactly its part in the workspace (IDN-9)', (role, allowed: readonly string[]) => {
    const mayDo = workspaceActions.filter((action) => decide(starter, onWorkspace(action, [role])).verdict === 'allow');
    expect(mayDo).toEqual(workspaceActions.filter((action) => allowed.includes(action)));
  });

  it('names every rule that decided', () => {
    const both = onServer('shell', { roles: ['owner', 'administrator'] });
    expect(decide(starter, both)).toEqual({
      verdict: 'allow',
      rules: ['administrators-everything', 'owners-everything'],
      why: 'permitted by administrators-everything, owners-everything',
      errors: [],
    });
  });

  it('compiles as well with its example taken in (POL-3)', () => {
    const [before = '', example = ''] = starterPolicy.split('from the lines below:\n//\n');
    const policy = compiled(`${before}\n${example.replaceAll(/^\/\/ ?/gm, '')}`);
    const staging = { login: 'deploy', labels: { env: 'staging' } };
    expect(decide(policy, onServer('shell', staging)).rules).toEqual(['members-deploy-staging']);
    expect(decide(policy, onServer('shell', { ...staging, address: '198.51.100.1' })).verdict).toBe('deny');
    expect(decide(policy, onServer('dial', staging)).verdict).toBe('deny');
  });
});

describe('conditions (POL-2)', () => {
  it.each([
    [
      'a label',
      'resource.hasTag("env") && resource.getTag("env") == "prod"',
      { labels: { env: 'prod' } },
      { labels: { env: 'dev' } },
    ],
    ['a label that is absent', 'resource.hasTag("env")', { labels: { env: '' } }, { labels: {} }],
    [
      'a label with a name from JavaScript',
      'resource.hasTag("constructor")',
      { labels: { constructor: 'x' } },
      { labels: {} },
    ],
    ['the login', 'context.login == "deploy"', { login: 'deploy' }, { login: 'root' }],
    ['the door', 'context.door == "ssh"', { door: 'ssh' }, { door: 'client' }],
    ['the device', 'context.device like "dev_*1"', {}, { device: 'dev_0000000000000002' as never }],
    ['the server', 'resource.name like "web*"', { server: 'web-3' }, { server: 'db' }],
    ['the person', 'principal.name == "김 서연"', { name: '김 서연' }, { name: '김 서여' }],
    ['the time', 'context.now < datetime("2026-03-02T12:00:00.001Z")', { now: noon }, { now: noon + 1 }],
    [
      'the hour',
      'context.now.toTime() >= duration("9h") && context.now.toTime() < duration("18h")',
      { now: noon },
      { now: noon + 6 * 3_600_000 },
    ],
    [
      'where it leads',
      'context has destination && context.destination like "*:5432"',
      { destination: 'db:5432' },
      { destination: 'db:22' },
    ],
    ['where it leads, not said', 'context has destination', { destination: '' }, {}],
    [
      'an IPv4 range',
      'context.address.isInRange(ip("192.0.2.0/24"))',
      { address: '192.0.2.255' },
      { address: '192.0.3.0' },
    ],
    [
      'an IPv4 range, mapped',
      'context.address.isInRange(ip("192.0.2.0/24"))',
      { address: '::ffff:192.0.2.9' },
      { address: '::ffff:192.0.3.9' },
    ],
    [
      'an IPv4 range, mapped in hex',
      'context.address.isInRange(ip("192.0.2.0/24"))',
      { address: '::FFFF:c000:0209' },
      { address: '::c000:0209' },
    ],
    [
      'an IPv6 range',
      'context.address.isInRange(ip("2001:db8::/32"))',
      { address: '2001:DB8:0::1' },
      { address: '2001:db9::1' },
    ],
    [
      'a link-local address',
      'context.address.isInRange(ip("fe80::/10"))',
      { address: 'fe80::1%eth0' },
      { address: 'fd00::1' },
    ],
  ])('know %s (POL-8)', (_what, condition, holds, doesNot) => {
    const policy = compiled(`@id("it") permit(${onShell}) when { ${condition} };`);
    expect(decide(policy, onServer('shell', holds))).toMatchObject({ verdict: 'allow', rules: ['it'] });
    expect(decide(policy, onServer('shell', doesNot))).toMatchObject({
      verdict: 'deny',
      rules: ['default-deny'],
      errors: [],
    });
  });

  it('know persons and servers by their ids', () => {
    const policy = compiled(
      `@id("one") permit(principal == Sally::Person::"${personId}", action, resource == Sally::Server::"${serverId}");`,
    );
    expect(decide(policy, onServer('exec')).verdict).toBe('allow');
    expect(decide(policy, onWorkspace('readAudit')).verdict).toBe('deny');
  });
});

describe('a forbid (POL-1)', () => {
  const policy = compiled(`${permitAll} @id("no-root") forbid(${onShell}) when { context.login == "root" };
    @id("no-prod") forbid(principal, action, resource is Sally::Server) when { resource.hasTag("env") && resource.getTag("env") == "prod" };`);

  it('wins over every permit, and is named', () => {
    const denied = decide(policy, onServer('shell', { login: 'root', labels: { env: 'prod' } }));
    expect(denied).toEqual({
      verdict: 'deny',
      rules: ['no-prod', 'no-root'],
      why: 'forbidden by no-prod, no-root',
      errors: [],
    });
  });

  it('forbids nothing else', () => {
    expect(decide(policy, onServer('exec', { login: 'root' })).verdict).toBe('allow');
    expect(decide(policy, onWorkspace('readAudit')).rules).toEqual(['all']);
  });
});

describe('what cannot be decided is denied (POL-1)', () => {
  const overflows = '9223372036854775807 + 1 > 0';
  const evaluationError = {
    verdict: 'deny',
    rules: ['evaluation-error'],
    why: expect.stringMatching(/^evaluation error: /),
  };

  it('a forbid that fails does not fail open', () => {
    const policy = compiled(`${permitAll} @id("no") forbid(${onShell}) when { ${overflows} };`);
    const denied = decide(policy, onServer('shell', { roles: ['owner'] }));
    expect(denied).toMatchObject(evaluationError);
    expect(denied.errors).toEqual([expect.stringMatching(/^no: .*overflow/)]);
    expect(decide(policy, onServer('exec')).verdict).toBe('allow');
  });

  it('a permit that fails is not passed over for another that allows', () => {
    const policy = compiled(`${permitAll} @id("fails") permit(${onShell}) when { ${overflows} };`);
    expect(decide(policy, onServer('shell'))).toMatchObject(evaluationError);
  });

  it.each<[string, object]>([
    ['an address that is none', { address: 'localhost' }],
    ['an address range', { address: '0.0.0.0/0' }],
    ['an empty address', { address: '' }],
    ['a time that is none', { now: Number.NaN }],
    ['a login of another type', { login: 7 }],
    ['no login', { login: undefined }],
    ['an attribute too many', { labels: { a: 1 } }],
  ])('%s in the question', (_what, change) => {
    expect(decide(compiled(permitAll), onServer('shell', change))).toMatchObject(evaluationError);
  });

  it.each([
    ['an action that is not in the schema', { ...onServer('shell'), action: 'reboot' }],
    ['a power on the workspace', { ...onWorkspace('readAudit'), action: 'shell' }],
    ['an action of the workspace on a server', { ...onServer('shell'), action: 'applyPolicy' }],
    ['an action named by JavaScript', { ...onServer('shell'), action: '__proto__' }],
    ['a question without a principal', { ...onServer('shell'), principal: undefined }],
  ])('%s', (_what, request) => {
    expect(decide(compiled(permitAll), request as unknown as DecisionRequest)).toMatchObject(evaluationError);
  });

  it('everything, when there is no policy', () => {
    const nothing = compiled('// nothing yet\n');
    const anyWord = fc.string({ unit: 'grapheme', maxLength: 40 });
    const anyQuestion = fc.record({
      action: fc.constantFrom(...policyActions),
      words: fc.record({ login: anyWord, door: anyWord, destination: anyWord, name: anyWord, server: anyWord }),
      roles: fc.array(fc.oneof(anyWord, fc.constant('owner'))),
      labels: fc.dictionary(anyWord, anyWord),
      address: fc.oneof(fc.ipV4(), fc.ipV6(), anyWord),
    });
    fc.assert(
      fc.property(anyQuestion, ({ action, words, roles, labels, address }) => {
        const power = powers.find((name) => name === action);
        const onIt = workspaceActions.find((name) => name === action);
        const asked = power
          ? onServer(power, { ...words, roles, labels, address })
          : onIt && onWorkspace(onIt, roles, address);
        expect(asked && decide(nothing, asked).verdict).toBe('deny');
      }),
      { numRuns: 300 },
    );
  });
});

describe('replacing a policy', () => {
  it('takes effect at once, and two policies do not get mixed up (SES-7)', () => {
    const [open, closed, none] = [compiled(permitAll), compiled(`@id("none") forbid(${onShell});`), compiled('')];
    for (let round = 0; round < 3; round += 1) {
      expect(decide(open, onServer('shell')).rules).toEqual(['all']);
      expect(decide(closed, onServer('shell')).rules).toEqual(['none']);
      expect(decide(none, onServer('shell')).rules).toEqual(['default-deny']);
    }
  });

  it('again and again keeps memory flat (OPS-1)', () => {
    const many = (round: number) =>
      Array.from(
        { length: 40 },
        (_, at) => `@id("r${round}-${at}") permit(${onShell}) when { context.login == "l${round}-${at}" };`,
      ).join('\n');
    const replace = (from: number, rounds: number): number => {
      for (let round = from; round < from + rounds; round += 1) decide(compiled(many(round)), onServer('shell'));
      return process.memoryUsage().external;
    };
    const warm = replace(0, 10);
    // Under a new name each time it would be 10 MB.
    expect(replace(10, 40) - warm).toBeLessThan(2 * 1024 * 1024);
  });
});
