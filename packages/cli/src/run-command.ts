// One command through the tree: parsed by commander, its failure printed in one place.

import { CommanderError } from 'commander';
import { type Context, profileNameOf, type Run, usageFailure } from './command/context.ts';
import { exitStatuses } from './exit-status.ts';
import { createDisplay } from './print/display.ts';
import { buildProgram, usageProblem } from './program.ts';
import type { Text } from './text/text.ts';
import { programVersion } from './version.ts';
import type { World } from './world.ts';

/** Commands whose words after `--` belong to the server; the others take none. */
const takesRest = new Set(['ssh', 'exec']);

export async function runCommand(world: World, text: Text, unknownLanguage: string | undefined): Promise<number> {
  const { own: words, rest } = splitWords(world.argv);
  const own = commonLast(words);
  let status: number = exitStatuses.ok;
  const run: Run = async (options, action) => {
    const display = createDisplay(world, text, options.json === true);
    const context: Context = { world, text, display, rest, profileName: profileNameOf(world, options.profile) };
    const outcome = await action(context);
    status = outcome.ok ? outcome.value : display.failure(outcome.error);
  };
  const plainDisplay = createDisplay(world, text, own.includes('--json'));
  if (unknownLanguage !== undefined)
    return plainDisplay.failure(usageFailure(text.say.usage.language(unknownLanguage)));
  if (rest.length > 0 && !takesRest.has(own[0] ?? ''))
    return plainDisplay.failure(usageFailure(text.say.usage.restNotTaken()));
  const program = buildProgram(text, run, {
    version: programVersion,
    width: world.stdout.columns,
    write: (words) => void world.stdout.write(words),
  });
  if (own.length === 0) {
    program.outputHelp();
    return exitStatuses.ok;
  }
  try {
    await program.parseAsync([...own], { from: 'user' });
    return status;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    const problem = usageProblem(cause, text);
    return problem === undefined ? exitStatuses.ok : plainDisplay.failure(usageFailure(problem));
  }
}

const valued = new Set(['--profile', '--lang']);

/** Common options may stand before the command as well: they are moved behind it, where the command knows them. */
export function commonLast(words: readonly string[]): readonly string[] {
  let at = 0;
  for (let word = words[at]; word !== undefined && isCommon(word); word = words[at]) at += valued.has(word) ? 2 : 1;
  const [common, own] = [words.slice(0, at), words.slice(at)];
  // Before --help or --version, or alone, they have done what they can: the language is chosen already.
  return own[0] === undefined || own[0].startsWith('-') || own[0] === 'help' ? own : [...own, ...common];
}

function isCommon(word: string): boolean {
  return word === '--json' || valued.has(word) || [...valued].some((option) => word.startsWith(`${option}=`));
}

export function splitWords(argv: readonly string[]): { own: readonly string[]; rest: readonly string[] } {
  const at = argv.indexOf('--');
  return at < 0 ? { own: argv, rest: [] } : { own: argv.slice(0, at), rest: argv.slice(at + 1) };
}
