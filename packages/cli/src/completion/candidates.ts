// What the shell offers next: commands, options, and the names of servers, which are asked for at most once in a while.

import { join } from 'node:path';
import tab from '@bomb.sh/tab';
import { parseJson } from '@sallyport/core';
import { server } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import { loadProfile, profileNameOf } from '../command/context.ts';
import { exitStatuses } from '../exit-status.ts';
import { readPrivateFile, writeWhole } from '../profile/private-file.ts';
import type { Profile } from '../profile/profile.ts';
import { buildProgram } from '../program.ts';
import type { Text } from '../text/text.ts';
import { programVersion } from '../version.ts';
import type { World } from '../world.ts';

/** Names that are this old are asked for again; a shell must not wait for a gateway at every key. */
const keptForMs = 30_000;
const keptFile = 'servers.json';
const kept = z.object({ at: z.number(), names: z.array(z.string()) });

/** Commands of which a word is a server, by the path of their names. */
const namesServers = new Set(['ssh', 'exec', 'proxy', 'server revoke']);

export async function complete(world: World, text: Text): Promise<number> {
  const words = world.argv.slice(2);
  const program = buildProgram(text, async () => undefined, {
    version: programVersion,
    width: undefined,
    write: () => undefined,
  });
  const names = isServerWanted(words) ? await serverNames(world, text) : [];
  const login = /^[^@]*@/.exec(words.at(-1) ?? '')?.[0] ?? '';
  describe(
    program,
    '',
    names.map((name) => login + name),
  );
  tab.parse(words);
  return exitStatuses.ok;
}

function isServerWanted(words: readonly string[]): boolean {
  return namesServers.has(words[0] ?? '') || namesServers.has(words.slice(0, 2).join(' '));
}

function describe(command: Command, path: string, names: readonly string[]): void {
  const known = path === '' ? tab : tab.command(path, command.summary());
  for (const option of command.options)
    if (option.long !== undefined && option.long !== null)
      known.option(option.long.slice(2), option.description, option.short?.slice(1));
  for (const argument of command.registeredArguments) {
    known.argument(
      argument.name(),
      namesServers.has(path) ? (offer) => offerAll(names, offer) : undefined,
      argument.variadic,
    );
  }
  for (const child of command.commands) describe(child, path === '' ? child.name() : `${path} ${child.name()}`, names);
}

function offerAll(names: readonly string[], offer: (name: string, description: string) => void): void {
  for (const name of names) offer(name, '');
}

/** Never an error: a shell that completes has no place for one. */
async function serverNames(world: World, text: Text): Promise<readonly string[]> {
  const profile = loadProfile({ world, text, profileName: profileNameOf(world, undefined) });
  if (!profile.ok) return [];
  const path = join(profile.value.folder, keptFile);
  const file = readPrivateFile(path, world.uid);
  const fresh = file.ok ? kept.safeParse(parseJson(file.value)) : undefined;
  if (fresh?.success === true && world.clock.now() - fresh.data.at < keptForMs) return fresh.data.names;
  const names = await askNames(text, profile.value);
  if (names === undefined) return fresh?.success === true ? fresh.data.names : [];
  writeWhole(path, JSON.stringify({ at: world.clock.now(), names }));
  return names;
}

async function askNames(text: Text, profile: Profile): Promise<readonly string[] | undefined> {
  const { connectApi } = await import('../client/api.ts');
  const api = await connectApi(text, profile);
  if (!api.ok) return undefined;
  const servers = await api.value.get('/v1/servers', z.array(server));
  api.value.close();
  return servers.ok ? servers.value.filter(({ state }) => state !== 'revoked').map(({ name }) => name) : undefined;
}
