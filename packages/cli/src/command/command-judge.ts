// `sally command judge`: what lines from standard input would do and what the rules say of them. It runs none of them.

import { readFile, stat } from 'node:fs/promises';
import type { CommandContext, CompiledRules, Judgement, Verdict } from '@sallyport/command';
import { err, ok, type Result } from '@sallyport/core';
import type { Command } from 'commander';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import type { Display } from '../print/display.ts';
import { plain, plainJson } from '../print/plain.ts';
import type { Cell } from '../print/table.ts';
import { unusable } from '../profile/private-file.ts';
import type { Text } from '../text/text.ts';
import type { Input } from '../world.ts';
import {
  type CommonOptions,
  type Context,
  done,
  fileFailure,
  type Outcome,
  type Run,
  usageFailure,
} from './context.ts';
import { define } from './define.ts';

type JudgeOptions = CommonOptions & { readonly rules?: string; readonly login?: string; readonly cwd?: string };

const maxRulesBytes = 1_048_576;
/** A line that long is denied by the rules anyway; what is longer is no line. */
const maxLineLength = 1_048_576;

export function addCommandJudge(parent: Command, text: Text, run: Run): void {
  const { command, commandJudge } = text.command;
  const commands = define(parent, 'command', command, text);
  define(commands, 'judge', commandJudge, text)
    .option('--rules <file>', commandJudge.options.rules)
    .option('--login <name>', commandJudge.options.login)
    .option('--cwd <folder>', commandJudge.options.cwd)
    .action((options: JudgeOptions) => run(options, (context) => judgeLines(context, options)));
}

async function judgeLines(context: Context, options: JudgeOptions): Promise<Outcome> {
  const { judge, unknownContext } = await import('@sallyport/command');
  const rules = await rulesOf(context, options.rules);
  if (!rules.ok) return rules;
  const where = contextOf(options, unknownContext);
  const { display, text, world } = context;
  const judged: (Judgement & { readonly line: string })[] = [];
  for await (const line of linesOf(world.stdin)) {
    if (line === undefined) return err(usageFailure(text.say.usage.inputTooLong()));
    const { verdict, effects, rules: matched, risk } = judge(line, rules.value, where);
    if (display.isJson) display.line(plainJson(JSON.stringify({ line, verdict, effects, rules: matched, risk })));
    else judged.push({ line, verdict, effects, rules: matched, risk });
  }
  if (!display.isJson) print(display, text, judged);
  return done;
}

function contextOf({ login, cwd }: JudgeOptions, fallback: CommandContext): CommandContext {
  const name = login ?? fallback.login;
  const home = name === 'root' ? '/root' : `/home/${name}`;
  return { ...fallback, login: name, home, cwd: cwd ?? home };
}

async function rulesOf({ text }: Context, file: string | undefined): Promise<Result<CompiledRules, Failure>> {
  const { compileRules, defaultRules, parseRules } = await import('@sallyport/command');
  if (file === undefined) return ok(compileRules(defaultRules));
  try {
    if ((await stat(file)).size > maxRulesBytes) return err(usageFailure(text.say.usage.inputTooLong()));
    const parsed = parseRules(await readFile(file, 'utf8'), defaultRules);
    if (parsed.ok) return ok(compileRules(parsed.value));
    const list = parsed.error.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    return err(localFailure(text.say.rulesInvalid(file, parsed.error.length, list), exitStatuses.config));
  } catch (cause) {
    return err(fileFailure(text, unusable(file, cause)));
  }
}

/** Lines without their ends; undefined when one is too long to be a line. */
async function* linesOf(input: Input): AsyncGenerator<string | undefined> {
  input.setEncoding('utf8');
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
    if (rest.length > maxLineLength) yield undefined;
  }
  if (rest !== '') yield rest.replace(/\r$/, '');
}

const colours = { allow: 'green', challenge: 'yellow', deny: 'red' } as const satisfies Record<Verdict, string>;

function print(display: Display, text: Text, judged: readonly (Judgement & { readonly line: string })[]): void {
  const words = text.say.judged;
  const columns = [{ title: words.verdict }, { title: words.line, minWidth: 20 }, { title: words.rules, minWidth: 16 }];
  const rows = judged.map(({ line, verdict, rules }): readonly Cell[] => [
    { text: verdict, paint: (shown) => display.paint(colours[verdict], shown) },
    plain(line),
    rules.map(({ id }) => id).join(', '),
  ]);
  display.table(columns, rows);
  const matched = new Map(judged.flatMap(({ rules }) => rules.map((rule) => [rule.id, rule])));
  for (const { id, verdict, explanation, safer, techniques } of matched.values()) {
    display.line('');
    display.line(`${display.paint(colours[verdict], plain(id))}  ${techniques.join(' ')}`);
    display.line(`  ${plain(explanation)}`);
    if (safer !== '') display.line(`  ${words.safer}: ${plain(safer)}`);
  }
}
