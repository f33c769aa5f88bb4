// The reference of every command as Markdown, made from the tree of commands itself: docs/cli.md is this text, and a test holds it so.

import type { Command } from 'commander';
import { exitStatuses } from './exit-status.ts';
import { everyCommand } from './program.ts';
import type { CommandWords } from './text/words.ts';

const statusMeanings: readonly (readonly [status: number, meaning: string])[] = [
  [exitStatuses.ok, 'done'],
  [
    exitStatuses.checkFailed,
    'a check that was asked for did not hold: a log or a recording that does not verify, a policy with mistakes, a broken step of `agent doctor`',
  ],
  [exitStatuses.usage, 'the command line is wrong, or a request that the gateway does not understand'],
  [exitStatuses.dataInvalid, 'it conflicts with what is there already'],
  [exitStatuses.notFound, 'there is no such server, session, login or other thing'],
  [exitStatuses.unavailable, 'the gateway or the server cannot be reached, or cannot serve now'],
  [exitStatuses.bug, 'a fault of sally itself'],
  [exitStatuses.cannotWrite, 'a file cannot be written'],
  [exitStatuses.temporary, 'a limit is reached; try again later'],
  [exitStatuses.notPermitted, 'not signed in, refused by policy, or a private file that others could read'],
  [exitStatuses.config, 'a file of settings or a profile is wrong'],
];

/** Docs are in English; `wordsOf` gives a command's own words by the path of its names. */
export function cliReference(program: Command, wordsOf: (path: string) => CommandWords | undefined): string {
  const commands = everyCommand(program).filter((command) => command.name() !== 'help');
  return [
    '# The commands of sally',
    '',
    '<!-- Made from the tree of commands by packages/cli/src/reference.test.ts; change the catalogue, then run that test with -u. -->',
    '',
    ...commands.flatMap((command) => section(command, wordsOf(pathOf(command)))),
    ...exitSection(),
  ].join('\n');
}

/** The command's names from the program down, without the program's own. */
export function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();
}

function section(command: Command, words: CommandWords | undefined): readonly string[] {
  const path = `sally ${pathOf(command)}`.trim();
  const options = command.options.map((option) => `| \`${option.flags}\` | ${cell(option.description)} |`);
  const taken = command.registeredArguments.map(
    (argument) => `| \`${argument.name()}\` | ${cell(argument.description)} |`,
  );
  const children = command.commands
    .filter((child) => child.name() !== 'help')
    .map((child) => `- [\`${path} ${child.name()}\`](#${anchorOf(`${path} ${child.name()}`)}): ${child.summary()}`);
  const examples = (words?.examples ?? []).flatMap(({ run, means }) => [`# ${means}`, run]);
  return [
    `## ${path}`,
    '',
    command.description(),
    '',
    ...block(command.commands.length > 0 ? [] : ['```', `${path} ${command.usage()}`, '```']),
    ...block(children),
    ...block(taken.length === 0 ? [] : ['| argument | |', '| --- | --- |', ...taken]),
    ...block(options.length === 0 ? [] : ['| option | |', '| --- | --- |', ...options]),
    ...block(examples.length === 0 ? [] : ['```sh', ...examples, '```']),
  ];
}

function exitSection(): readonly string[] {
  return [
    '## Exit statuses',
    '',
    '`sally ssh` and `sally exec` on one server exit with the status of the shell or the command there, or 128 and the number of the signal that ended it.',
    '`sally exec` on many servers exits 0 when every one of them did, otherwise with the largest status of them all. Sally itself uses (sysexits.h):',
    '',
    '| status | means |',
    '| --- | --- |',
    ...statusMeanings.map(([status, meaning]) => `| ${status} | ${meaning} |`),
    '',
  ];
}

function block(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [...lines, ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function anchorOf(path: string): string {
  return path.replaceAll(' ', '-');
}
