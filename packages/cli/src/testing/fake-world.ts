// A World whose streams are kept in memory, for commands run in the test's own process.

import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { systemClock } from '@sallyport/core';
import { runSally } from '../run.ts';
import type { World } from '../world.ts';

export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };
type Given = { readonly homeFolder: string; readonly env?: World['env']; readonly stdin?: string };

/** Runs `sally WORDS` to its end. */
export async function sally(given: Given, ...argv: string[]): Promise<Ran> {
  const { world, outputs } = fakeWorld(given, argv);
  const status = await runSally(world);
  return { status, ...outputs() };
}

export function fakeWorld({ homeFolder, env = {}, stdin = '' }: Given, argv: readonly string[]) {
  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  input.end(stdin);
  const kept = [collect(stdout), collect(stderr)];
  const signals = new EventEmitter();
  const exits = new Set<() => void>();
  const world: World = {
    argv,
    env,
    homeFolder,
    login: 'anna',
    hostname: 'laptop',
    uid: process.getuid?.(),
    pid: process.pid,
    stdin: input,
    stdout,
    stderr,
    clock: systemClock,
    random: (byteCount) => randomBytes(byteCount),
    runtimePath: process.execPath,
    programPath: '/opt/sally/dist/sally.mjs',
    onSignal: (signal, heard) => {
      signals.on(signal, heard);
      return () => signals.off(signal, heard);
    },
    onExit: (run) => {
      exits.add(run);
      return () => exits.delete(run);
    },
  };
  const outputs = () => ({ stdout: kept[0]?.() ?? '', stderr: kept[1]?.() ?? '' });
  return { world, outputs, signals, exits };
}

function collect(stream: PassThrough): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
