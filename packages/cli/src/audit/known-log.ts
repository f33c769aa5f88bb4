// What this device knows of the gateway's log: the key that signs its checkpoints, pinned when it was first seen, and the last
// checkpoint that verified. A gateway that shows this device another history, or an older one, is found out by it.

import { join } from 'node:path';
import { err, ok, parseJson, type Result } from '@sallyport/core';
import * as z from 'zod/mini';
import { type Context, fileFailure, profileFailure } from '../command/context.ts';
import type { Failure } from '../failure.ts';
import { readPrivateFile, writeWhole } from '../profile/private-file.ts';
import { fileNames, type ProfilePlace } from '../profile/profile.ts';

const knownLog = z.strictObject({
  verifierKey: z.string().check(z.maxLength(1024)),
  note: z.optional(z.string().check(z.maxLength(1_048_576))),
});
export type KnownLog = z.infer<typeof knownLog>;

export function readKnownLog(
  { text, world }: Context,
  { folder }: ProfilePlace,
): Result<KnownLog | undefined, Failure> {
  const path = join(folder, fileNames.checkpoint);
  const file = readPrivateFile(path, world.uid);
  if (!file.ok) return file.error.kind === 'absent' ? ok(undefined) : err(fileFailure(text, file.error));
  const read = knownLog.safeParse(parseJson(file.value));
  return read.success
    ? ok(read.data)
    : err(profileFailure(text, { kind: 'damaged', path, message: z.prettifyError(read.error).replaceAll('\n', ' ') }));
}

export function writeKnownLog({ text }: Context, { folder }: ProfilePlace, known: KnownLog): Result<void, Failure> {
  const written = writeWhole(join(folder, fileNames.checkpoint), `${JSON.stringify(known, undefined, 2)}\n`);
  return written.ok ? ok() : err(fileFailure(text, written.error));
}
