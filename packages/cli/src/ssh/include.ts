// Adds one Include line at the top of ~/.ssh/config, once, and keeps every other byte of it.

import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { err, errorCode, ok, type Result } from '@sallyport/core';
import { type FileProblem, privateFileMode, privateFolderMode, unusable, writeWhole } from '../profile/private-file.ts';

/** Whether the line had to be added. At the top, because an Include inside a Host block holds for that host only. */
export async function addInclude(
  homeFolder: string,
  line: string,
): Promise<Result<{ path: string; isAdded: boolean }, FileProblem>> {
  const folder = join(homeFolder, '.ssh');
  const named = join(folder, 'config');
  try {
    await mkdir(folder, { recursive: true, mode: privateFolderMode });
    // Where the file is a symbolic link into a folder of dotfiles, the file behind it changes and the link stays.
    const path = await realpath(named).catch(() => named);
    const old = await readFile(path, 'utf8').catch(absentIsEmpty);
    if (old.split(/\r?\n/).some((present) => present.trim() === line)) return ok({ path: named, isAdded: false });
    const mode = await stat(path).then(
      ({ mode: found }) => found & 0o777,
      () => privateFileMode,
    );
    const written = writeWhole(path, old === '' ? `${line}\n` : `${line}\n\n${old}`, mode);
    return written.ok ? ok({ path: named, isAdded: true }) : written;
  } catch (cause) {
    return err(unusable(named, cause));
  }
}

function absentIsEmpty(cause: unknown): string {
  if (errorCode(cause) === 'ENOENT') return '';
  throw cause;
}
