// What tests of every package share.

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
