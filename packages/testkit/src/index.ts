// What tests of every package share.

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
