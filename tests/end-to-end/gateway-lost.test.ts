// The gateway goes away: what was acknowledged is kept, the agent comes back by itself, and the host is not disturbed.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Running, waitFor } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import { withStack } from './stack.ts';

const stack = withStack();

async function storedEvents(): Promise<{ class: string; session?: string; reason?: string }[]> {
  const folder = join(stack.current.folder, 'data', 'audit');
  const segments = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(segments.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line));
}

it('loses no acknowledged event when it is killed in the middle of 50 sessions, and restarts cleanly (AUD-2, CON-8)', async () => {
  const { current } = stack;
  const shells = Array.from(
    { length: 50 },
    () =>
      new Running(
        current.argv([
          'exec',
          `${current.login}@${current.serverName}`,
          '--',
          'sh',
          '-c',
          'echo acknowledged; sleep 120',
        ]),
        { env: current.env() },
      ),
  );
  await Promise.all(shells.map((shell) => shell.until(/acknowledged/, 60_000)));
  current.gateway.child.kill('SIGKILL');
  await current.gateway.exited;
  const opened = (await storedEvents()).filter((event) => event.class === 'channel.opened');
  // Output came back for each: its record had to be durable before.
  expect(opened.length).toBeGreaterThanOrEqual(50);
  await Promise.all(shells.map((shell) => shell.exited));

  const gaps = await waitFor(
    () => {
      const found = [...current.agent.output.matchAll(/"retryInMs":(\d+)/g)].map(([, gap]) => Number(gap));
      return found.length >= 4 ? found : undefined;
    },
    'the agent to retry four times',
    60_000,
  );
  expect(new Set(gaps).size).toBeGreaterThan(1);

  await current.startGateway();
  await current.untilOnline();
  const ended = (await storedEvents()).filter((event) => event.reason === 'the gateway stopped without ending it');
  expect(ended).toHaveLength(50);
  expect(JSON.parse((await current.sally(['sessions', 'ls', '--open', '--json'])).stdout)).toEqual([]);
  expect(await current.sally(['audit', 'verify'])).toMatchObject({ status: 0 });
  const again = await current.ssh([current.host, 'echo back']);
  expect(again).toMatchObject({ status: 0, stdout: 'back\n' });
}, 180_000);

it('ends what a lost session had started on the server (SES-1)', async () => {
  const { current } = stack;
  const marker = `sleep 7${String(process.pid).padStart(7, '0')}`;
  const shell = new Running(current.sshArgv([current.host, `setsid ${marker} & echo started; wait`]), {
    env: current.env(),
  });
  await shell.until(/started/);
  expect(await running(marker)).toBe(true);
  await shell.stop();
  await waitFor(async () => ((await running(marker)) ? undefined : true), `${marker} to be ended`);
}, 60_000);

async function running(command: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.some((line) => line.replaceAll('\0', ' ').trim() === command);
}
