// A tree of processes that ends as a whole: told to hang up, then to end, then killed. Where there is no cgroup, members are
// found by an unguessable mark in their environment, by descent and by session id.

import { readdirSync } from 'node:fs';
import { type Clock, delay } from '@sallyport/core';
import { signalQuietly, textOf } from './proc.ts';

export interface ProcessTree {
  /** Ids of the live processes in it; the dead that nobody has waited for do not count. */
  members(): readonly number[];
  killAll(): void;
  /** Gives back what the tree holds on the host, and tells whether all is given back; nothing is ended by it. */
  release(): boolean;
}

export type Grace = {
  /** Milliseconds between SIGHUP and SIGTERM. */
  readonly hangUpMs: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly terminateMs: number;
};

const lookEveryMs = 10;
const maxReleaseTries = 100;

/** Resolves when nothing of the tree runs any more. */
export async function endTree(tree: ProcessTree, grace: Grace, clock: Clock): Promise<void> {
  tell(tree, 'SIGHUP');
  // A stopped job has to run to take the hang-up, as the kernel does for an orphaned process group.
  tell(tree, 'SIGCONT');
  if (await emptied(tree, grace.hangUpMs, clock)) return;
  tell(tree, 'SIGTERM');
  if (await emptied(tree, grace.terminateMs, clock)) return;
  while (tree.members().length > 0) {
    tree.killAll();
    await delay(clock, lookEveryMs);
  }
}

/** Releases a tree that has ended: the kernel may need a moment after its last process to let go of a cgroup. */
export async function releaseTree(tree: ProcessTree, clock: Clock): Promise<void> {
  for (let tries = 0; tries < maxReleaseTries && !tree.release(); tries += 1) await delay(clock, lookEveryMs);
}

function tell(tree: ProcessTree, signal: NodeJS.Signals): void {
  for (const pid of tree.members()) signalQuietly(pid, signal);
}

async function emptied(tree: ProcessTree, withinMs: number, clock: Clock): Promise<boolean> {
  const deadline = clock.monotonicMs() + withinMs;
  while (tree.members().length > 0) {
    if (clock.monotonicMs() >= deadline) return false;
    await delay(clock, lookEveryMs);
  }
  return true;
}

/** The variable that marks a session's processes where there is no cgroup. */
export const markName = 'SALLY_SESSION';

/** A process for ever: its number alone becomes another's once it is gone, and root would end that one in its place. */
export type Leader = { readonly pid: number; readonly startedAtTicks: string };

export function leaderOf(pid: number): Leader {
  return { pid, startedAtTicks: readProcess(pid)?.startedAtTicks ?? '' };
}

/** Processes whose environment holds the mark, or that descend from or share the session of one in `leaders`. */
export function markedTree(mark: string, leaders: () => readonly Leader[]): ProcessTree {
  const members = () => markedProcesses(mark, leaders());
  return {
    members,
    killAll: () => {
      for (const pid of members()) signalQuietly(pid, 'SIGKILL');
    },
    release: () => true,
  };
}

function markedProcesses(mark: string, led: readonly Leader[]): number[] {
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => readProcess(Number(entry)) ?? []);
  const startOf = new Map(all.map((one) => [one.pid, one.startedAtTicks]));
  // While anything is left of a session its number is not given out again; where somebody else has it, nothing is.
  const leaders = led
    .filter(({ pid, startedAtTicks }) => (startOf.get(pid) ?? startedAtTicks) === startedAtTicks)
    .map(({ pid }) => pid);
  const inTree = new Set(leaders);
  for (const one of all) if (leaders.includes(one.session) || hasMark(one.pid, mark)) inTree.add(one.pid);
  for (let grown = true; grown; ) {
    const found = all.filter((one) => !inTree.has(one.pid) && inTree.has(one.parent));
    for (const one of found) inTree.add(one.pid);
    grown = found.length > 0;
  }
  return all.filter((one) => inTree.has(one.pid) && !one.isDead).map((one) => one.pid);
}

type ProcessEntry = {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly startedAtTicks: string;
  readonly isDead: boolean;
};

/** Field 22 of proc_pid_stat(5), counted after the closing parenthesis of field 2. */
const startField = 19;

// proc_pid_stat(5): pid (comm) state ppid pgrp session …; comm may hold anything, so fields count from its last parenthesis.
function readProcess(pid: number): ProcessEntry | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, , session] = fields;
  const startedAtTicks = fields[startField];
  if (state === undefined || session === undefined || startedAtTicks === undefined) return undefined;
  const isDead = state === 'Z' || state === 'X';
  return { pid, parent: Number(parent), session: Number(session), startedAtTicks, isDead };
}

function hasMark(pid: number, mark: string): boolean {
  return `\0${textOf(`/proc/${pid}/environ`)}`.includes(`\0${markName}=${mark}`);
}
