// `sally proxy HOST` in the tree of commands. ssh's own way of starting it does not come by here: run.ts takes it past the tree.

import type { Command } from 'commander';
import { proxy } from '../ssh/proxy.ts';
import type { Text } from '../text/text.ts';
import type { CommonOptions, Run } from './context.ts';
import { define } from './define.ts';

export function addProxy(parent: Command, text: Text, run: Run): void {
  const words = text.command.proxy;
  define(parent, 'proxy', words, text)
    .argument('<host>', words.arguments.host)
    .action((host: string, options: CommonOptions) => run(options, (context) => proxy(context, host)));
}
