// OpenSSH's own regression scripts (Debian: openssh-tests) with the unmodified client, through the SSH door to a real agent.
// SALLY_REGRESS=all runs them without what shortens them; docs/openssh.md has the results.

import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { elsewhere } from './openssh-regress/elsewhere.ts';
import { PortRanges } from './openssh-regress/ports.ts';
import { runScript } from './openssh-regress/run-script.ts';
import { scripts } from './openssh-regress/scripts.ts';
import { areScriptsInstalled, listedScripts, Workshop } from './openssh-regress/workshop.ts';
import { withStack } from './stack.ts';

const isWhole = process.env['SALLY_REGRESS'] === 'all';
// Three times the longest on an idle machine of two cores.
const timeoutMs = 400_000;
const missing = 'openssh-tests or openssh-server is not installed';

const stack = withStack({ tables: '[ssh]\nacceptEnvironment = ["LANG", "LC_*", "_XXX_TEST", "_XXX_TEST_*"]\n' });
const ports = new PortRanges();
let workshop: Workshop | undefined;
beforeAll(async () => {
  if (areScriptsInstalled) workshop = await Workshop.open(join(stack.folder, 'regress'), stack.current, isWhole);
}, 60_000);

it('has a place for every script of OpenSSH: it runs, or there is a reason (SES-2)', async (context) => {
  context.skip(!areScriptsInstalled, missing);
  const placed = [...scripts.map(({ name }) => name), ...Object.keys(elsewhere)];
  expect(placed.toSorted()).toEqual((await listedScripts()).toSorted());
});

describe.concurrent("a regression script of OpenSSH's own", () => {
  it.for(scripts)(
    'passes through the door: $name (SES-1, SES-2)',
    async (script, context) => {
      context.skip(!areScriptsInstalled, missing);
      const { status, connections, report } = await runScript(opened(workshop), script, await ports.next(), timeoutMs);
      expect(status, report).toBe(0);
      expect(connections, 'times that the client came through the door').toBeGreaterThan(0);
    },
    timeoutMs,
  );
});

function opened(place: Workshop | undefined): Workshop {
  if (place === undefined) throw new Error('the workshop is not open');
  return place;
}

it('leaves no session open, and a log that verifies (SES-1, AUD-2)', async (context) => {
  context.skip(!areScriptsInstalled, missing);
  const open = await stack.current.sally(['sessions', 'ls', '--open', '--json']);
  expect(JSON.parse(open.stdout)).toEqual([]);
  expect(await stack.current.sally(['audit', 'verify'])).toMatchObject({ status: 0 });
}, 60_000);
