// The links of devices that are connected now: counted, and cut when their device is revoked.
// A link must be in here before its device is looked at again, so that a revocation finds it or is found by it.

import type { Clock, DeviceId, PersonId } from '@sallyport/core';
import type { Caller } from './caller.ts';

/** A Mux is one. */
type DeviceLink = { readonly closed: Promise<string>; close(reason: string): void };

export interface DeviceLinks {
  readonly size: number;
  countOf(owner: DeviceId | PersonId): number;
  /** Takes a proven link in; returns whether it is still one that may open sessions. */
  attach(caller: Caller, link: DeviceLink): () => boolean;
  /** The links of the device open nothing from now on; they close once their sessions could say why they ended. */
  cut(device: DeviceId, reason: string): void;
  closeAll(reason: string): void;
}

// Sessions that end say so in the terminal; well below the second that a revocation may take.
const lastWordsMs = 300;

type Attached = { readonly device: DeviceId; readonly person: PersonId; readonly link: DeviceLink; isCut: boolean };

export function createDeviceLinks(clock: Clock): DeviceLinks {
  const links = new Set<Attached>();
  const of = (owner: DeviceId | PersonId) =>
    [...links].filter(({ device, person }) => device === owner || person === owner);
  return {
    get size() {
      return links.size;
    },
    countOf: (owner) => of(owner).length,
    attach: (caller, link) => {
      const attached: Attached = { device: caller.device.id, person: caller.person.id, link, isCut: false };
      links.add(attached);
      const gone = () => void links.delete(attached);
      link.closed.then(gone, gone);
      return () => !attached.isCut;
    },
    cut: (device, reason) => {
      const found = of(device);
      for (const attached of found) attached.isCut = true;
      clock.after(lastWordsMs, () => {
        for (const { link } of found) link.close(reason);
      });
    },
    closeAll: (reason) => {
      for (const { link } of links) link.close(reason);
    },
  };
}
