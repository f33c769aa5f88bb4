// `sally exec`: one command, on one server with its bytes carried through, or on many with a table of results.

import { err, ok, type Result } from '@sallyport/core';
import { server } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import type { Destination } from '../client/session.ts';
import { shellStatus } from '../exit-status.ts';
import type { Failure } from '../failure.ts';
import { parseLabels } from '../labels.ts';
import { parseCount } from '../print/time.ts';
import { quoteCommand } from '../shell/quote.ts';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, type Outcome, type Run, usageFailure } from './context.ts';
import { collect, define } from './define.ts';
import { withMachine } from './ssh.ts';
import { waiting, withApi } from './with-api.ts';

type Options = CommonOptions & {
  readonly label?: readonly string[];
  readonly login?: string;
  readonly parallel: string;
};

const maxParallel = 64;

export function addExec(parent: Command, text: Text, run: Run): void {
  const words = text.command.exec;
  define(parent, 'exec', words, text)
    .argument('[destination...]', words.arguments.destination)
    .option('-l, --label <name=value>', words.options.label, collect)
    .option('--login <login>', words.options.login)
    .option('--parallel <count>', words.options.parallel, '8')
    .usage(text.say.help.execUsage)
    .action((destinations: readonly string[], options: Options) =>
      run(options, (context) => exec(context, destinations, options)),
    );
}

async function exec(context: Context, named: readonly string[], options: Options): Promise<Outcome> {
  const { text, rest } = context;
  const parallel = parseCount(options.parallel, 1, maxParallel);
  if (parallel === undefined) return err(usageFailure(text.say.usage.count('--parallel', 1, maxParallel)));
  if (rest.length === 0) return err(usageFailure(text.say.usage.noRemoteCommand()));
  const command = quoteCommand(rest);
  const destinations = await findDestinations(context, named, options);
  if (!destinations.ok) return destinations;
  const [only, ...others] = destinations.value;
  if (only === undefined) return err(usageFailure(text.say.usage.noServerMatches()));
  // With --label there may be one server today and two tomorrow: a program gets the table in both cases.
  if (others.length === 0 && options.label === undefined && !context.display.isJson)
    return execOne(context, only, command);
  const { execMany } = await import('../exec/many.ts');
  return execMany(context, destinations.value, command, parallel);
}

async function findDestinations(
  context: Context,
  named: readonly string[],
  options: Options,
): Promise<Result<readonly Destination[], Failure>> {
  const { text, world } = context;
  const { parseDestination } = await import('../client/session.ts');
  const login = options.login ?? world.login;
  const read = named.map((words) => ({ words, destination: parseDestination(words, login) }));
  const wrong = read.find(({ destination }) => destination === undefined);
  if (wrong !== undefined) return err(usageFailure(text.say.usage.destination(wrong.words)));
  const byName = read.flatMap(({ destination }) => (destination === undefined ? [] : [destination]));
  const byLabel = await labelled(context, options.label ?? [], login);
  if (!byLabel.ok) return byLabel;
  const all = new Map(
    [...byName, ...byLabel.value].map((destination) => [`${destination.login}@${destination.server}`, destination]),
  );
  return ok([...all.values()]);
}

async function labelled(
  context: Context,
  labels: readonly string[],
  login: string,
): Promise<Result<readonly Destination[], Failure>> {
  if (labels.length === 0) return ok([]);
  const wanted = parseLabels(labels);
  if (!wanted.ok) return err(usageFailure(context.text.say.usage.label(wanted.error)));
  const found: Destination[] = [];
  const outcome = await withApi(context, async (api) => {
    const servers = await waiting(context, api.get('/v1/servers', z.array(server)));
    if (!servers.ok) return servers;
    const matching = servers.value.filter(
      (one) =>
        one.state === 'online' && Object.entries(wanted.value).every(([name, value]) => one.labels[name] === value),
    );
    found.push(...matching.map(({ name }) => ({ login, server: name })));
    return ok(0);
  });
  return outcome.ok ? ok(found) : outcome;
}

function execOne(context: Context, destination: Destination, command: string): Promise<Outcome> {
  const { world, text } = context;
  return withMachine(context, destination, async (machine) => {
    const started = await machine.exec({ kind: 'exec', command, environment: {} });
    if (!started.ok) return err({ kind: 'refused', refusal: started.error });
    const { attachPipes } = await import('../terminal/attach.ts');
    const end = await attachPipes({ world, text, machine, process: started.value });
    return end.ok ? ok(shellStatus(end.value)) : end;
  });
}
