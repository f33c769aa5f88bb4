// A live development setup: a gateway, an agent and a signed-in person, run from the sources in a throw-away folder, and started again
// whenever a source changes. `sally` in another terminal talks to it with the environment that it prints.

import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from '@sallyport/testkit';

const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'sallyport-dev-'));
const say = (text: string): boolean => process.stderr.write(`${text}\n`);
const settleMs = 200; // editors write a file in several steps

const stack = await Stack.start({
  folder,
  sally: [process.execPath, join(root, 'packages/cli/src/main.ts')],
  onProgress: (what) => say(`  ${what}`),
});
for (const program of [stack.gateway, stack.agent]) program.pipeTo(process.stderr);

say(`
  export XDG_CONFIG_HOME=${join(folder, 'client')}
  alias sally='${process.execPath} ${join(root, 'packages/cli/src/main.ts')}'
  sally ls
  ssh -F ${stack.sshConfig} ${stack.host}

A changed source starts gateway and agent again. Ctrl-C ends it.`);

let pending: NodeJS.Timeout | undefined;
let restarting: Promise<void> = Promise.resolve();
const watcher = watch(join(root, 'packages'), { recursive: true }, (_event, file) => {
  if (!file?.endsWith('.ts') || file.endsWith('.test.ts') || file.includes('node_modules')) return;
  clearTimeout(pending);
  pending = setTimeout(() => {
    restarting = restarting.then(() => restart(file)).catch((error: unknown) => void say(String(error)));
  }, settleMs);
});

async function restart(changed: string): Promise<void> {
  say(`\n${changed} changed: starting again`);
  await stack.stop();
  await stack.startGateway();
  await stack.startAgent();
  for (const program of [stack.gateway, stack.agent]) program.pipeTo(process.stderr);
}

await new Promise<void>((stop) => {
  process.once('SIGINT', () => stop());
  process.once('SIGTERM', () => stop());
});
watcher.close();
await restarting;
await stack.stop();
await rm(folder, { recursive: true, force: true });
