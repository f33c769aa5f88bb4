// `sally agent`: joins this host to a gateway, runs its agent, tells its state, tests its way to the gateway.

import { err } from '@sallyport/core';
import type { Command } from 'commander';
import { parseLabels } from '../labels.ts';
import { readSecret, readSecretFrom } from '../secret-input.ts';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, type Outcome, type Run, usageFailure } from './context.ts';
import { collect, define } from './define.ts';

type StateOption = CommonOptions & { readonly state?: string };
type JoinOptions = StateOption & {
  readonly tokenFile?: string;
  readonly token?: string;
  readonly name?: string;
  readonly label?: readonly string[];
  readonly force?: true;
};
type DoctorOptions = StateOption & { readonly url?: string; readonly tokenFile?: string };

export function addAgent(parent: Command, text: Text, run: Run): void {
  const { agent, agentJoin, agentRun, agentStatus, agentDoctor } = text.command;
  const agents = define(parent, 'agent', agent, text);
  define(agents, 'join', agentJoin, text)
    .argument('<url>', agentJoin.arguments.url)
    .option('--token-file <file>', agentJoin.options.tokenFile)
    .option('--token <token>', agentJoin.options.token)
    .option('--name <name>', agentJoin.options.name)
    .option('-l, --label <name=value>', agentJoin.options.label, collect)
    .option('--force', agentJoin.options.force)
    .option('--state <folder>', agentJoin.options.state)
    .action((url: string, options: JoinOptions) => run(options, (context) => join(context, url, options)));
  define(agents, 'run', agentRun, text)
    .option('--state <folder>', agentRun.options.state)
    .action((options: StateOption) =>
      run(options, async ({ world }) => {
        const { runAgentHere } = await import('../agent/run.ts');
        return runAgentHere(world, options.state, options.json === true);
      }),
    );
  define(agents, 'status', agentStatus, text)
    .option('--state <folder>', agentStatus.options.state)
    .action((options: StateOption) =>
      run(options, async (context) => (await import('../agent/status.ts')).showStatus(context, options.state)),
    );
  define(agents, 'doctor', agentDoctor, text)
    .option('--url <url>', agentDoctor.options.url)
    .option('--token-file <file>', agentDoctor.options.tokenFile)
    .option('--state <folder>', agentDoctor.options.state)
    .action((options: DoctorOptions) => run(options, (context) => doctor(context, options)));
}

async function join(context: Context, url: string, options: JoinOptions): Promise<Outcome> {
  const { text } = context;
  const labels = parseLabels(options.label ?? []);
  if (!labels.ok) return err(usageFailure(text.say.usage.label(labels.error)));
  const token = await findToken(context, options);
  if (!token.ok) return token;
  const { joinHost } = await import('../agent/join.ts');
  return joinHost(context, {
    url,
    token: token.value,
    name: options.name,
    labels: labels.value,
    isForced: options.force === true,
    state: options.state,
  });
}

async function findToken(context: Context, { token, tokenFile }: JoinOptions) {
  const { text, display, world } = context;
  if (token !== undefined && tokenFile !== undefined) return err(usageFailure(text.say.usage.twoTokens()));
  if (tokenFile !== undefined) return readSecretFrom(context, tokenFile);
  if (token === '-') return readSecretFrom(context, '-');
  if (token !== undefined) {
    display.note(`${text.say.warning} ${text.say.tokenSeen}`);
    return { ok: true as const, value: token };
  }
  return world.stdin.isTTY === true
    ? readSecret(context, text.say.askToken)
    : err(usageFailure(text.say.usage.noToken()));
}

async function doctor(context: Context, { state, url, tokenFile }: DoctorOptions): Promise<Outcome> {
  const token = tokenFile === undefined ? undefined : await readSecretFrom(context, tokenFile);
  if (token?.ok === false) return token;
  const { examine } = await import('../agent/doctor.ts');
  return examine(context, state, {
    ...(url === undefined ? {} : { url }),
    ...(token === undefined ? {} : { token: token.value }),
  });
}
