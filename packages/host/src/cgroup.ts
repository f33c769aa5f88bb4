// Control groups (cgroups(7), version 2): what a session starts cannot leave its group, so its end is certain.
// No limit is set here. A hybrid of versions 1 and 2 serves as well.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { run } from './command.ts';
import { signalQuietly, textOf } from './proc.ts';
import type { ProcessTree } from './process-tree.ts';

export type CgroupRoot = { readonly folder: string /** cgroup.kill: Linux 5.14 */; readonly canKill: boolean };

const name = 'sallyport';
const maxTries = 5;

/** Where this agent may make groups and put its children; undefined if nowhere. Tried with a real child, not guessed from modes. */
export async function findCgroupRoot(sh: string): Promise<CgroupRoot | undefined> {
  const own = /^0::(\/.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1];
  const mount = cgroup2Mount(textOf('/proc/self/mountinfo'));
  if (own === undefined || mount === undefined) return undefined;
  const folder = `${mount}${own === '/' ? '' : own}/${name}`;
  const trial = `${folder}/trial-${randomBytes(6).toString('hex')}`;
  if (!makeFolder(folder, trial)) return undefined;
  const entered = await run(sh, ['-c', 'echo 0 > "$1"', name, `${trial}/cgroup.procs`]);
  const canKill = existsSync(`${trial}/cgroup.kill`);
  removeFolder(trial);
  removeFolder(folder);
  return entered.ok && entered.value.status === 0 ? { folder, canKill } : undefined;
}

/** The mount point of cgroup2, in the words of proc_pid_mountinfo(5). */
export function cgroup2Mount(mountinfo: string): string | undefined {
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point] = before.split(' ');
    if (after.startsWith('cgroup2 ') && root === '/' && point) return point;
  }
  return undefined;
}

export type CgroupTree = ProcessTree & {
  /** Write 0 to it to enter. */
  readonly procsFile: string;
  child(label: string): CgroupTree | undefined;
};

export function cgroupTree(root: CgroupRoot, label: string): CgroupTree | undefined {
  const folder = `${root.folder}/${label}`;
  if (!makeFolder(root.folder, folder)) return undefined;
  return {
    procsFile: `${folder}/cgroup.procs`,
    child: (childLabel) => cgroupTree({ ...root, folder }, childLabel),
    members: () => membersOf(folder),
    killAll: () => {
      if (root.canKill) writeQuietly(`${folder}/cgroup.kill`, '1');
      else for (const pid of membersOf(folder)) signalQuietly(pid, 'SIGKILL');
    },
    release: () => {
      for (const inner of foldersIn(folder)) removeFolder(`${folder}/${inner}`);
      removeFolder(folder);
      // The last one out takes the common folder along; it stays while others use it.
      removeFolder(root.folder);
      return !existsSync(folder);
    },
  };
}

function membersOf(folder: string): number[] {
  const own = textOf(`${folder}/cgroup.procs`).split('\n').filter(Boolean).map(Number);
  return [...own, ...foldersIn(folder).flatMap((inner) => membersOf(`${folder}/${inner}`))];
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

// Another session may remove the common folder between our making it and the one inside it. Node's recursive mkdir is no help: where
// a file system answers ENOENT in a folder that exists, as these do, it tries for ever.
function makeFolder(parent: string, folder: string): boolean {
  for (let tries = 0; tries < maxTries; tries += 1) {
    if (!existsSync(parent)) makeOne(parent);
    if (makeOne(folder)) return true;
  }
  return false;
}

function makeOne(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody is still in it, or it is gone already.
  }
}

function writeQuietly(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch {
    // The group is gone, and so is everything in it.
  }
}
