// One run of one script, with ports of its own, and nothing left running after it.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@sallyport/testkit';
import type { Script } from './scripts.ts';
import type { Workshop } from './workshop.ts';

export type Outcome = {
  readonly status: number | null;
  /** How often the client came through the door. */
  readonly connections: number;
  /** What the script said, and on a failure the end of its logs. */
  readonly report: string;
};

const shownBytes = 6_000;

export async function runScript(
  workshop: Workshop,
  script: Script,
  firstPort: number,
  timeoutMs: number,
): Promise<Outcome> {
  const bench = await workshop.prepare(script);
  const env = workshop.environment(bench.work, firstPort);
  try {
    const done = await run(['sh', bench.frame, bench.work, bench.script], { env, cwd: bench.work, timeoutMs });
    const said = `${done.stdout}${done.stderr}`;
    return {
      status: done.status,
      connections: (await textOf(bench.work, 'door.log')).split('\n').length - 1,
      report: done.status === 0 ? said : [said, ...(await failureLogs(bench.work))].join('\n---\n'),
    };
  } finally {
    await endLeftovers(bench.work);
  }
}

function failureLogs(work: string): Promise<string[]> {
  const names = ['failed-regress.log', 'failed-ssh.log'];
  return Promise.all(names.map(async (name) => (await textOf(work, name)).slice(-shownBytes)));
}

/** Scripts end what they start; those that fail do not. */
async function endLeftovers(work: string): Promise<void> {
  const sshd = Number(await textOf(work, 'pidfile'));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const isOfThisRun = environment.split('\0').includes(`TMPDIR=${work}`);
    if (isOfThisRun || (pid === sshd && (await isSshdOf(pid, work)))) end(pid);
  }
}

// sshd writes its title over its environment.
async function isSshdOf(pid: number, work: string): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(`${work}/sshd_config`);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function textOf(work: string, name: string): Promise<string> {
  return readFile(join(work, name), 'latin1').catch(() => '');
}
