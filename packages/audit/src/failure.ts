// Why the log could not do something. The text names the mend; it never holds what an event said.

import { errorCode, type Refusal } from '@sallyport/core';

export const auditFailureCodes = [
  'EVENT_INVALID',
  'EVENT_TOO_LARGE',
  'QUEUE_FULL',
  'DISK_FULL',
  'DISK_FAILED',
  'LOG_IN_USE',
  'LOG_ALTERED',
  'LOG_UNREADABLE',
  'LOG_CLOSED',
  'BAD_OPTION',
] as const;
export type AuditFailureCode = (typeof auditFailureCodes)[number];
export type AuditFailure = Refusal<AuditFailureCode>;

export function failure(code: AuditFailureCode, message: string, hint: string): AuditFailure {
  return { code, message, rule: ruleOf[code], hint };
}

const ruleOf: Readonly<Record<AuditFailureCode, string>> = {
  EVENT_INVALID: 'AUD-1: documented fields only',
  EVENT_TOO_LARGE: 'AUD-1: one event is at most 1 MiB',
  QUEUE_FULL: 'AUD-6: no event is lost silently',
  DISK_FULL: 'AUD-6: no event is lost silently',
  DISK_FAILED: 'AUD-6: no event is lost silently',
  LOG_IN_USE: 'AUD-2: one writer',
  LOG_ALTERED: 'AUD-2: tamper-evident',
  LOG_UNREADABLE: 'AUD-6: no event is lost silently',
  LOG_CLOSED: 'AUD-6: no event is lost silently',
  BAD_OPTION: 'AUD-2: tamper-evident',
};

// What a full disk, a quota and a file-size limit say: the mend is space, not a new disk.
const outOfSpace = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The failure that an error of the file system means. */
export function diskFailure(error: unknown, folder: string): AuditFailure {
  const code = errorCode(error) ?? 'unknown error';
  if (outOfSpace.has(code)) {
    const hint = `free space on the disk that holds ${folder}, or raise its quota; the log goes on by itself once there is room`;
    return failure('DISK_FULL', `the audit log cannot be written: no space left (${code})`, hint);
  }
  const hint = `check the disk and the mode and owner of ${folder}; the log goes on by itself once it can be written`;
  return failure('DISK_FAILED', `the audit log cannot be written: ${code}`, hint);
}
