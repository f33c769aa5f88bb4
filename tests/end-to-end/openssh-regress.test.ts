// OpenSSH's own regression scripts (Debian: openssh-tests) with the unmodified client, through the SSH door to a real agent.
// SALLY_REGRESS=all runs them without what shortens them; docs/openssh.md has the results.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { elsewhere } from './openssh-regress/elsewhere.ts';
import { PortRanges } from './openssh-regress/ports.ts';
import { runScript } from './openssh-regress/run-script.ts';
import { scripts } from './openssh-regress/scripts.ts';
import { areScriptsInstalled, listedScripts, Workshop } from './openssh-regress/workshop.ts';
import { withStack } from './stack.ts';

const isWhole = process.env['SALLY_REGRESS'] === 'all';
// Twice what the longest takes on a busy machine. The test waits longer, to tell what the script has said by then.
const scriptTimeoutMs = 400_000;
const testTimeoutMs = scriptTimeoutMs + 20_000;
const missing = 'openssh-tests or openssh-server is not installed';

// Bash reads ~/.bashrc for each command that comes by SSH. What stands there on this machine is no part of the test: it may be slow,
// and say something.
const startFile = join(userInfo().homedir, '.bashrc');
const mayMount = process.getuid?.() === 0 && existsSync('/usr/bin/unshare') && existsSync(startFile);
const hideStartFile = 'mount --bind /dev/null "$0" && exec "$@"';

const stack = withStack({
  tables: '[ssh]\nacceptEnvironment = ["LANG", "LC_*", "_XXX_TEST", "_XXX_TEST_*"]\n',
  ...(mayMount && {
    agentPrefix: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', hideStartFile, startFile],
  }),
});
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

it('has a row in docs/openssh.md for every script, with what is changed and why (SES-2)', async () => {
  const guide = await readFile(join(import.meta.dirname, '../../docs/openssh.md'), 'utf8');
  const rows = guide.split('\n').filter((line) => /^\| `[a-z0-9-]+` \|/.test(line));
  expect(rows).toEqual([
    ...resultRows(),
    ...Object.entries(elsewhere).map(([name, why]) => `| \`${name}\` | ${why} |`),
  ]);
});

function resultRows(): string[] {
  return scripts.map(({ name, seconds, edits = [] }) => {
    const reasons = new Set(edits.map(({ why }) => why));
    return `| \`${name}\` | ${seconds} | ${[...reasons].join('; ')} |`;
  });
}

describe.concurrent("a regression script of OpenSSH's own", () => {
  it.for(scripts)(
    'passes through the door: $name (SES-1, SES-2)',
    { timeout: testTimeoutMs },
    async (script, context) => {
      context.skip(!areScriptsInstalled, missing);
      const { status, connections, report } = await runScript(
        opened(workshop),
        script,
        await ports.next(),
        scriptTimeoutMs,
      );
      expect(status, report).toBe(0);
      expect(connections, 'times that the client came through the door').toBeGreaterThan(0);
    },
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
