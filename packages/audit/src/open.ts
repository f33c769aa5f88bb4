// Opens an audit log: takes the lock, checks what is there, recovers what a crash tore, and signs the first checkpoint of a new log.
// A log that does not check must never be opened for writing.

import { mkdir } from 'node:fs/promises';
import { err, ok, type Result } from '@sallyport/core';
import { isOrigin, signCheckpoint } from './checkpoint.ts';
import { type AuditFailure, diskFailure, failure } from './failure.ts';
import { type Lock, lockFolder } from './lock.ts';
import type { AuditLog, AuditLogOptions } from './log.ts';
import { LogFiles } from './log-files.ts';
import { rootOf } from './merkle.ts';
import { OpenLog } from './open-log.ts';
import { recoverLog } from './recover.ts';

const defaultSegmentBytes = 33_554_432;

/** Opens or makes the log in the folder. A log that was altered is refused, with the place. */
export async function openAuditLog(options: AuditLogOptions): Promise<Result<AuditLog, AuditFailure>> {
  if (!isOrigin(options.origin)) {
    const hint = 'use HOST/WORKSPACE, such as sally.example.com/acme';
    return err(failure('BAD_OPTION', 'the origin of an audit log has no spaces and no plus', hint));
  }
  try {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const lock = await lockFolder(options.folder);
    if (!lock.ok) return lock;
    const log = await openLocked(options, lock.value).catch((error: unknown) =>
      err(diskFailure(error, options.folder)),
    );
    if (!log.ok) lock.value.release();
    return log;
  } catch (error) {
    return err(diskFailure(error, options.folder));
  }
}

async function openLocked(options: AuditLogOptions, lock: Lock): Promise<Result<AuditLog, AuditFailure>> {
  const { folder, origin, signingKey, clock } = options;
  const found = await recoverLog({ folder, origin, publicKey: signingKey.publicKey, nowMs: clock.now() });
  if (!found.ok) return found;
  const { position, frontier, checkpoint } = found.value;
  const files = await LogFiles.open(folder, options.segmentBytes ?? defaultSegmentBytes, position);
  if (checkpoint) return ok(new OpenLog(options, found.value, files, lock));
  // Every log has a checkpoint from its first moment on, so that a missing one is a sign.
  const first = { origin, size: frontier.size, root: rootOf(frontier) };
  const note = signCheckpoint(first, signingKey);
  try {
    await files.storeCheckpoint(Buffer.from(note));
  } catch (error) {
    await files.close();
    throw error;
  }
  return ok(new OpenLog(options, { ...found.value, checkpoint: { ...first, note } }, files, lock));
}
