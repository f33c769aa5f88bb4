// One writer for a log: SQLite's lock on an empty file. The kernel holds it (fcntl), so a killed gateway leaves nothing stale, two
// starters cannot both win, and it holds between containers that share the disk, where a process id would mean nothing.

import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import { type AuditFailure, diskFailure, failure } from './failure.ts';
import { lockFile } from './segment.ts';

export type Lock = { release(): void };

const sqliteBusy = 5;

export async function lockFolder(folder: string): Promise<Result<Lock, AuditFailure>> {
  // Only the writer needs SQLite; reading and verifying must not load it.
  const { DatabaseSync } = await import('node:sqlite');
  try {
    const database = new DatabaseSync(join(folder, lockFile), { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      throw error;
    }
    return ok({ release: () => database.close() });
  } catch (error) {
    if (!isBusy(error)) return err(diskFailure(error, folder));
    const hint = 'stop the other gateway, or give this one a folder of its own; a log has one writer';
    return err(failure('LOG_IN_USE', `another process is writing the audit log in ${folder}`, hint));
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}
