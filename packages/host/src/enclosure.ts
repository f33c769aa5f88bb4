// What holds a session's processes together until its end: a cgroup of its own where there is one, else a mark in the environment.

import { randomBytes } from 'node:crypto';
import type { SessionId } from '@sallyport/core';
import { type CgroupTree, cgroupTree } from './cgroup.ts';
import type { Host } from './host.ts';
import { type Leader, leaderOf, markedTree, markName, type ProcessTree } from './process-tree.ts';

/** One channel's part of the session. */
export type Cell = {
  /** The file a process writes itself into before it becomes the login; '' where there is no cgroup. */
  readonly entrance: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly tree: ProcessTree;
  /** The process whose descendants belong to the cell. */
  lead(pid: number): void;
};

export type Enclosure = {
  readonly tree: ProcessTree;
  /** Undefined when the host cannot make one: then nothing may be started. */
  cell(): Cell | undefined;
};

export function enclosureOf(host: Host, session: SessionId): Enclosure | undefined {
  if (!host.cgroup) return markedEnclosure(session);
  // The same session may be served twice in the life of a host, and an older group may still hold what lingered.
  const group = cgroupTree(host.cgroup, `${session}.${randomBytes(4).toString('hex')}`);
  return group && cgroupEnclosure(group);
}

function cgroupEnclosure(group: CgroupTree): Enclosure {
  let cells = 0;
  return {
    tree: group,
    cell: () => {
      cells += 1;
      const tree = group.child(String(cells));
      return tree && { entrance: tree.procsFile, environment: {}, tree, lead: () => undefined };
    },
  };
}

function markedEnclosure(session: SessionId): Enclosure {
  const mark = `${session}.${randomBytes(16).toString('hex')}.`;
  const leaders: Leader[] = [];
  let cells = 0;
  return {
    tree: markedTree(mark, () => leaders),
    cell: () => {
      cells += 1;
      const own: Leader[] = [];
      const cellMark = `${mark}${cells}.`;
      return {
        entrance: '',
        environment: { [markName]: cellMark },
        tree: markedTree(cellMark, () => own),
        lead: (pid) => {
          const leader = leaderOf(pid);
          own.push(leader);
          leaders.push(leader);
        },
      };
    },
  };
}
