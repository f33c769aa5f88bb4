// The key file: 32 random bytes that seal the workspace's private keys. It is made once and never replaced, because what was sealed
// under it could not be opened any more.

import { constants, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { err, fromBase64Url, ok, type Random, Redacted, type Result, toBase64Url } from '@sallyport/core';
import {
  currentOwner,
  type FileOwner,
  fileError,
  type PrivateFileFailure,
  privateFolder,
  readPrivateFile,
  unusable,
} from '../private-file.ts';

export const sealingKeyBytes = 32;

export type KeyFileFailure = Omit<PrivateFileFailure, 'kind'> & {
  readonly kind: PrivateFileFailure['kind'] | 'not-a-key';
};

const maxFileBytes = 128;

/** Makes the file, mode 0600, in a folder of mode 0700; never replaces one that is there. */
export async function createKeyFile(
  path: string,
  random: Random,
  owner: FileOwner = currentOwner(),
): Promise<Result<Redacted<Uint8Array>, KeyFileFailure>> {
  const folder = await privateFolder(dirname(path), owner);
  if (!folder.ok) return folder;
  const key = Buffer.from(random(sealingKeyBytes));
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(`${toBase64Url(key)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    return err(isThere ? unusable(path, 'it exists already') : fileError(path, cause));
  }
  return ok(new Redacted<Uint8Array>(key));
}

/** Reads the key, after the file and its folder have been found private. */
export async function readKeyFile(
  path: string,
  owner: FileOwner = currentOwner(),
): Promise<Result<Redacted<Uint8Array>, KeyFileFailure>> {
  const bytes = await readPrivateFile(path, owner, maxFileBytes);
  if (!bytes.ok) return bytes;
  const folder = await privateFolder(dirname(path), owner);
  if (!folder.ok) return folder;
  const key = fromBase64Url(bytes.value.expose().toString('latin1').replace(/\n$/, ''));
  bytes.value.expose().fill(0);
  if (key?.byteLength === sealingKeyBytes) return ok(new Redacted<Uint8Array>(key));
  return err({
    kind: 'not-a-key',
    message: `${path} does not hold ${sealingKeyBytes} bytes in base64url`,
    hint: 'put back the key file of this workspace from your backup: without it the keys of the workspace cannot be opened',
  });
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
