// Each lens, and all of them together, are Machines: the contract of every Machine runs over them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelId, newId, ok, systemClock } from '@sallyport/core';
import { childMachine, machineContract } from '@sallyport/testkit';
import type { Machine } from '../machine.ts';
import { limited } from './limited.ts';
import { type Recorder, recorded } from './recorded.ts';
import { type Supervisor, supervised } from './supervised.ts';

const recorder: Recorder = {
  noted: () => {},
  begin: async () =>
    ok({
      wantsInput: true,
      output: () => {},
      input: () => {},
      resize: () => {},
      full: () => undefined,
      failed: new Promise(() => {}),
      seal: async () => ok(),
    }),
};

let channels = 0;
const channel = (): ChannelId =>
  newId('channel', (count) => {
    channels += 1;
    return new Uint8Array(count).fill(channels);
  });
const supervisor: Supervisor = { opening: async () => ok(channel()), closed: () => {} };

const withLimits = (machine: Machine) =>
  limited(machine, { endsAt: systemClock.now() + 3_600_000, idleMs: 600_000 }, systemClock, () => {});
const withRecorder = (machine: Machine) => recorded(machine, recorder);
const withSupervisor = (machine: Machine) => supervised(machine, supervisor);

const rows: readonly (readonly [string, (machine: Machine) => Machine])[] = [
  ['a child machine', (machine) => machine],
  ['limited', withLimits],
  ['recorded', withRecorder],
  ['supervised', withSupervisor],
  ['all three lenses', (machine) => withSupervisor(withRecorder(withLimits(machine)))],
];

for (const [name, lens] of rows) {
  const make = async () => {
    const home = await mkdtemp(join(tmpdir(), 'sally-lens-'));
    return {
      machine: lens(childMachine({ home })),
      dispose: () => rm(home, { recursive: true, force: true }),
    };
  };
  machineContract(name, make, { hasTerminal: false, hasSftp: true });
}
