// What tests of every package share.

export { type ChildMachineOptions, childMachine } from './child-machine.ts';
export { type FakeClock, fakeClock } from './fake-clock.ts';
export {
  execRequest,
  granted,
  lineReader,
  type MachineAbilities,
  type MachineSetup,
  machineContract,
  type Outcome,
  outcomeOf,
} from './machine-contract.ts';
export { type Postgres, postgresAbsence, startPostgres } from './postgres.ts';
export { type Finished, freePort, Running, type RunOptions, run, waitFor } from './program.ts';
export { RawSshClient } from './raw-ssh-client.ts';
export { type SshPeer, type SshPeerOptions, sshPeer } from './ssh-peer.ts';
export { type Sshd, sshdProgram, startSshd } from './sshd.ts';
export { Stack, type StackOptions } from './stack.ts';
