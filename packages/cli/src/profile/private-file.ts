// Files that only their owner may read: written whole or not at all, and refused when anybody else could have read them (HND-5).
// All of it is synchronous: the files are small, and starting the thread pool for them would cost an ssh connection more than they do.

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { err, errorCode, ok, type Result } from '@sallyport/core';

/** What keeps a file from being used. `mode` names the chmod to run, `owner` whose it is. */
export type FileProblem =
  | { readonly kind: 'absent'; readonly path: string }
  | { readonly kind: 'mode'; readonly path: string; readonly found: string; readonly wanted: string }
  | { readonly kind: 'owner'; readonly path: string; readonly uid: number }
  | { readonly kind: 'unusable'; readonly path: string; readonly message: string };

export const privateFileMode = 0o600;
export const privateFolderMode = 0o700;
const othersBits = 0o077;
const maxPrivateFileBytes = 1_048_576;

/** The text of a file that nobody else could read or change; the folder around it neither. */
export function readPrivateFile(path: string, uid: number | undefined): Result<string, FileProblem> {
  const folder = checkedFolder(dirname(path), uid);
  if (!folder.ok) return folder;
  try {
    // What was opened is what is judged: no time between look and use, and no way round by a symbolic link.
    return withFile(path, constants.O_RDONLY | constants.O_NOFOLLOW, (file) => {
      const stats = fstatSync(file);
      const problem = problemOf(path, stats, uid, privateFileMode);
      if (problem !== undefined) return err(problem);
      if (!stats.isFile() || stats.size > maxPrivateFileBytes)
        return err({ kind: 'unusable', path, message: 'not a file of this program' });
      return ok(readFileSync(file, 'utf8'));
    });
  } catch (cause) {
    return err(unusable(path, cause));
  }
}

function checkedFolder(path: string, uid: number | undefined): Result<void, FileProblem> {
  try {
    const problem = problemOf(path, statSync(path), uid, privateFolderMode);
    return problem === undefined ? ok() : err(problem);
  } catch (cause) {
    return err(unusable(path, cause));
  }
}

/** Makes the folder private if it is new; one that is there must be private already. */
export function makePrivateFolder(path: string, uid: number | undefined): Result<void, FileProblem> {
  try {
    mkdirSync(path, { recursive: true, mode: privateFolderMode });
  } catch (cause) {
    return err(unusable(path, cause));
  }
  return checkedFolder(path, uid);
}

/** Replaces the file as a whole: readers see the old text or the new one, also after a power cut. */
export function writeWhole(path: string, text: string, mode: number = privateFileMode): Result<void, FileProblem> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(aside, text, { flag: 'wx', mode, flush: true });
    chmodSync(aside, mode);
    renameSync(aside, path);
    withFile(dirname(path), constants.O_RDONLY, fsyncSync);
    return ok();
  } catch (cause) {
    rmSync(aside, { force: true });
    return err(unusable(path, cause));
  }
}

function withFile<T>(path: string, flags: number, use: (file: number) => T): T {
  const file = openSync(path, flags);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

function problemOf(
  path: string,
  { mode, uid: owner }: Stats,
  uid: number | undefined,
  wanted: number,
): FileProblem | undefined {
  if (uid !== undefined && owner !== uid) return { kind: 'owner', path, uid: owner };
  if ((mode & othersBits) === 0) return undefined;
  return { kind: 'mode', path, found: octal(mode & 0o777), wanted: octal(wanted) };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

export function unusable(path: string, cause: unknown): FileProblem {
  if (errorCode(cause) === 'ENOENT') return { kind: 'absent', path };
  return { kind: 'unusable', path, message: cause instanceof Error ? cause.message : String(cause) };
}
