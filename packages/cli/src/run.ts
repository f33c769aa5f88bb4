// Runs one command: finds the language and the words, parses, acts, and gives the exit status. Nothing here touches the process.

import type { Outcome } from './command/context.ts';
import { exitStatuses } from './exit-status.ts';
import { askedLanguage, isLanguage, languageOf, loadText } from './text/language.ts';
import type { Text } from './text/text.ts';
import type { World } from './world.ts';

/** The exit status. Never rejects. */
export async function runSally(world: World): Promise<number> {
  const asked = askedLanguage(world.argv);
  const text = await loadText(languageOf(world.env, asked));
  try {
    const proxied = proxyWords(world.argv);
    if (proxied !== undefined) return await runProxy(world, text, proxied);
    const resident = agentRunWords(world.argv);
    if (resident !== undefined) return await runResident(world, text, resident.state);
    if (world.argv[0] === 'complete' && world.argv[1] === '--')
      return await (await import('./completion/candidates.ts')).complete(world, text);
    const { runCommand } = await import('./run-command.ts');
    return await runCommand(world, text, asked === undefined || isLanguage(asked) ? undefined : asked);
  } catch (cause) {
    return crashed(world, text, cause);
  }
}

type ProxyWords = { readonly host: string; readonly profile: string | undefined };

/** The words exactly as the generated ssh_config has them; anything else goes through the tree of commands. */
function proxyWords(argv: readonly string[]): ProxyWords | undefined {
  const [command, ...words] = argv;
  if (command !== 'proxy') return undefined;
  const [host, profile] = words[0] === '--profile' ? [words[2], words[1]] : [words[0], undefined];
  const isWhole = words.length === (profile === undefined ? 1 : 3);
  return isWhole && host !== undefined && !host.startsWith('-') ? { host, profile } : undefined;
}

/** Likewise: the agent runs for months, and commands that it will never run should not stay in its memory. */
function agentRunWords([group, command, option, state, ...rest]: readonly string[]):
  | { readonly state: string | undefined }
  | undefined {
  if (group !== 'agent' || command !== 'run' || rest.length > 0) return undefined;
  if (option === undefined) return { state: undefined };
  return option === '--state' && state !== undefined ? { state } : undefined;
}

async function runProxy(world: World, text: Text, { host, profile }: ProxyWords): Promise<number> {
  const [{ proxy }, { profileNameOf }] = await Promise.all([import('./ssh/proxy.ts'), import('./command/context.ts')]);
  return told(world, text, await proxy({ world, text, profileName: profileNameOf(world, profile) }, host));
}

async function runResident(world: World, text: Text, state: string | undefined): Promise<number> {
  const { runAgentHere } = await import('./agent/run.ts');
  return told(world, text, await runAgentHere(world, state, false));
}

async function told(world: World, text: Text, outcome: Outcome): Promise<number> {
  if (outcome.ok) return outcome.value;
  const [{ exitStatusOf, failureLines }, { painter }] = await Promise.all([
    import('./print/failure-words.ts'),
    import('./print/colour.ts'),
  ]);
  world.stderr.write(failureLines(outcome.error, text, painter(world.env, world.stderr)));
  return exitStatusOf(outcome.error);
}

function crashed(world: World, text: Text, cause: unknown): number {
  const { message, hint } = text.say.crashed(cause instanceof Error ? cause.message : String(cause));
  const trace = world.env['SALLY_TRACE'] === '1' && cause instanceof Error ? `${cause.stack}\n` : '';
  world.stderr.write(`${text.say.error} ${message}\n${text.say.hint} ${hint}\n${trace}`);
  return exitStatuses.bug;
}
