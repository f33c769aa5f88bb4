// Which processes belong to a session where there is no cgroup: real ones.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { leaderOf, markedTree } from './process-tree.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

/** Leads a session of its own, as a service of the host does. */
async function sleeper(): Promise<number> {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

describe('a session without a cgroup', () => {
  it('has the process that leads it (SES-1)', async () => {
    const pid = await sleeper();
    const leader = leaderOf(pid);
    expect(markedTree('no-such-mark', () => [leader]).members()).toEqual([pid]);
  });

  it('does not end a process of somebody else that got the number of one of its own (CON-8)', async () => {
    const pid = await sleeper();
    const { startedAtTicks } = leaderOf(pid);
    const gone = { pid, startedAtTicks: String(Number(startedAtTicks) - 1) };
    const tree = markedTree('no-such-mark', () => [gone]);
    expect(tree.members()).toEqual([]);
    tree.killAll();
    expect(leaderOf(pid).startedAtTicks).toBe(startedAtTicks);
  });
});
