// Who is calling, as proved on this connection. Only the identity service makes one.

import type { DeviceId } from '@sallyport/core';
import type { Party } from '@sallyport/protocol';
import type { Device, Person } from './person.ts';

export type Caller = {
  readonly person: Person;
  readonly device: Device;
  /** The peer's IP address as the gateway's own socket saw it. */
  readonly address: string;
};

/** The caller's part of an audit event. */
export function actorOf(caller: Caller): { actor: Party; device: DeviceId; address: string } {
  return {
    actor: { kind: 'person', id: caller.person.id, name: caller.person.name },
    device: caller.device.id,
    address: caller.address,
  };
}
