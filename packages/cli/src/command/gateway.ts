// `sally gateway`: runs the gateway in the foreground until it is told to stop.

import { err } from '@sallyport/core';
import type { Command } from 'commander';
import { exitStatuses } from '../exit-status.ts';
import { localFailure } from '../failure.ts';
import { plain } from '../print/plain.ts';
import type { Text } from '../text/text.ts';
import { programVersion } from '../version.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run } from './context.ts';
import { define } from './define.ts';
import { untilStopped } from './until-stopped.ts';

type Options = CommonOptions & { readonly config?: string };

export function addGateway(parent: Command, text: Text, run: Run): void {
  const words = text.command.gateway;
  define(parent, 'gateway', words, text)
    .option('-c, --config <file>', words.options.config)
    .action((options: Options) => run(options, (context) => gateway(context, options.config)));
}

async function gateway({ world, display, text }: Context, settingsFile: string | undefined): Promise<Outcome> {
  const { startGateway } = await import('@sallyport/gateway');
  const started = await startGateway({
    settingsFile,
    environment: world.env,
    version: programVersion,
    print: display.note,
  });
  if (!started.ok) {
    const { step, message, hint, details } = started.error;
    for (const detail of details) display.note(`  ${plain(detail)}`);
    return err(localFailure({ message: text.say.gatewayFailed(step, message), hint }, exitStatuses.config));
  }
  await untilStopped(world);
  await started.value.stop();
  return done;
}
