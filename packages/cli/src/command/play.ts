// `sally play`: the recording of a session in this terminal, checked before it is shown.

import { err } from '@sallyport/core';
import type { Command } from 'commander';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, type Outcome, type Run, usageFailure } from './context.ts';
import { define } from './define.ts';

type Options = CommonOptions & { readonly channel?: string; readonly speed: string; readonly idleLimit?: string };

const numberPattern = /^(?:[0-9]{1,4})(?:\.[0-9]{1,3})?$/;

export function addPlay(parent: Command, text: Text, run: Run): void {
  const words = text.command.play;
  define(parent, 'play', words, text)
    .argument('<session>', words.arguments.session)
    .option('--channel <channel>', words.options.channel)
    .option('--speed <factor>', words.options.speed, '1')
    .option('--idle-limit <seconds>', words.options.idleLimit)
    .action((id: string, options: Options) => run(options, (context) => play(context, id, options)));
}

async function play(context: Context, id: string, options: Options): Promise<Outcome> {
  const { usage } = context.text.say;
  const [speed, idleLimitSeconds] = [
    positive(options.speed),
    options.idleLimit === undefined ? undefined : positive(options.idleLimit),
  ];
  if (speed === undefined) return err(usageFailure(usage.number('--speed')));
  if (options.idleLimit !== undefined && idleLimitSeconds === undefined)
    return err(usageFailure(usage.number('--idle-limit')));
  const { playRecording } = await import('../recording/play.ts');
  return playRecording(context, {
    session: id,
    channel: options.channel,
    speed,
    idleLimitMs: idleLimitSeconds === undefined ? undefined : idleLimitSeconds * 1000,
  });
}

function positive(words: string): number | undefined {
  const value = numberPattern.test(words) ? Number(words) : 0;
  return value > 0 ? value : undefined;
}
