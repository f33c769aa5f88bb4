// Runs scenarios against the real LocalMachine, as root or as one login, on a machine with made-up accounts (bed.sh).
// Each scenario begins and ends with the same descriptors, cgroups and processes.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';

export const isRoot = process.getuid?.() === 0;

/** The made-up logins; `dana` is the ordinary one. */
export const uids = { dana: 64101, erin: 64102 } as const;
export const groupIds = { builders: 64201, readers: 64202 } as const;

const passwd = (folder: string) => `root:x:0:0:root:/root:/bin/bash
dana:x:64101:64101:Dana:${folder}/dana:/bin/bash
erin:x:64102:64102:Erin:${folder}/no-such-home:/bin/sh
locked:x:64103:64103::/:/bin/sh
expired:x:64104:64104::/:/bin/sh
shell-less:x:64105:64105::/:${folder}/no-such-shell
falsy:x:64106:64106::/:/bin/false
nologin:x:64107:64107::/:/usr/sbin/nologin
jailed:x:64108:64108::/:${folder}/jail
minus-one:x:4294967295:64109::/:/bin/sh
`;
const group = `root:x:0:
tty:x:5:
dana:x:64101:
erin:x:64102:
builders:x:64201:dana,erin
readers:x:64202:dana
others:x:64203:erin
`;
const shadow = `root:*:19000:0:99999:7:::
dana:*:19000:0:99999:7:::
locked:!:19000:0:99999:7:::
expired:*:19000:0:99999:7::19001:
`;
const limits = `dana soft nofile 200
dana hard nofile 300
@builders hard nproc 4321
@builders soft nproc 4321
`;
const jail = '#!/bin/sh\necho "jail $*"\nexit 3\n';

/** What the bed is asked, over IPC. */
export const scenarioCall = z.strictObject({ scenario: z.string(), limitMs: z.int() });

export type Bed = { run(scenario: string, limitMs?: number): Promise<void>; close(): void };

/** Nothing is made before the first scenario is asked for. */
export function makeBed(as: 'root' | 'dana'): Bed {
  let folder: string | undefined;
  let child: ChildProcess | undefined;
  return {
    run: (scenario, limitMs = 9_000) => {
      folder ??= layOut();
      child ??= startRunner(folder, as === 'root' ? 0 : uids.dana);
      return ask(child, { scenario, limitMs });
    },
    close: () => {
      if (child?.connected) child.disconnect();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function layOut(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sally-bed-'));
  chmodSync(folder, 0o755);
  for (const [name, text] of Object.entries({ passwd: passwd(folder), group, 'limits.conf': limits, jail })) {
    writeFileSync(join(folder, name), text);
  }
  chmodSync(join(folder, 'jail'), 0o755);
  writeFileSync(join(folder, 'shadow'), shadow, { mode: 0o600 });
  mkdirSync(join(folder, 'dana'), { mode: 0o750 });
  chownSync(join(folder, 'dana'), uids.dana, uids.dana);
  return folder;
}

function startRunner(folder: string, uid: number): ChildProcess {
  const script = new URL('bed.sh', import.meta.url).pathname;
  const runner = new URL('bed-runner.ts', import.meta.url).pathname;
  const program = [process.execPath, '--expose-gc', runner, folder];
  const command = ['--mount', '--propagation', 'private', 'sh', script, folder, String(uid), ...program];
  return spawn('unshare', command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

function ask(child: ChildProcess, call: z.infer<typeof scenarioCall>): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the bed has gone'));
    child.once('exit', onExit);
    child.once('message', (outcome) => {
      child.off('exit', onExit);
      if (outcome === 'passed') resolve();
      else reject(new Error(`in the bed: ${String(outcome)}`));
    });
    child.send(call);
  });
}
