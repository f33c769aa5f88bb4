// `sally ssh-config`: prints or writes what stock OpenSSH needs to go through Sallyport.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import { whoAmI } from '@sallyport/protocol';
import type { Command } from 'commander';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import { writeWhole } from '../profile/private-file.ts';
import { fileNames, type Profile } from '../profile/profile.ts';
import { includeLine, knowsWeakCryptoWarning, type SshBlock, sshBlock } from '../ssh/config-block.ts';
import { addInclude } from '../ssh/include.ts';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, done, fileFailure, type Outcome, type Run } from './context.ts';
import { define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type Options = CommonOptions & { readonly write?: true };

export function addSshConfig(parent: Command, text: Text, run: Run): void {
  const words = text.command.sshConfig;
  define(parent, 'ssh-config', words, text)
    .option('-w, --write', words.options.write)
    .action((options: Options) => run(options, (context) => sshConfig(context, options.write === true)));
}

function sshConfig(context: Context, isWritten: boolean): Promise<Outcome> {
  const { display, text, world } = context;
  return withApi(context, async (api, profile) => {
    // Asked anew each time: the gateway may have been given another host key since.
    const who = await waiting(context, api.get('/v1/whoami', whoAmI));
    if (!who.ok) return who;
    // The names for ssh are those of the workspace that was joined: a gateway must not take those of another one for its own.
    if (who.value.workspace !== profile.workspace)
      return err(localFailure(text.say.otherWorkspace(who.value.workspace, profile.workspace), exitStatuses.config));
    const block = sshBlock({
      folder: profile.folder,
      workspace: who.value.workspace,
      sshHostCa: who.value.sshHostCa.trim(),
      runtimePath: world.runtimePath,
      programPath: world.programPath,
      knowsWeakCryptoWarning: knowsWeakCryptoWarning(await sshVersion(world.env)),
    });
    if (!block.ok) return err(localFailure(text.say.pathUnspeakable(block.error.path), exitStatuses.config));
    const kept = keepHostKey(context, profile, block.value);
    if (!kept.ok) return kept;
    if (isWritten) return write(context, profile, block.value);
    if (display.isJson)
      display.json({ config: block.value.config, knownHosts: block.value.knownHosts, domain: block.value.domain });
    else display.line(block.value.config.trimEnd());
    return done;
  });
}

/** `ssh -V` speaks on stderr; no answer means an ssh that knows nothing new. */
function sshVersion(env: Context['world']['env']): Promise<string> {
  return new Promise((resolve) => {
    execFile('ssh', ['-V'], { env: { ...env }, timeout: 5_000 }, (_error, stdout, stderr) =>
      resolve(`${stderr}${stdout}`),
    );
  });
}

function keepHostKey({ text }: Context, { folder }: Profile, { knownHosts }: SshBlock): Result<void, Failure> {
  const written = writeWhole(join(folder, fileNames.knownHosts), knownHosts);
  return written.ok ? ok() : err(fileFailure(text, written.error));
}

async function write(
  { display, text, world }: Context,
  { folder }: Profile,
  { config, domain }: SshBlock,
): Promise<Outcome> {
  const path = join(folder, fileNames.sshConfig);
  const written = writeWhole(path, config);
  if (!written.ok) return err(fileFailure(text, written.error));
  const included = await addInclude(world.homeFolder, includeLine(path));
  if (!included.ok) return err(fileFailure(text, included.error));
  if (display.isJson)
    display.json({ path, include: included.value.path, isIncludeAdded: included.value.isAdded, domain });
  else {
    display.line(text.say.sshConfigWritten(path));
    display.line(
      included.value.isAdded ? text.say.includeAdded(included.value.path) : text.say.includeThere(included.value.path),
    );
    display.note(text.say.sshConfigNext(domain));
  }
  return done;
}
