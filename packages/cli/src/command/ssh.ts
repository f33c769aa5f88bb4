// `sally ssh`: a shell or a command line on a server, in sally's own client.

import { err, ok, type Result } from '@sallyport/core';
import type { Command } from 'commander';
import { leavingReason } from '../client/leaving.ts';
import type { Destination, Machine, Process } from '../client/session.ts';
import { shellStatus } from '../exit-status.ts';
import type { Failure } from '../failure.ts';
import { plain } from '../print/plain.ts';
import { sentEnvironment, terminalRequestOf } from '../terminal/local-terminal.ts';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, loadProfile, type Outcome, type Run, usageFailure } from './context.ts';
import { define } from './define.ts';

type Options = CommonOptions & { readonly tty?: boolean; readonly forceTty?: true };

export function addSsh(parent: Command, text: Text, run: Run): void {
  const words = text.command.ssh;
  define(parent, 'ssh', words, text)
    .argument('<destination>', words.arguments.destination)
    .option('-t, --force-tty', words.options.tty)
    .option('-T, --no-tty', words.options.noTty)
    .usage(text.say.help.sshUsage)
    .action((destination: string, options: Options) => run(options, (context) => ssh(context, destination, options)));
}

async function ssh(context: Context, words: string, options: Options): Promise<Outcome> {
  const { world, text } = context;
  const { parseDestination } = await import('../client/session.ts');
  const destination = parseDestination(words, world.login);
  if (destination === undefined) return err(usageFailure(text.say.usage.destination(words)));
  return withMachine(context, destination, (machine) => runShell(context, machine, options));
}

/** A session for the length of the work; it is ended in every case. */
export async function withMachine(
  context: Context,
  destination: Destination,
  work: (machine: Machine) => Promise<Outcome>,
): Promise<Outcome> {
  const { world, text, display } = context;
  const profile = loadProfile(context);
  if (!profile.ok) return profile;
  const [{ connectLink }, { openMachine }] = await Promise.all([
    import('../client/link.ts'),
    import('../client/session.ts'),
  ]);
  const link = await display.progress(text.say.connecting, connectLink(world, text, profile.value));
  if (!link.ok) return link;
  const isRaw = (): boolean => world.stdin.isTTY === true;
  const notice = (words: string): void =>
    void world.stderr.write(`${isRaw() ? '\r\n' : ''}*** ${plain(words)}${isRaw() ? '\r\n' : '\n'}`);
  const machine = await display.progress(text.say.connecting, openMachine(link.value, destination, notice));
  if (!machine.ok) {
    link.value.mux.close('refused');
    return machine;
  }
  try {
    return await work(machine.value);
  } finally {
    await machine.value.end(leavingReason);
    link.value.mux.close('done');
  }
}

async function runShell(context: Context, machine: Machine, options: Options): Promise<Outcome> {
  const { world, text, rest } = context;
  const hasTerminal = isTerminalWanted(context, options);
  const process = await start(machine, rest, {
    environment: sentEnvironment(world),
    ...(hasTerminal ? { terminal: terminalRequestOf(world) } : {}),
  });
  if (!process.ok) return process;
  const { attachPipes, attachTerminal } = await import('../terminal/attach.ts');
  const isInteractive = hasTerminal && world.stdin.isTTY === true;
  const attach = isInteractive ? attachTerminal : attachPipes;
  const end = await attach({ world, text, machine, process: process.value });
  return end.ok ? ok(shellStatus(end.value)) : end;
}

type Requested = {
  readonly environment: Record<string, string>;
  readonly terminal?: ReturnType<typeof terminalRequestOf>;
};

async function start(
  machine: Machine,
  rest: readonly string[],
  requested: Requested,
): Promise<Result<Process, Failure>> {
  // As ssh does: the words are joined by spaces and the login's shell reads them.
  const command = rest.join(' ');
  const started =
    rest.length === 0
      ? await machine.shell({ kind: 'shell', ...requested })
      : await machine.exec({ kind: 'exec', command, ...requested });
  return started.ok ? started : err({ kind: 'refused', refusal: started.error });
}

/** As with ssh: a shell gets a terminal if there is one here, a command only when it is asked for. */
function isTerminalWanted({ world, rest }: Context, { tty, forceTty }: Options): boolean {
  if (forceTty === true) return true;
  return tty !== false && rest.length === 0 && world.stdin.isTTY === true;
}
