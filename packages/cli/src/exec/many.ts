// One command on many servers over one link: so many at a time, each with its own exit status, a bounded part of its output kept.

import type { Readable } from 'node:stream';
import { err, ok, type Result } from '@sallyport/core';
import { leavingReason } from '../client/leaving.ts';
import { connectLink, type Link } from '../client/link.ts';
import { type Destination, endOf, openMachine } from '../client/session.ts';
import { type Context, loadProfile, type Outcome } from '../command/context.ts';
import { shellStatus } from '../exit-status.ts';
import type { Failure } from '../failure.ts';
import { exitStatusOf, failureLines, wordsOf } from '../print/failure-words.ts';
import { plain } from '../print/plain.ts';

type Finished = {
  readonly destination: Destination;
  readonly exitStatus: number;
  readonly durationMs: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly isCut: boolean;
  readonly failure?: Failure;
};

/** Kept of each output of each server; the rest is read and dropped, and told so. */
const maxKeptBytes = 1_048_576;

export async function execMany(
  context: Context,
  destinations: readonly Destination[],
  command: string,
  parallel: number,
): Promise<Outcome> {
  const { world, text, display } = context;
  const profile = loadProfile(context);
  if (!profile.ok) return profile;
  const link = await display.progress(text.say.connecting, connectLink(world, text, profile.value));
  if (!link.ok) return link;
  const running = inParallel(destinations, parallel, (destination) =>
    execOn(context, link.value, destination, command),
  );
  const finished = await display.progress(text.say.runningOn(destinations.length), running);
  link.value.mux.close('done');
  if (display.isJson) display.json(finished.map((one) => jsonOf(context, one)));
  else show(context, finished);
  // 0 only when every one is 0; otherwise the largest, which is documented in the help of the command.
  return ok(Math.max(...finished.map(({ exitStatus }) => exitStatus)));
}

/** Results in the order of the items, whoever finishes first. */
export async function inParallel<Item, Done>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item) => Promise<Done>,
): Promise<readonly Done[]> {
  const results = new Map<number, Done>();
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.set(next[0], await work(next[1]));
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  return items.flatMap((_, index) => results.get(index) ?? []);
}

async function execOn({ world }: Context, link: Link, destination: Destination, command: string): Promise<Finished> {
  const startedAtMs = world.clock.monotonicMs();
  const ran = await run(world.clock, link, destination, command);
  const durationMs = Math.round(world.clock.monotonicMs() - startedAtMs);
  if (ran.ok) return { destination, durationMs, ...ran.value };
  return {
    destination,
    durationMs,
    exitStatus: exitStatusOf(ran.error),
    stdout: '',
    stderr: '',
    isCut: false,
    failure: ran.error,
  };
}

type Ran = Pick<Finished, 'exitStatus' | 'stdout' | 'stderr' | 'isCut'>;

async function run(
  clock: Context['world']['clock'],
  link: Link,
  destination: Destination,
  command: string,
): Promise<Result<Ran, Failure>> {
  const machine = await openMachine(link, destination, () => undefined);
  if (!machine.ok) return machine;
  try {
    const started = await machine.value.exec({ kind: 'exec', command, environment: {} });
    if (!started.ok) return err({ kind: 'refused', refusal: started.error });
    started.value.stdin.end();
    const [stdout, stderr, end] = await Promise.all([
      keep(started.value.stdout),
      keep(started.value.stderr),
      endOf(started.value, machine.value, clock),
    ]);
    if (!end.ok) return end;
    return ok({
      exitStatus: shellStatus(end.value),
      stdout: stdout.text,
      stderr: stderr.text,
      isCut: stdout.isCut || stderr.isCut,
    });
  } finally {
    await machine.value.end(leavingReason);
  }
}

async function keep(output: Readable): Promise<{ text: string; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isCut = false;
  try {
    for await (const chunk of output) {
      if (!Buffer.isBuffer(chunk)) continue;
      const part = chunk.subarray(0, maxKeptBytes - bytes);
      isCut ||= part.byteLength < chunk.byteLength;
      bytes += part.byteLength;
      if (part.byteLength > 0) chunks.push(part);
    }
  } catch {
    // The link broke: what came is kept, and endOf tells why.
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isCut };
}

/** What a server said, or why it could not be asked; nothing for one that was silent. */
function outputLines({ display, text }: Context, { destination, stdout, stderr, isCut, failure }: Finished): string[] {
  const told =
    failure === undefined
      ? []
      : failureLines(failure, text, (_, words) => words)
          .trimEnd()
          .split('\n');
  const said = [stdout, stderr].flatMap((output) => (output === '' ? [] : output.trimEnd().split('\n')));
  const lines = [...said, ...told, ...(isCut ? [text.say.exec.cut(maxKeptBytes)] : [])];
  if (lines.length === 0) return [];
  const title = display.paint('bold', `── ${destination.login}@${destination.server}`);
  return [title, ...lines.map((line) => `  ${plain(line.replaceAll('\t', '    '))}`)];
}

function show(context: Context, finished: readonly Finished[]): void {
  const { display, text } = context;
  const { column, exec } = text.say;
  for (const one of finished) for (const line of outputLines(context, one)) display.line(line);
  display.line('');
  display.table(
    [
      { title: column.name, minWidth: 12 },
      { title: column.login },
      { title: column.exit, isNumber: true },
      { title: column.time, isNumber: true },
      { title: column.result, minWidth: 12 },
    ],
    finished.map(({ destination, exitStatus, durationMs, failure }) => [
      destination.server,
      destination.login,
      { text: String(exitStatus), paint: (words) => display.paint(exitStatus === 0 ? 'green' : 'red', words) },
      `${(durationMs / 1000).toFixed(1)} s`,
      plain(failure === undefined ? exec.ended(exitStatus === 0) : wordsOf(failure, text).message),
    ]),
  );
}

function jsonOf(
  { text }: Context,
  { destination, exitStatus, durationMs, stdout, stderr, isCut, failure }: Finished,
): object {
  const told = failure === undefined ? {} : { error: wordsOf(failure, text).message };
  return { ...destination, exitStatus, durationMs, stdout, stderr, isCut, ...told };
}
