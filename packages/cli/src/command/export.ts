// `sally export`: a recording as asciicast, checked while it is read.

import type { Command } from 'commander';
import type { Text } from '../text/text.ts';
import type { CommonOptions, Run } from './context.ts';
import { define } from './define.ts';

type Options = CommonOptions & { readonly channel?: string; readonly output: string; readonly force?: true };

export function addExport(parent: Command, text: Text, run: Run): void {
  const words = text.command.export;
  define(parent, 'export', words, text)
    .argument('<session>', words.arguments.session)
    .requiredOption('-o, --output <file>', words.options.output)
    .option('--channel <channel>', words.options.channel)
    .option('--force', words.options.force)
    .action((id: string, options: Options) =>
      run(options, async (context) => {
        const { exportRecording } = await import('../recording/export.ts');
        return exportRecording(context, {
          session: id,
          channel: options.channel,
          output: options.output,
          isForced: options.force === true,
        });
      }),
    );
}
