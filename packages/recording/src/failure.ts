// Why a recording could not be written or read. The text names the mend and never holds what was recorded.

import { errorCode, type Refusal } from '@sallyport/core';

export type RecordingFailureCode =
  | 'DISK_FULL'
  | 'DISK_FAILED'
  | 'OVERRUN'
  | 'BAD_HEADER'
  | 'FILE_EXISTS'
  | 'NOT_FOUND'
  | 'NOT_A_RECORDING'
  | 'UNSUPPORTED'
  | 'ALTERED';
export type RecordingFailure = Refusal<RecordingFailureCode>;

export function failure(code: RecordingFailureCode, message: string, hint: string): RecordingFailure {
  return { code, message, rule: 'REC-3: hashed as it is written', hint };
}

// What a full disk, a quota and a file-size limit say: the mend is space, not a new disk.
const outOfSpace = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The failure that an error of the file system means. */
export function diskFailure(error: unknown, path: string): RecordingFailure {
  const code = errorCode(error) ?? 'unknown error';
  if (outOfSpace.has(code)) {
    const hint = `free space on the disk that holds ${path}, or raise its quota; sessions can be recorded again at once`;
    return failure('DISK_FULL', `the recording cannot be written: no space left (${code})`, hint);
  }
  if (code === 'EEXIST')
    return failure('FILE_EXISTS', `${path} exists already`, 'a channel is recorded once; look for two of one id');
  if (code === 'ENOENT')
    return failure('NOT_FOUND', `there is no recording ${path}`, 'check the id, and whether it was deleted by a rule');
  if (code === 'ELOOP')
    return failure('DISK_FAILED', `${path} is a link`, 'recordings are plain files; remove the link');
  return failure(
    'DISK_FAILED',
    `the recording cannot be written or read: ${code}`,
    `check the disk, the mode and the owner of ${path}`,
  );
}
