// Reads a link, a code or a token from where no other user of the device sees it: a file, standard input, or a prompt that shows nothing.

import { readFile, stat } from 'node:fs/promises';
import { err, ok, type Result } from '@sallyport/core';
import { type Context, fileFailure, usageFailure } from './command/context.ts';
import type { Failure } from './failure.ts';
import { unusable } from './profile/private-file.ts';
import type { Input } from './world.ts';

const maxSecretBytes = 16_384;

/** From a file, or from standard input with `-`; without white space around it. */
export async function readSecretFrom({ world, text }: Context, path: string): Promise<Result<string, Failure>> {
  if (path === '-') {
    const words = await readAll(world.stdin);
    return words === undefined ? err(usageFailure(text.say.usage.inputTooLong())) : ok(words.trim());
  }
  try {
    if ((await stat(path)).size > maxSecretBytes) return err(usageFailure(text.say.usage.inputTooLong()));
    return ok((await readFile(path, 'utf8')).trim());
  } catch (cause) {
    return err(fileFailure(text, unusable(path, cause)));
  }
}

/** Asks for it on the terminal, without showing it. */
export async function readSecret({ world, text }: Context, question: string): Promise<Result<string, Failure>> {
  if (world.stdin.isTTY !== true || world.stderr.isTTY !== true)
    return err(usageFailure(text.say.usage.nothingToRead()));
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message: question, input: world.stdin, output: world.stderr });
  return isCancel(answer) || answer === undefined
    ? err(usageFailure(text.say.usage.notConfirmed()))
    : ok(answer.trim());
}

async function readAll(input: Input): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += part.byteLength;
    if (bytes > maxSecretBytes) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}
