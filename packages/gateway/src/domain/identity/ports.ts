// What identity needs of a store. Every method is one transaction; a failing store rejects, and access is refused.

import type { DeviceId, EpochMs, PersonId } from '@sallyport/core';
import type { Device, EnrolmentCode, Person } from './person.ts';

export interface IdentityStore {
  addPerson(person: Person): Promise<void>;
  personByName(name: string): Promise<Person | undefined>;
  personById(id: PersonId): Promise<Person | undefined>;
  persons(): Promise<readonly Person[]>;
  deviceById(id: DeviceId): Promise<{ device: Device; person: Person } | undefined>;
  devicesOf(person: PersonId): Promise<readonly Device[]>;
  /** Of everybody, with whose they are; newest first. */
  devices(): Promise<readonly { device: Device; person: Person }[]>;
  /** Revokes the device, and every unused code of its person: one of them may have been made with it. */
  revokeDevice(id: DeviceId, at: EpochMs): Promise<boolean>;
  addCode(code: EnrolmentCode): Promise<void>;
  codeByHash(hash: string): Promise<EnrolmentCode | undefined>;
  /** Marks the code used and adds the device, both or neither. False when the code was used meanwhile or the key is known already. */
  enrol(code: EnrolmentCode, device: Device): Promise<boolean>;
}
