// Files that hold secrets: refused when anybody else could have read or replaced them, with the command that mends it (HND-5).
// Nothing is repaired in silence: a key that was open to others may be known to them.

import type { Stats } from 'node:fs';
import { constants, lstat, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { err, ok, Redacted, type Result } from '@sallyport/core';

export type PrivateFileFailure = {
  readonly kind: 'absent' | 'not-private' | 'unreadable';
  readonly message: string;
  /** What to do now: the exact command where there is one. */
  readonly hint: string;
};

/** The user that the program runs as. */
export type FileOwner = { readonly uid: number };

export function currentOwner(): FileOwner {
  return { uid: process.geteuid?.() ?? -1 };
}

const privateModes: readonly number[] = [0o600, 0o400];
const permissionBits = 0o7777;

/** The bytes of a file that only its owner can read; at most that many. */
export async function readPrivateFile(
  path: string,
  owner: FileOwner,
  maxBytes: number,
): Promise<Result<Redacted<Buffer>, PrivateFileFailure>> {
  try {
    // O_NONBLOCK: a named pipe must not keep the program waiting.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      const failure = fileFailure(path, stats, owner);
      if (failure) return err(failure);
      if (stats.size > maxBytes) return err(unusable(path, `it is longer than ${maxBytes} bytes`));
      const bytes = Buffer.alloc(stats.size);
      const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, 0);
      return ok(new Redacted(bytes.subarray(0, bytesRead)));
    } finally {
      await file.close();
    }
  } catch (cause) {
    return err(fileError(path, cause));
  }
}

/** Writes a file of mode 0600 in place of whatever was there: whoever had that open keeps the old one. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
}

/** Makes the folder with mode 0700, or finds it private. */
export async function privateFolder(path: string, owner: FileOwner): Promise<Result<void, PrivateFileFailure>> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const failure = folderFailure(path, await lstat(path), owner);
    return failure ? err(failure) : ok();
  } catch (cause) {
    return err(fileError(path, cause));
  }
}

/** A failure of the file system in words. */
export function fileError(path: string, cause: unknown): PrivateFileFailure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ELOOP') return notPrivate(`${path} is a symbolic link`, `put the file itself at ${path}`);
  if (code === 'ENOENT')
    return { kind: 'absent', message: `${path} does not exist`, hint: 'check the paths in the settings' };
  return unusable(path, cause instanceof Error ? cause.message : String(cause));
}

export function unusable(path: string, reason: string): PrivateFileFailure {
  return { kind: 'unreadable', message: `${path} cannot be used: ${reason}`, hint: `check ${path} and who may use it` };
}

function fileFailure(path: string, stats: Stats, owner: FileOwner): PrivateFileFailure | undefined {
  if (!stats.isFile()) return notPrivate(`${path} is not a regular file`, `put the file itself at ${path}`);
  if (stats.uid !== owner.uid) return notOwned(path, stats, owner);
  if (stats.nlink > 1)
    return notPrivate(`${path} has ${stats.nlink} names (hard links)`, `find / -xdev -inum ${stats.ino}`);
  const mode = stats.mode & permissionBits;
  if (privateModes.includes(mode)) return undefined;
  return notPrivate(`${path} has mode ${octal(mode)}, and must be 0600 or 0400`, `chmod 600 ${shellWord(path)}`);
}

function folderFailure(path: string, stats: Stats, owner: FileOwner): PrivateFileFailure | undefined {
  if (!stats.isDirectory()) return notPrivate(`${path} is not a folder itself`, `put the folder itself at ${path}`);
  if (stats.uid !== owner.uid) return notOwned(path, stats, owner);
  const mode = stats.mode & permissionBits;
  if ((mode & 0o077) === 0) return undefined;
  return notPrivate(`the folder ${path} has mode ${octal(mode)}, and must be 0700`, `chmod 700 ${shellWord(path)}`);
}

function notOwned(path: string, stats: Stats, owner: FileOwner): PrivateFileFailure {
  const message = `${path} belongs to user ${stats.uid}, and this program runs as user ${owner.uid}`;
  return notPrivate(message, `chown ${owner.uid} ${shellWord(path)}`);
}

function notPrivate(message: string, hint: string): PrivateFileFailure {
  return { kind: 'not-private', message, hint };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The path as one word of a POSIX shell, for a command that a person copies. */
function shellWord(path: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
