// A profile: which gateway this device is enrolled at, what it trusts there, and the device's own key beside it.

import { rm } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { err, ok, parseJson, type Result } from '@sallyport/core';
import { idOf, oneLine, parseGatewayUrl } from '@sallyport/protocol';
import * as z from 'zod/mini';
import { type DeviceKey, formatOpensshKey, parseOpensshKey } from './openssh-key.ts';
import { type FileProblem, makePrivateFolder, readPrivateFile, writeWhole } from './private-file.ts';

const profileFile = z.strictObject({
  version: z.literal(1),
  gateway: z.string().check(z.refine((text) => parseGatewayUrl(text).ok, 'not the address of a gateway')),
  /** The workspace CA, PEM: the only one that this profile trusts. Absent: the roots of the system. */
  caPem: z.optional(z.string().check(z.maxLength(16_384))),
  device: idOf('device'),
  person: z.strictObject({ id: idOf('person'), name: oneLine(128) }),
  workspace: z.string().check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'not a workspace name')),
  /** The SSH door's host key, as known_hosts has it. */
  sshHostCa: z.string().check(z.regex(/^ssh-ed25519 [A-Za-z0-9+/=]{1,256}( [^\p{Cc}]*)?$/u, 'not an Ed25519 host key')),
});
export type ProfileFile = z.infer<typeof profileFile>;

export type Profile = ProfileFile & { readonly name: string; readonly folder: string; readonly key: DeviceKey };

export type ProfileProblem =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'missing'; readonly name: string }
  | { readonly kind: 'damaged'; readonly path: string; readonly message: string }
  | { readonly kind: 'file'; readonly problem: FileProblem };

export const defaultProfile = 'default';
const nameForm = /^[a-z0-9][a-z0-9_-]{0,31}$/i;

export type ProfilePlace = { readonly name: string; readonly folder: string };

/** Where the profile of that name is kept. The name becomes a folder, so it is held to a few letters; or it is the folder itself. */
export function placeOf(root: string, name: string): Result<ProfilePlace, ProfileProblem> {
  if (isAbsolute(name)) return ok({ name, folder: resolve(name) });
  return nameForm.test(name) ? ok({ name, folder: join(root, name) }) : err({ kind: 'name', name });
}

export const fileNames = {
  profile: 'profile.json',
  key: 'id_ed25519',
  knownHosts: 'known_hosts',
  sshConfig: 'ssh_config',
  checkpoint: 'log-checkpoint.json',
} as const;

export function readProfile({ name, folder }: ProfilePlace, uid: number | undefined): Result<Profile, ProfileProblem> {
  const path = join(folder, fileNames.profile);
  const text = readPrivateFile(path, uid);
  if (!text.ok)
    return err(text.error.kind === 'absent' ? { kind: 'missing', name } : { kind: 'file', problem: text.error });
  const read = profileFile.safeParse(parseJson(text.value));
  if (!read.success) return err({ kind: 'damaged', path, message: z.prettifyError(read.error).replaceAll('\n', ' ') });
  const keyPath = join(folder, fileNames.key);
  const keyText = readPrivateFile(keyPath, uid);
  if (!keyText.ok) return err({ kind: 'file', problem: keyText.error });
  const key = parseOpensshKey(keyText.value);
  return key.ok
    ? ok({ ...read.data, name, folder, key: key.value })
    : err({ kind: 'damaged', path: keyPath, message: key.error });
}

/** Keeps the key first: a profile without its key would be of no use, a key without a profile does no harm. */
export function writeProfile(
  { folder }: ProfilePlace,
  file: ProfileFile,
  key: DeviceKey,
  uid: number | undefined,
): Result<void, ProfileProblem> {
  const made = makePrivateFolder(folder, uid);
  if (!made.ok) return err({ kind: 'file', problem: made.error });
  for (const [fileName, text] of [
    [fileNames.key, formatOpensshKey(key, `${file.device} ${file.workspace}`)],
    [fileNames.profile, `${JSON.stringify(file, undefined, 2)}\n`],
  ] as const) {
    const written = writeWhole(join(folder, fileName), text);
    if (!written.ok) return err({ kind: 'file', problem: written.error });
  }
  return ok();
}

/** Removes the profile, its key first. */
export async function removeProfile({ folder }: ProfilePlace): Promise<void> {
  await rm(join(folder, fileNames.key), { force: true });
  await rm(folder, { recursive: true, force: true });
}
