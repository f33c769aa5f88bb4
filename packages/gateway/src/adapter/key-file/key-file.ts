// The key file: 32 random bytes that seal the workspace's private keys. It is made once, readable by its owner alone, and refused
// when anybody else could have read or replaced it; nothing is ever repaired in silence.

import type { Stats } from 'node:fs';
import { constants, type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { err, fromBase64Url, ok, type Random, Redacted, type Result, toBase64Url } from '@sallyport/core';

export const sealingKeyBytes = 32;

export type KeyFileFailure = {
  readonly kind: 'absent' | 'not-private' | 'not-a-key' | 'unreadable';
  readonly message: string;
  /** What to do now: the exact command where there is one. */
  readonly hint: string;
};

/** The user that the program runs as. */
export type FileOwner = { readonly uid: number };

const maxFileBytes = 128;
const privateModes: readonly number[] = [0o600, 0o400];

/** Makes the file, mode 0600, in a folder of mode 0700; never replaces one that is there. */
export async function createKeyFile(
  path: string,
  random: Random,
): Promise<Result<Redacted<Uint8Array>, KeyFileFailure>> {
  const key = Buffer.from(random(sealingKeyBytes));
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(`${toBase64Url(key)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  } catch (cause) {
    return err(unreadable(path, cause));
  }
  return ok(new Redacted(key));
}

/** Reads the key, after the file and its folder have been found private. */
export async function readKeyFile(
  path: string,
  owner: FileOwner,
): Promise<Result<Redacted<Uint8Array>, KeyFileFailure>> {
  try {
    const folder = folderFailure(dirname(path), await lstat(dirname(path)), owner);
    if (folder) return err(folder);
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const failure = fileFailure(path, await file.stat(), owner);
      return failure ? err(failure) : await readKey(path, file);
    } finally {
      await file.close();
    }
  } catch (cause) {
    return err(unreadable(path, cause));
  }
}

async function readKey(path: string, file: FileHandle): Promise<Result<Redacted<Uint8Array>, KeyFileFailure>> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxFileBytes), 0, maxFileBytes, 0);
  const key = fromBase64Url(buffer.toString('latin1', 0, bytesRead).replace(/\n$/, ''));
  buffer.fill(0);
  if (key?.byteLength === sealingKeyBytes) return ok(new Redacted<Uint8Array>(key));
  return err({
    kind: 'not-a-key',
    message: `${path} does not hold ${sealingKeyBytes} bytes in base64url`,
    hint: 'put back the key file of this workspace from your backup: without it the keys of the workspace cannot be opened',
  });
}

function fileFailure(path: string, stats: Stats, owner: FileOwner): KeyFileFailure | undefined {
  if (!stats.isFile()) return notPrivate(`${path} is not a regular file`, `put the key itself at ${path}`);
  if (stats.uid !== owner.uid) return notOwned(path, stats, owner);
  if (stats.nlink > 1)
    return notPrivate(`${path} has ${stats.nlink} names (hard links)`, `find / -xdev -inum ${stats.ino}`);
  const mode = stats.mode & 0o7777;
  if (privateModes.includes(mode)) return undefined;
  return notPrivate(`${path} has mode ${octal(mode)}, and must be 0600 or 0400`, `chmod 600 ${shellWord(path)}`);
}

function folderFailure(path: string, stats: Stats, owner: FileOwner): KeyFileFailure | undefined {
  if (!stats.isDirectory()) return notPrivate(`${path} is not a folder itself`, `put the folder itself at ${path}`);
  if (stats.uid !== owner.uid) return notOwned(path, stats, owner);
  const mode = stats.mode & 0o7777;
  if ((mode & 0o077) === 0) return undefined;
  return notPrivate(`the folder ${path} has mode ${octal(mode)}, and must be 0700`, `chmod 700 ${shellWord(path)}`);
}

function notOwned(path: string, stats: Stats, owner: FileOwner): KeyFileFailure {
  const message = `${path} belongs to user ${stats.uid}, and this program runs as user ${owner.uid}`;
  return notPrivate(message, `chown ${owner.uid} ${shellWord(path)}`);
}

function notPrivate(message: string, hint: string): KeyFileFailure {
  return { kind: 'not-private', message, hint };
}

function unreadable(path: string, cause: unknown): KeyFileFailure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ELOOP') return notPrivate(`${path} is a symbolic link`, `put the key itself at ${path}`);
  if (code === 'ENOENT')
    return { kind: 'absent', message: `${path} does not exist`, hint: 'check the data folder in the settings' };
  if (code === 'EEXIST')
    return { kind: 'unreadable', message: `${path} exists already`, hint: 'move it away if it is not in use' };
  const message = `${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`;
  return { kind: 'unreadable', message, hint: `check that this user may use ${path}` };
}

/** The file's name is durable only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The path as one word of a POSIX shell, for a command that a person copies. */
function shellWord(path: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
