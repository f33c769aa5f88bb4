// A command as commander knows it, with its words from the catalogue.

import type { Command } from 'commander';
import type { Text } from '../text/text.ts';
import type { CommandWords } from '../text/words.ts';

/** A command with its help; program.ts adds the options that every command has. */
export function define(parent: Command, usage: string, words: CommandWords, text: Text): Command {
  const command = parent.command(usage).summary(words.summary).description(descriptionOf(words));
  command.addHelpText('after', () => examplesOf(words, text));
  return command;
}

export function descriptionOf({ summary, description }: CommandWords): string {
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  return description === '' ? sentence : `${sentence}\n\n${description}`;
}

export function examplesOf({ examples }: CommandWords, text: Text): string {
  if (examples.length === 0) return '';
  const lines = examples.map(({ run, means }) => `  ${run}\n      ${means}`);
  return `\n${text.say.help.examples}\n${lines.join('\n')}`;
}

/** For options that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
