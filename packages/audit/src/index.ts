// The audit log: what happened, in order, so that nobody can alter it unseen.

export { type Checkpoint, readCheckpoint } from './checkpoint.ts';
export { type AuditFailure, type AuditFailureCode, auditFailureCodes } from './failure.ts';
export type { AuditEntry } from './line.ts';
export type { AuditLog, AuditLogOptions, SignedCheckpoint } from './log.ts';
export type { LogSource } from './log-source.ts';
export { openAuditLog } from './open.ts';
export {
  type ConsistencyProof,
  consistencyProof,
  type InclusionProof,
  inclusionProof,
  type Trust,
  verifyConsistencyProof,
  verifyInclusionProof,
} from './proof.ts';
export { followAuditFolder, readAuditFolder } from './read.ts';
export type { Recovered } from './recover.ts';
export type { Bad, BadKind, VerifyReport } from './report.ts';
export { parseVerifierKey, type SigningKey, verifierKeyText } from './signed-note.ts';
export { type VerifyOptions, verifyAuditLog } from './verify.ts';
