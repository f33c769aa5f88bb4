// One contract for the store, run over each database that can hold it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, newId } from '@sallyport/core';
import { type Postgres, postgresAbsence, startPostgres } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aChannel, aCode, aDevice, aPerson, aServer, aSession, aToken, facts, random } from './samples.ts';
import { openStore, type Store, type StoreLocation } from './store.ts';

type Backend = {
  readonly name: string;
  absence(): Promise<string | undefined>;
  start(): Promise<{ fresh(): Promise<StoreLocation>; stop(): Promise<void> }>;
};

const sqlite: Backend = {
  name: 'SQLite',
  absence: async () => undefined,
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-store-'));
    let count = 0;
    return {
      fresh: async () => ({ kind: 'sqlite', path: join(folder, String(count++), 'sallyport.db') }),
      stop: () => rm(folder, { recursive: true }),
    };
  },
};

const postgres: Backend = {
  name: 'PostgreSQL',
  absence: postgresAbsence,
  start: async () => {
    const server: Postgres = await startPostgres();
    let count = 0;
    return {
      fresh: async () => ({ kind: 'postgres', url: await server.createDatabase(`contract ${count++}`) }),
      stop: () => server.stop(),
    };
  },
};

describe.each([sqlite, postgres])('the store on $name', (backend) => {
  let absence: string | undefined;
  let running: Awaited<ReturnType<Backend['start']>> | undefined;
  let location: StoreLocation;
  let store: Store;
  const opened: Store[] = [];
  const open = async (): Promise<Store> => {
    const another = expectOk(await openStore(location));
    opened.push(another);
    return another;
  };

  beforeAll(async () => {
    absence = await backend.absence();
    if (absence === undefined) running = await backend.start();
  }, 60_000);
  beforeEach(async (context) => {
    context.skip(absence !== undefined, absence);
    location = await (running?.fresh() ?? Promise.reject(new Error('not started')));
    store = await open();
    return async () => {
      for (const one of opened.splice(0)) await one.close();
    };
  });
  afterAll(() => running?.stop());

  const joined = async (name = 'web') => {
    const token = aToken({ uses: 10, usesLeft: 10 });
    const server = aServer({ name });
    await store.addToken(token);
    expect(await store.join(token.id, server, 1)).toBe('joined');
    return { token, server };
  };
  const enrolled = async (name = 'kim') => {
    const person = aPerson({ name });
    const [code, device] = [aCode(person.id), aDevice(person.id)];
    await store.addPerson(person);
    await store.addCode(code);
    expect(await store.enrol(code, device)).toBe(true);
    return { person, code, device };
  };

  describe('identity', () => {
    it('gives back what was put in, and undefined for what was not (IDN-9)', async () => {
      const { person, device } = await enrolled('김 서연');
      expect(await store.personByName('김 서연')).toEqual(person);
      expect(await store.personById(person.id)).toEqual(person);
      expect(await store.persons()).toEqual([person]);
      expect(await store.devicesOf(person.id)).toEqual([device]);
      expect(await store.deviceById(device.id)).toEqual({ device, person });
      expect(await store.personByName('lee')).toBeUndefined();
      expect(await store.deviceById(newId('device', random))).toBeUndefined();
      expect(await store.codeByHash('none')).toBeUndefined();
    });

    it('rejects a second person of one name', async () => {
      await enrolled('kim');
      await expect(store.addPerson(aPerson({ name: 'kim' }))).rejects.toThrow(/unique/i);
    });

    it('revokes a device once', async () => {
      const { device } = await enrolled();
      expect(await store.revokeDevice(device.id, 5)).toBe(true);
      expect(await store.revokeDevice(device.id, 6)).toBe(false);
      expect((await store.deviceById(device.id))?.device.revokedAt).toBe(5);
    });

    it('lets one of many enrol with a code, at the same time and from two programs (IDN-4)', async () => {
      const [person, other] = [aPerson(), await open()];
      const code = aCode(person.id);
      await store.addPerson(person);
      await store.addCode(code);
      const tries = Array.from({ length: 12 }, (_, at) => (at % 2 ? store : other).enrol(code, aDevice(person.id)));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      expect(await store.devicesOf(person.id)).toHaveLength(1);
      expect((await store.codeByHash(code.hash))?.usedAt).toBeDefined();
    });

    it('refuses a known key, an expired code and the code of another, and leaves the code unused', async () => {
      const { person, device } = await enrolled();
      const other = await enrolled('lee');
      const [fresh, stale] = [aCode(person.id), aCode(person.id, { expiresAt: 2 })];
      await store.addCode(fresh);
      await store.addCode(stale);
      expect(await store.enrol(fresh, aDevice(person.id, { publicKey: device.publicKey }))).toBe(false);
      expect(await store.enrol(fresh, aDevice(other.person.id))).toBe(false);
      expect(await store.enrol(stale, aDevice(person.id, { enrolledAt: 2 }))).toBe(false);
      expect(await store.codeByHash(fresh.hash)).toEqual(fresh);
      expect(await store.devicesOf(person.id)).toEqual([device]);
    });
  });

  describe('enrolment', () => {
    it('gives back servers and tokens (CON-2)', async () => {
      const { token, server } = await joined();
      expect(await store.tokenById(token.id)).toEqual({ ...token, usesLeft: 9 });
      expect(await store.tokens()).toEqual([{ ...token, usesLeft: 9 }]);
      expect(await store.serverById(server.id)).toEqual(server);
      expect(await store.serverByName('web')).toEqual(server);
      expect(await store.servers()).toEqual([server]);
      await store.saw(server.id, 77, facts);
      expect(await store.serverById(server.id)).toEqual({ ...server, facts, lastSeenAt: 77 });
    });

    it('takes no more uses of a token than it has, from two programs at once (CON-2)', async () => {
      const [token, other] = [aToken({ uses: 3, usesLeft: 3 }), await open()];
      await store.addToken(token);
      const tries = Array.from({ length: 10 }, (_, at) =>
        (at % 2 ? store : other).join(token.id, aServer({ name: `s${at}` }), 1),
      );
      const outcomes = await Promise.all(tries);
      expect(outcomes.filter((outcome) => outcome === 'joined')).toHaveLength(3);
      expect(outcomes.filter((outcome) => outcome === 'token-unusable')).toHaveLength(7);
      expect((await store.tokenById(token.id))?.usesLeft).toBe(0);
      expect(await store.servers()).toHaveLength(3);
    });

    it.each([
      ['expired', { expiresAt: 10 }, 10],
      ['revoked', { revokedAt: 5 }, 6],
      ['used up', { usesLeft: 0 }, 1],
    ])('refuses a token that is %s and adds no server (CON-2)', async (_why, change, now) => {
      const token = aToken(change);
      await store.addToken(token);
      expect(await store.join(token.id, aServer(), now)).toBe('token-unusable');
      expect(await store.join(newId('token', random), aServer(), now)).toBe('token-unusable');
      expect(await store.servers()).toEqual([]);
    });

    it('refuses a taken name and a taken key, and gives the use back (CON-2)', async () => {
      const { token, server } = await joined('web');
      expect(await store.join(token.id, aServer({ name: 'web' }), 1)).toBe('name-taken');
      expect(await store.join(token.id, aServer({ name: 'db', publicKey: server.publicKey }), 1)).toBe('key-taken');
      expect((await store.tokenById(token.id))?.usesLeft).toBe(9);
    });

    it('gives one name to one of many who ask at once', async () => {
      const [token, other] = [aToken({ uses: 20, usesLeft: 20 }), await open()];
      await store.addToken(token);
      const tries = Array.from({ length: 8 }, (_, at) =>
        (at % 2 ? store : other).join(token.id, aServer({ name: 'web' }), 1),
      );
      expect((await Promise.all(tries)).toSorted()).toEqual(['joined', ...Array(7).fill('name-taken')].toSorted());
      expect((await store.tokenById(token.id))?.usesLeft).toBe(19);
    });

    it('frees the name of a revoked server, never its key (CON-2)', async () => {
      const { token, server } = await joined('web');
      expect(await store.revokeServer(server.id, 9)).toBe(true);
      expect(await store.revokeServer(server.id, 10)).toBe(false);
      expect(await store.serverByName('web')).toBeUndefined();
      expect((await store.serverById(server.id))?.revokedAt).toBe(9);
      expect(await store.join(token.id, aServer({ name: 'new', publicKey: server.publicKey }), 1)).toBe('key-taken');
      expect(await store.join(token.id, aServer({ name: 'web' }), 1)).toBe('joined');
    });

    it('revokes a token once', async () => {
      const { token } = await joined();
      expect(await store.revokeToken(token.id, 4)).toBe(true);
      expect(await store.revokeToken(token.id, 5)).toBe(false);
      expect((await store.tokenById(token.id))?.revokedAt).toBe(4);
    });
  });

  describe('sessions', () => {
    const started = async (startedAt: number) => {
      const { person, device } = await enrolled(`p${startedAt}`);
      const { server } = await joined(`s${startedAt}`);
      const session = aSession(person, device, server, startedAt);
      await store.addSession(session);
      return session;
    };

    it('lists sessions newest first, open and ended apart, at most so many (SES-8)', async () => {
      const [first, second, third] = [await started(10), await started(20), await started(30)];
      expect(await store.sessions({ limit: 2 })).toEqual([third, second]);
      expect(await store.endSession(second.id, 25, 'idle')).toBe(true);
      expect(await store.endSession(second.id, 26, 'again')).toBe(false);
      const ended = { ...second, endedAt: 25, endReason: 'idle' };
      expect(await store.sessions({ isOpen: true, limit: 9 })).toEqual([third, first]);
      expect(await store.sessions({ isOpen: false, limit: 9 })).toEqual([ended]);
      expect(await store.sessionById(second.id)).toEqual(ended);
      expect(await store.sessionById(newId('session', random))).toBeUndefined();
    });

    it('ends whatever a crash left open (SES-8)', async () => {
      const [first, second] = [await started(10), await started(20)];
      await store.endSession(first.id, 11, 'left');
      expect(await store.endAllOpen(99, 'crash')).toEqual([second.id]);
      expect(await store.endAllOpen(100, 'crash')).toEqual([]);
      expect((await store.sessionById(first.id))?.endReason).toBe('left');
    });

    it('keeps the channels of sessions, oldest first (REC-1)', async () => {
      const [one, two] = [await started(10), await started(20)];
      const late = aChannel(one.id, { openedAt: 30, kind: 'exec', subject: 'ls -l', hasRecording: true });
      const early = aChannel(two.id, { openedAt: 21 });
      await store.addChannel(late);
      await store.addChannel(early);
      expect(await store.channelsOf([one.id, two.id])).toEqual([early, late]);
      expect(await store.channelsOf([])).toEqual([]);
      expect(await store.closeChannel(late.id, 40, 'exit 0', 'ab'.repeat(32))).toBe(true);
      expect(await store.closeChannel(late.id, 41, 'exit 1', undefined)).toBe(false);
      const closed = { ...late, closedAt: 40, outcome: 'exit 0', recordingHash: 'ab'.repeat(32) };
      expect(await store.channelsOf([one.id])).toEqual([closed]);
    });

    it('rejects a session of a person that does not exist', async () => {
      const { server } = await joined();
      const person = aPerson();
      await expect(store.addSession(aSession(person, aDevice(person.id), server, 1))).rejects.toThrow(/foreign key/i);
    });
  });

  describe('policy', () => {
    it('numbers versions, and adds each number once (POL-7)', async () => {
      const version = (number: number) => ({
        version: number,
        text: `// ${number}`,
        author: 'kim',
        reason: '',
        appliedAt: number,
      });
      expect(await store.latest()).toBeUndefined();
      expect(await store.add(version(1))).toBe(true);
      const other = await open();
      const raced = await Promise.all([store.add(version(2)), other.add(version(2)), store.add(version(2))]);
      expect(raced.filter(Boolean)).toHaveLength(1);
      expect(await store.latest()).toEqual(version(2));
      expect(await store.versions()).toEqual([version(2), version(1)]);
    });
  });

  describe('the workspace', () => {
    const keys = [
      { name: 'ca' as const, sealed: Uint8Array.of(0, 255, 7), certificatePem: 'PEM\n' },
      { name: 'grant' as const, sealed: Uint8Array.of(1), certificatePem: undefined },
    ];

    it('is made once, with its keys, whoever asks at the same time', async () => {
      const other = await open();
      const made = await Promise.all([
        store.create({ name: 'acme', createdAt: 1 }, keys),
        other.create({ name: 'acme', createdAt: 1 }, keys),
      ]);
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await store.workspace()).toEqual({ name: 'acme', createdAt: 1 });
      expect(await store.keys()).toEqual(keys);
    });

    it('is not made when a key cannot be stored', async () => {
      const [ca] = keys;
      await expect(store.create({ name: 'acme', createdAt: 1 }, ca ? [ca, ca] : [])).rejects.toThrow(/unique/i);
      expect(await store.workspace()).toBeUndefined();
      expect(await store.keys()).toEqual([]);
    });
  });

  it('answers a ping while it is open, and rejects once it is closed (OPS-1)', async () => {
    const other = await open();
    await other.ping();
    await other.close();
    await expect(other.ping()).rejects.toThrow();
  });
});
