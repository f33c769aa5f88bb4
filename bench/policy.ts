// Policy decisions a second and their p99 at 10, 100 and 1,000 policies, beside the engine asked plainly with the text each time.

import { createRequire } from 'node:module';
import { expectOk, parseId } from '@sallyport/core';
import { compilePolicy, type DecisionRequest, decide, policySchema } from '@sallyport/policy';
import { type Measurement, quantile, type Row } from './report.ts';

type PolicyBench = {
  readonly rows: readonly {
    readonly policies: number;
    readonly compileMs: number;
    readonly decisionsPerSecond: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    /** cedar-wasm's isAuthorized with the same policies, schema and question. */
    readonly plainPerSecond: number;
  }[];
};

type PlainCedar = { isAuthorized(call: object): { type: string; response?: { decision: string } } };

export const policyMeasurement: Measurement = {
  name: 'policy',
  about: 'policy decisions beside cedar-wasm asked plainly, with the text each time',
  measure: async () => benchPolicy().rows.flatMap(rowsOf),
};

function rowsOf({
  policies,
  compileMs,
  decisionsPerSecond,
  p50Ms,
  p99Ms,
  plainPerSecond,
}: PolicyBench['rows'][number]): Row[] {
  const of = `${policies} policies`;
  return [
    {
      what: `decisions, ${of}`,
      figure: decisionsPerSecond,
      unit: '/s',
      beside: { who: 'plain cedar-wasm', figure: plainPerSecond },
    },
    // The design asks this of 10,000 policies: what one question costs to hand over to the engine stands against it.
    { what: `decisions, ${of}, by the design`, figure: decisionsPerSecond, unit: '/s', goal: { atLeast: 10_000 } },
    { what: `decision p50, ${of}`, figure: p50Ms, unit: 'ms' },
    { what: `decision p99, ${of}`, figure: p99Ms, unit: 'ms', goal: { atMost: 1 } },
    { what: `compile and validate, ${of}`, figure: compileMs, unit: 'ms' },
  ];
}

const warmUp = 50;

function benchPolicy(decisionsPerRow = 3000, plainBudgetMs = 1500): PolicyBench {
  const rows = [10, 100, 1000].map((policies) => {
    const text = policyText(policies);
    const compileFrom = performance.now();
    const policy = expectOk(compilePolicy(text));
    const compileMs = performance.now() - compileFrom;
    const ask = (): void => {
      if (decide(policy, question).verdict !== 'allow') throw new Error('the bench asks what is allowed');
    };
    for (let round = 0; round < warmUp; round += 1) ask();
    const samples: number[] = [];
    for (let round = 0; round < decisionsPerRow; round += 1) samples.push(timed(ask));
    const spentMs = samples.reduce((sum, sample) => sum + sample, 0);
    return {
      policies,
      compileMs,
      decisionsPerSecond: (decisionsPerRow / spentMs) * 1000,
      p50Ms: quantile(samples, 0.5),
      p99Ms: quantile(samples, 0.99),
      plainPerSecond: plainPerSecond(text, plainBudgetMs),
    };
  });
  return { rows };
}

const question: DecisionRequest = {
  principal: { id: expectOk(parseId('person', 'per_0000000000000001')), name: 'kim', roles: ['member'] },
  action: 'shell',
  resource: {
    kind: 'server',
    id: expectOk(parseId('server', 'srv_0000000000000001')),
    name: 'web',
    labels: { env: 'prod', team: 'pay' },
  },
  context: {
    login: 'deploy',
    door: 'ssh',
    address: '192.0.2.7',
    device: expectOk(parseId('device', 'dev_0000000000000001')),
    now: Date.parse('2026-01-01T12:00:00Z'),
  },
};

/** A team's policies: each about a few powers on the servers of one label, under one login; one of them allows the question. */
function policyText(count: number): string {
  const powers = ['shell', 'exec', 'sftp', 'dial', 'listen'];
  const one = (at: number): string => {
    const [first, second] = [powers[at % 5], powers[(at + 1) % 5]];
    const team = at === 0 ? 'pay' : `team${at}`;
    return `@id("r${at}") permit(
      principal in Sally::Role::"member",
      action in [Sally::Action::"${first}", Sally::Action::"${second}"],
      resource
    ) when { context.login == "deploy" && resource.hasTag("team") && resource.getTag("team") == "${team}" };`;
  };
  return Array.from({ length: count }, (_, at) => one(at)).join('\n');
}

function plainPerSecond(text: string, budgetMs: number): number {
  const require = createRequire(import.meta.resolve('@sallyport/policy'));
  const cedar: PlainCedar = require('@cedar-policy/cedar-wasm/nodejs');
  const { principal, resource, context } = question;
  const [person, server] = [
    { type: 'Sally::Person', id: principal.id },
    { type: 'Sally::Server', id: resource.id },
  ];
  const call = {
    principal: person,
    action: { type: 'Sally::Action', id: question.action },
    resource: server,
    context: {
      ...context,
      address: { __extn: { fn: 'ip', arg: context.address } },
      now: { __extn: { fn: 'datetime', arg: '2026-01-01T12:00:00.000Z' } },
    },
    schema: policySchema,
    validateRequest: true,
    policies: { staticPolicies: text },
    entities: [
      { uid: person, attrs: { name: principal.name }, parents: [{ type: 'Sally::Role', id: 'member' }] },
      { uid: server, attrs: { name: 'web' }, parents: [], tags: { env: 'prod', team: 'pay' } },
    ],
  };
  let asked = 0;
  const from = performance.now();
  while (performance.now() - from < budgetMs) {
    if (cedar.isAuthorized(call).response?.decision !== 'allow') throw new Error('plain Cedar decides otherwise');
    asked += 1;
  }
  return (asked / (performance.now() - from)) * 1000;
}

function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
