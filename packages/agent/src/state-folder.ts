// The agent's private folder: 0700, its files 0600, all owned by the agent's user. What is not so is refused, never repaired:
// somebody else may have read it or written it.

import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { err, errorCode, ok, type Random, type Result } from '@sallyport/core';
import type { AgentRefusal } from './refusals.ts';

export type StateFolder = { readonly path: string; readonly uid: number; readonly random: Random };

const othersMask = 0o077;
const maxFileBytes = 262_144;

/** The folder if it is private. With `create`, it is made first where it is missing. Undefined when there is none. */
export async function openStateFolder(
  folder: StateFolder,
  create = false,
): Promise<Result<StateFolder | undefined, AgentRefusal>> {
  try {
    if (create) await mkdir(folder.path, { recursive: true, mode: 0o700 });
    const stat = await lstat(folder.path);
    if (!stat.isDirectory())
      return err(unsafe(`${folder.path} is not a folder`, `move it away: mv ${folder.path} ${folder.path}.old`));
    const problem = ownershipProblem(folder.path, stat, folder.uid, '0700');
    return problem ? err(problem) : ok(folder);
  } catch (error) {
    return errorCode(error) === 'ENOENT' && !create ? ok(undefined) : err(unusable(folder.path, error));
  }
}

/** The file's text, undefined if there is no such file; refused if anybody else could read or change it. */
export async function readPrivateFile(
  folder: StateFolder,
  name: string,
): Promise<Result<string | undefined, AgentRefusal>> {
  const path = join(folder.path, name);
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile()) return err(unsafe(`${path} is not a plain file`, `remove it: rm ${path}`));
    const problem = ownershipProblem(path, stat, folder.uid, '0600');
    if (problem) return err(problem);
    if (stat.size > maxFileBytes)
      return err(unsafe(`${path} has ${stat.size} bytes, more than ${maxFileBytes}`, `remove it: rm ${path}`));
    return ok(await file.readFile('utf8'));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return ok(undefined);
    if (code === 'ELOOP')
      return err(unsafe(`${path} is a symbolic link`, `replace it by the file itself, or remove it: rm ${path}`));
    return err(unusable(path, error));
  } finally {
    await file?.close();
  }
}

/** Replaces the file as a whole: after a crash there is the old text or the new one. `durable` survives a power cut as well. */
export async function writePrivateFile(
  folder: StateFolder,
  name: string,
  text: string,
  durability: 'durable' | 'fleeting' = 'durable',
): Promise<Result<void, AgentRefusal>> {
  const path = join(folder.path, name);
  const draft = `${path}.${Buffer.from(folder.random(6)).toString('hex')}.new`;
  try {
    await createPrivateFile(draft, text, durability);
    await rename(draft, path);
    if (durability === 'durable') await syncFolder(folder.path);
    return ok();
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    return err(unusable(path, error));
  }
}

/** Removes files of the folder whose names match, such as keys that nothing refers to any more. */
export async function removeFiles(folder: StateFolder, isObsolete: (name: string) => boolean): Promise<void> {
  for (const name of (await readdir(folder.path)).filter(isObsolete))
    await unlink(join(folder.path, name)).catch(() => undefined);
}

async function createPrivateFile(path: string, text: string, durability: 'durable' | 'fleeting'): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, 0o600);
  try {
    await file.writeFile(text);
    if (durability === 'durable') await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ownershipProblem(
  path: string,
  stat: { uid: number; mode: number },
  uid: number,
  mode: string,
): AgentRefusal | undefined {
  if (stat.uid !== uid) {
    return unsafe(
      `${path} belongs to the user ${stat.uid}, not to ${uid}`,
      `run the agent as its owner, or: chown ${uid} ${path}`,
    );
  }
  const open = stat.mode & othersMask;
  if (open === 0) return undefined;
  const found = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  return unsafe(
    `${path} has mode ${found}: other users may reach it`,
    `chmod ${mode} ${path}; if others used this machine, join again`,
  );
}

function unsafe(message: string, hint: string): AgentRefusal {
  return { code: 'STATE_UNSAFE', message, rule: 'state.private', hint };
}

function unusable(path: string, error: unknown): AgentRefusal {
  const code = errorCode(error) ?? String(error);
  return {
    code: 'STATE_BROKEN',
    message: `${path} cannot be used: ${code}`,
    rule: 'state.readable',
    hint: mends[code] ?? `look at: ls -ld ${path}`,
  };
}

const mends: Readonly<Record<string, string>> = {
  EACCES: 'run it as root (sudo), or give a folder of your own: --state DIR',
  EPERM: 'run it as root (sudo), or give a folder of your own: --state DIR',
  ENOSPC: 'the disk is full: make room, then run it again (df -h shows which one)',
  EDQUOT: "the user's disk quota is used up: make room, then run it again",
  EROFS: 'the file system is read-only: give another folder with --state DIR',
  EIO: 'the disk fails: look at dmesg',
};
