// One run of one script, in a port range of its own, and nothing left running after it.

import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Finished, run } from '@sallyport/testkit';
import type { Script } from './scripts.ts';
import { logsOf, type Workshop } from './workshop.ts';

export type Outcome = Finished & { readonly connections: number; readonly logs: string; readonly tookMs: number };

export async function runScript(workshop: Workshop, script: Script, timeoutMs: number): Promise<Outcome> {
  const { source, work } = await workshop.prepare(script);
  const env = workshop.environment(work, await freePortRange());
  const startedAt = performance.now();
  try {
    const done = await run(['sh', join(source, 'test-exec.sh'), work, join(source, `${script.name}.sh`)], {
      env,
      cwd: work,
      timeoutMs,
    });
    const connections = (await readFile(join(work, 'door.log'), 'utf8')).split('\n').length - 1;
    return { ...done, connections, logs: await logsOf(work), tookMs: performance.now() - startedAt };
  } finally {
    await endLeftovers(work);
  }
}

// Scripts end what they start; those that fail do not.
async function endLeftovers(work: string): Promise<void> {
  const sshd = Number(await readFile(join(work, 'pidfile'), 'utf8').catch(() => ''));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const isOurs = environment.split('\0').includes(`TMPDIR=${work}`);
    if (isOurs || pid === sshd) end(pid);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

// Below the ports that the system gives to outgoing connections; each run takes a hundred.
const [firstRange, rangeCount] = [200, 120];

async function freePortRange(): Promise<number> {
  for (;;) {
    const base = (firstRange + Math.floor(Math.random() * rangeCount)) * 100;
    if (taken.has(base)) continue;
    taken.add(base);
    const used = [1, 2, 3, 4, 20, 21, 90, 91, 92];
    const isFree = await Promise.all(used.map((offset) => canListen(base + offset)));
    if (isFree.every((free) => free)) return base;
  }
}

const taken = new Set<number>();

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
