// `sally completion SHELL`: the script that makes a shell ask sally for candidates.

import { err } from '@sallyport/core';
import type { Command } from 'commander';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run, usageFailure } from './context.ts';
import { define } from './define.ts';

const shells: readonly string[] = ['bash', 'zsh', 'fish'];

export function addCompletion(parent: Command, text: Text, run: Run): void {
  const words = text.command.completion;
  define(parent, 'completion', words, text)
    .argument('<shell>', words.arguments.shell)
    .action((shell: string, options: CommonOptions) => run(options, (context) => completion(context, shell)));
}

async function completion({ text, display }: Context, shell: string): Promise<Outcome> {
  if (!shells.includes(shell)) return err(usageFailure(text.say.completionShell(shell)));
  if (shell === 'bash') {
    const { bashCompletion } = await import('../completion/bash.ts');
    display.line(bashCompletion);
    return done;
  }
  const { script } = await import('@bomb.sh/tab');
  // It prints by itself. The program is called by its name, so that an update of sally needs no new script.
  script(shell, 'sally', 'sally');
  return done;
}
