// A person's terminal, or the pipes of a script, attached to a remote process until it ends.

import type { Result } from '@sallyport/core';
import type { ExitStatus } from '@sallyport/protocol';
import { endOf, type Machine, type Process } from '../client/session.ts';
import type { Failure } from '../failure.ts';
import type { Text } from '../text/text.ts';
import type { World } from '../world.ts';
import { type EscapeState, escapeStart, readEscapes } from './escape.ts';
import { enterRawMode, sizeOf } from './local-terminal.ts';
import { pump } from './pump.ts';

export type Attachment = {
  readonly world: World;
  readonly text: Text;
  readonly machine: Machine;
  readonly process: Process;
};

/** A raw terminal with `~.`, resize and hang-up; the terminal is itself again when this resolves. */
export async function attachTerminal(attachment: Attachment): Promise<Result<ExitStatus, Failure>> {
  const { world, process, machine } = attachment;
  const restore = enterRawMode(world);
  let isHungUp = false;
  const hangUp = (): void => {
    isHungUp = true;
    process.hangUp();
  };
  const resize = (): void => process.resize(sizeOf(world));
  const undo = [
    typing(attachment, hangUp),
    world.onSignal('SIGWINCH', resize),
    world.onSignal('SIGTERM', hangUp),
    world.onSignal('SIGHUP', hangUp),
  ];
  const outputs = Promise.all([pump(process.stdout, world.stdout, hangUp), pump(process.stderr, world.stderr, hangUp)]);
  try {
    const end = await endOf(process, machine, world.clock, () => isHungUp);
    await outputs;
    return end;
  } finally {
    for (const step of undo) step();
    restore();
  }
}

function typing({ world, text, process }: Attachment, hangUp: () => void): () => void {
  const { stdin, stderr } = world;
  let state: EscapeState = escapeStart;
  const onData = (typed: Buffer): void => {
    const read = readEscapes(state, typed);
    state = read.state;
    for (const action of read.actions) {
      if (action === 'hang-up') {
        stderr.write(`\r\n${text.say.hungUp}\r\n`);
        hangUp();
      } else stderr.write(`\r\n${text.say.escapeHelp.join('\r\n')}\r\n`);
    }
    if (read.send.byteLength > 0 && !process.stdin.write(read.send)) {
      stdin.pause();
      process.stdin.once('drain', () => stdin.resume());
    }
  };
  const onEnd = (): void => void process.stdin.end();
  stdin.on('data', onData).on('end', onEnd);
  return () => {
    stdin.off('data', onData).off('end', onEnd).pause();
  };
}

/** Pipes, byte by byte. The first Ctrl-C goes to the remote process, the second hangs up. */
export async function attachPipes({ world, process, machine }: Attachment): Promise<Result<ExitStatus, Failure>> {
  const { stdin, stdout, stderr } = world;
  let hasInterrupted = false;
  let isHungUp = false;
  const hangUp = (): void => {
    isHungUp = true;
    process.hangUp();
  };
  const interrupt = (): void => {
    if (hasInterrupted) hangUp();
    else process.signal('INT');
    hasInterrupted = true;
  };
  const undo = [
    world.onSignal('SIGINT', interrupt),
    world.onSignal('SIGTERM', hangUp),
    world.onSignal('SIGHUP', hangUp),
  ];
  const outputs = Promise.all([pump(process.stdout, stdout, hangUp), pump(process.stderr, stderr, hangUp)]);
  stdin.on('error', () => process.stdin.end());
  stdin.pipe(process.stdin);
  const end = await endOf(process, machine, world.clock, () => isHungUp);
  await outputs;
  stdin.unpipe(process.stdin);
  stdin.pause();
  for (const step of undo) step();
  return end;
}
