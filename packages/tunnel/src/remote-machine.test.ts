// A Machine through a link, beside the Machine itself: real processes, real sockets, over memory and over real TLS.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, ok, type SessionId } from '@sallyport/core';
import type { Machine } from '@sallyport/session';
import { childMachine, granted, type MachineSetup, machineContract } from '@sallyport/testkit';
import { openSession } from './remote-machine.ts';
import { serveSessions } from './serve-sessions.ts';
import { type CarrierPair, linked, memoryPair, tlsPair, unevenPair } from './testing/mux-pair.ts';

const session: SessionId = newId('session', (bytes) => new Uint8Array(bytes));

async function throughLink(carriers: CarrierPair): Promise<MachineSetup> {
  const home = mkdtempSync(join(tmpdir(), 'sally-machine-'));
  const pair = linked(carriers);
  const local: Machine = childMachine({ home });
  serveSessions(pair.dialler, async () => ok({ accepted: { session, powers: ['exec'], endsAt: 0 }, machine: local }), {
    maxSessions: 4,
    maxChannelsPerSession: 64,
  });
  const opened = granted(await openSession(pair.acceptor, { kind: 'session', grant: 'a.b.c' }));
  return {
    machine: opened.machine,
    dispose: async () => {
      await pair.dispose();
      await local.ended;
      rmSync(home, { recursive: true });
    },
  };
}

const abilities = { hasTerminal: false, hasSftp: false };
machineContract('RemoteMachine over memory', async () => throughLink(await memoryPair()), abilities);
machineContract('RemoteMachine over uneven memory', async () => throughLink(await unevenPair()), abilities);
machineContract('RemoteMachine over wss', async () => throughLink(await tlsPair()), abilities);
