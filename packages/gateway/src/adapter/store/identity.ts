// Persons, devices and one-time codes in the database.

import type { Kysely } from 'kysely';
import type { IdentityStore } from '../../domain/identity/ports.ts';
import { codeRow, deviceRow, personRow, readOptional, readRow, readRows } from './rows.ts';
import type { Tables } from './schema.ts';
import { allOrNothing, hasChanged } from './transaction.ts';

export function identityStore(db: Kysely<Tables>): IdentityStore {
  return { ...persons(db), ...devices(db), ...codes(db), enrol: enrol(db) };
}

function persons(db: Kysely<Tables>): Pick<IdentityStore, 'addPerson' | 'personByName' | 'personById' | 'persons'> {
  return {
    addPerson: async ({ roles, ...person }) => {
      await db
        .insertInto('person')
        .values({ ...person, roles: JSON.stringify(roles) })
        .execute();
    },
    personByName: async (name) =>
      readOptional(personRow, await db.selectFrom('person').selectAll().where('name', '=', name).executeTakeFirst()),
    personById: async (id) =>
      readOptional(personRow, await db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst()),
    persons: async () => readRows(personRow, await db.selectFrom('person').selectAll().orderBy('name').execute()),
  };
}

function devices(db: Kysely<Tables>): Pick<IdentityStore, 'deviceById' | 'devicesOf' | 'devices' | 'revokeDevice'> {
  return {
    deviceById: async (id) => {
      const device = readOptional(
        deviceRow,
        await db.selectFrom('device').selectAll().where('id', '=', id).executeTakeFirst(),
      );
      if (!device) return undefined;
      const person = await db.selectFrom('person').selectAll().where('id', '=', device.person).executeTakeFirst();
      return { device, person: readRow(personRow, person) };
    },
    devicesOf: async (person) =>
      readRows(
        deviceRow,
        await db
          .selectFrom('device')
          .selectAll()
          .where('person', '=', person)
          .orderBy('enrolledAt')
          .orderBy('id')
          .execute(),
      ),
    devices: async () => {
      const [found, people] = await Promise.all([
        db.selectFrom('device').selectAll().orderBy('enrolledAt', 'desc').orderBy('id').execute(),
        db.selectFrom('person').selectAll().execute(),
      ]);
      const personOf = new Map(readRows(personRow, people).map((person) => [person.id, person]));
      return readRows(deviceRow, found).flatMap((device) => {
        const person = personOf.get(device.person);
        return person ? [{ device, person }] : [];
      });
    },
    revokeDevice: revokeDevice(db),
  };
}

function revokeDevice(db: Kysely<Tables>): IdentityStore['revokeDevice'] {
  return (id, at) =>
    allOrNothing<boolean>(db, async (step, undo) => {
      const revoked = await step
        .updateTable('device')
        .set({ revokedAt: at })
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      if (!hasChanged(revoked)) return undo(false);
      await step
        .updateTable('enrolmentCode')
        .set({ usedAt: at })
        .where('person', '=', step.selectFrom('device').select('person').where('id', '=', id))
        .where('usedAt', 'is', null)
        .execute();
      return true;
    });
}

function codes(db: Kysely<Tables>): Pick<IdentityStore, 'addCode' | 'codeByHash'> {
  return {
    addCode: async (code) => {
      await db
        .insertInto('enrolmentCode')
        .values({ ...code, usedAt: code.usedAt ?? null })
        .execute();
    },
    codeByHash: async (hash) =>
      readOptional(
        codeRow,
        await db.selectFrom('enrolmentCode').selectAll().where('hash', '=', hash).executeTakeFirst(),
      ),
  };
}

function enrol(db: Kysely<Tables>): IdentityStore['enrol'] {
  return (code, device) =>
    allOrNothing<boolean>(db, async (step, undo) => {
      const used = await step
        .updateTable('enrolmentCode')
        .set({ usedAt: device.enrolledAt })
        .where('id', '=', code.id)
        .where('person', '=', device.person)
        .where('usedAt', 'is', null)
        .where('expiresAt', '>', device.enrolledAt)
        .executeTakeFirst();
      if (!hasChanged(used)) return undo(false);
      const added = await step
        .insertInto('device')
        .values({ ...device, revokedAt: device.revokedAt ?? null })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return hasChanged(added) ? true : undo(false);
    });
}
