// The tree of commands. It only describes; what a command does is loaded when it runs.

import { type Argument, Command, type CommanderError, type Help } from 'commander';
import { addAgent } from './command/agent.ts';
import { addAudit } from './command/audit.ts';
import { addCommandJudge } from './command/command-judge.ts';
import { addCompletion } from './command/completion.ts';
import type { Run } from './command/context.ts';
import { descriptionOf, examplesOf } from './command/define.ts';
import { addDevice } from './command/device.ts';
import { addExec } from './command/exec.ts';
import { addExport } from './command/export.ts';
import { addGateway } from './command/gateway.ts';
import { addLogin } from './command/login.ts';
import { addLogout } from './command/logout.ts';
import { addLs } from './command/ls.ts';
import { addPlay } from './command/play.ts';
import { addPolicy } from './command/policy.ts';
import { addProxy } from './command/proxy.ts';
import { addServer } from './command/server.ts';
import { addSessions } from './command/sessions.ts';
import { addSsh } from './command/ssh.ts';
import { addSshConfig } from './command/ssh-config.ts';
import { addStatus } from './command/status.ts';
import { addToken } from './command/token.ts';
import { widthOf } from './print/width.ts';
import type { Text } from './text/text.ts';

/** In the order of the help: what a person does every day, then what runs a workspace. */
const groups = [
  ['everyday', [addLogin, addLogout, addStatus, addLs, addSsh, addExec, addSshConfig, addProxy, addCompletion]],
  ['watching', [addSessions, addPlay, addExport, addAudit]],
  ['running', [addServer, addToken, addDevice, addPolicy, addCommandJudge, addAgent, addGateway]],
] as const;

export type ProgramOutput = { readonly version: string; readonly width: number | undefined; write(text: string): void };

export function buildProgram(text: Text, run: Run, output: ProgramOutput): Command {
  const { root } = text.command;
  const program = new Command('sally')
    .description(descriptionOf(root))
    .version(output.version, '-V, --version', root.options.version)
    .addHelpCommand(helpCommand(text))
    .addHelpText('after', () => examplesOf(root, text))
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureHelp(helpStyle(text))
    .configureOutput({
      writeOut: (words) => output.write(words),
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => output.width ?? 80,
      getOutHasColors: () => false,
    });
  for (const [name, members] of groups) {
    program.commandsGroup(text.say.help[name]);
    for (const add of members) add(program, text, run);
  }
  for (const command of everyCommand(program)) settle(command, text);
  return program;
}

/** The command and all below it. */
export function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function settle(command: Command, text: Text): void {
  const common = text.command.common.options;
  if (command.commands.length === 0 && command.name() !== 'help') {
    command
      .option('--json', common.json)
      .option('--profile <name>', common.profile)
      .option('--lang <language>', common.lang);
  }
  command.helpOption('-h, --help', text.command.root.options.help);
  if (command.commands.length > 0 && command.parent !== null) command.helpCommand(false);
}

function helpStyle(text: Text): Partial<Help> {
  const titles: Readonly<Record<string, string>> = {
    'Usage:': text.say.help.usage,
    'Options:': text.say.help.options,
    'Arguments:': text.say.help.arguments,
    'Commands:': text.say.help.commands,
  };
  return {
    styleTitle: (title) => titles[title] ?? title,
    styleUsage: (usage) =>
      usage.replace('[options]', text.say.help.optionsTerm).replace('[command]', text.say.help.commandTerm),
    displayWidth: widthOf,
    subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
    subcommandDescription: (command) => command.summary(),
    // Defaults stand in the descriptions, in the person's language.
    optionDescription: (option) => option.description,
    visibleGlobalOptions: () => [],
  };
}

function argumentTerm(argument: Argument): string {
  const term = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${term}>` : `[${term}]`;
}

function helpCommand(text: Text): Command {
  return new Command('help')
    .argument(`[${text.say.help.command}]`, text.command.root.arguments.command)
    .summary(text.command.help.summary)
    .helpGroup(text.say.help.everyday)
    .helpOption(false);
}

/** What was wrong with the command line, in the person's language; undefined when help or the version was asked for. */
export function usageProblem(error: CommanderError, text: Text): { message: string; hint: string } | undefined {
  if (error.exitCode === 0) return undefined;
  const [, subject = ''] = /'([^']*)'/.exec(error.message) ?? [];
  const { usage } = text.say;
  switch (error.code) {
    case 'commander.unknownOption':
      return usage.unknownOption(subject);
    case 'commander.unknownCommand':
      return usage.unknownCommand(subject);
    case 'commander.missingArgument':
      return usage.missingArgument(subject);
    case 'commander.optionMissingArgument':
      return usage.optionMissingArgument(subject);
    case 'commander.missingMandatoryOptionValue':
      return usage.missingOption(subject);
    case 'commander.excessArguments':
      return usage.excessArguments();
    case 'commander.help':
      return usage.noCommand();
    default:
      return usage.other(error.message.replace(/^error: /, ''));
  }
}
