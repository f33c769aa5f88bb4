// How often and how many tunnels one server may bring: each costs a handshake, events in the log, and memory until it says hello.
// A server that turned must not wear out what the others need.

import type { Clock, ServerId } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';

/** Tunnels without a hello: one that is just being opened, and some that a broken network left behind. */
const maxUngreeted = 4;
const windowMs = 60_000;
/** An agent that loses its tunnel at once each time waits longer and longer: it comes back some 10 times in a minute. */
const maxInWindow = 60;

export interface Arrivals {
  /** A tunnel of that server begins, unless it is one too many. The returned function is called once it said hello or is gone. */
  begin(server: ServerId): { readonly over: () => void } | Refusal;
}

export function createArrivals(clock: Clock): Arrivals {
  const ungreeted = new Map<ServerId, number>();
  let inWindow = new Map<ServerId, number>();
  let windowEndsMs = 0;
  return {
    begin: (server) => {
      if (clock.monotonicMs() >= windowEndsMs) {
        windowEndsMs = clock.monotonicMs() + windowMs;
        inWindow = new Map();
      }
      const [waiting, arrived] = [ungreeted.get(server) ?? 0, inWindow.get(server) ?? 0];
      if (waiting >= maxUngreeted) return tooMany(`${waiting} tunnels of this server have not said hello yet`);
      if (arrived >= maxInWindow) return tooMany(`this server came ${arrived} times within a minute`);
      ungreeted.set(server, waiting + 1);
      inWindow.set(server, arrived + 1);
      let isOver = false;
      return {
        over: () => {
          if (isOver) return;
          isOver = true;
          const left = (ungreeted.get(server) ?? 1) - 1;
          if (left === 0) ungreeted.delete(server);
          else ungreeted.set(server, left);
        },
      };
    },
  };
}

function tooMany(message: string): Refusal {
  return {
    code: 'LIMIT_REACHED',
    message,
    rule: 'arrivals of one server',
    hint: 'the agent tries again by itself; if it lasts, look at what starts it over and over',
  };
}
