// The agent on a managed server: joins, runs, tells its state, and looks for what is broken.

export type { DoctorStep, StepName } from './doctor.ts';
export type { Identity } from './identity.ts';
export { type Log, type LogFormat, openLog } from './log.ts';
export {
  type AgentWorld,
  diagnoseHere,
  type JoinRequest,
  joinHere,
  runHere,
  stateFolderOf,
  statusHere,
} from './program.ts';
export { type AgentRefusal, exitStatusOf } from './refusals.ts';
export type { StateFolder } from './state-folder.ts';
export type { AgentStatus } from './status.ts';
export type { AgentState, LinkFailure, StatusFile } from './status-file.ts';
