// How many refusals of one peer, and of all strangers together, are told one by one: what anybody on the network can cause must not
// fill the disk that every session needs (AUD-6). It must never lose count of what it holds back.

import type { Clock } from '@sallyport/core';
import type { Entry } from './entry.ts';

/** A stranger is known by an address at most; who is known by an id was let in by somebody. */
export type Peer = { readonly kind: 'stranger' | 'known'; readonly id: string };

export interface Flood {
  /** Whether this refusal is told by itself; otherwise it is counted. */
  admits(entry: Entry, peer: Peer): boolean;
  /** One entry for each kind of refusal that was held back; begins anew. */
  drain(): readonly Entry[];
}

const windowMs = 60_000;
/** In a window. An agent that cannot come in tries about six times a minute. */
const mostOf = { stranger: 20, known: 600 } as const;
const mostOfStrangers = 200;

type Held = { readonly like: Entry; refusals: number };

export function createFlood(clock: Clock, onWindowEnd: () => void): Flood {
  let told = new Map<string, number>();
  let toldOfStrangers = 0;
  let held = new Map<string, Held>();
  let isOpen = false;
  const open = () => {
    if (isOpen) return;
    isOpen = true;
    clock.after(windowMs, () => {
      isOpen = false;
      told = new Map();
      toldOfStrangers = 0;
      onWindowEnd();
    });
  };
  const hasRoom = ({ kind, id }: Peer): boolean => {
    if (kind === 'stranger' && toldOfStrangers >= mostOfStrangers) return false;
    const key = `${kind} ${id}`;
    const before = told.get(key) ?? 0;
    if (before >= mostOf[kind]) return false;
    told.set(key, before + 1);
    if (kind === 'stranger') toldOfStrangers += 1;
    return true;
  };
  return {
    admits: (entry, peer) => {
      open();
      if (hasRoom(peer)) return true;
      const kind = `${entry.class} ${entry.action} ${peer.kind}`;
      const like = held.get(kind) ?? { like: entry, refusals: 0 };
      like.refusals += 1;
      held.set(kind, like);
      return false;
    },
    drain: () => {
      const entries = [...held.values()].map(summary);
      held = new Map();
      return entries;
    },
  };
}

function summary({ like, refusals }: Held): Entry {
  return {
    class: like.class,
    actor: { kind: 'unknown', id: 'many' },
    action: like.action,
    resource: { kind: like.resource.kind, id: 'many' },
    decision: 'deny',
    reason: `${refusals} more were refused within a minute, and are counted here`,
    details: { refusals },
  };
}
