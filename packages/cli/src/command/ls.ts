// `sally ls` and `sally server ls`: the servers, as a table or as JSON.

import { ok, type Result } from '@sallyport/core';
import { type Server, server } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import { exitStatuses } from '../exit-status.ts';
import type { Failure } from '../failure.ts';
import { labelsText, parseLabels } from '../labels.ts';
import { plain } from '../print/plain.ts';
import { agoText } from '../print/time.ts';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run, usageFailure } from './context.ts';
import { collect, define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type Options = CommonOptions & { readonly label?: readonly string[] };

export function addLs(parent: Command, text: Text, run: Run): void {
  const words = text.command.ls;
  define(parent, 'ls', words, text)
    .option('-l, --label <name=value>', words.options.label, collect)
    .action((options: Options) =>
      run(options, (context) => listServers(context, { label: options.label ?? [], isRevokedShown: false })),
    );
}

export async function listServers(
  context: Context,
  { label, isRevokedShown }: { label: readonly string[]; isRevokedShown: boolean },
): Promise<Outcome> {
  const wanted = parseLabels(label);
  if (!wanted.ok) return { ok: false, error: usageFailure(context.text.say.usage.label(wanted.error)) };
  return withApi(context, async (api) => {
    const servers = await waiting(context, api.get('/v1/servers', z.array(server)));
    if (!servers.ok) return servers;
    const shown = servers.value.filter(
      (one) =>
        (isRevokedShown || one.state !== 'revoked') &&
        Object.entries(wanted.value).every(([name, value]) => one.labels[name] === value),
    );
    if (context.display.isJson) context.display.json(shown);
    else if (shown.length === 0) context.display.note(context.text.say.noServers);
    else show(context, shown);
    return done;
  });
}

function show({ display, text, world }: Context, servers: readonly Server[]): void {
  const { column, serverState } = text.say;
  const paint = { online: 'green', offline: 'yellow', revoked: 'dim' } as const;
  display.table(
    [
      { title: column.name, minWidth: 12 },
      { title: column.state },
      { title: column.labels },
      { title: column.system },
      { title: column.agent },
      { title: column.sessions, isNumber: true },
      { title: column.lastSeen },
    ],
    servers.map(({ name, state, labels, facts, sessions, lastSeenAt }) => [
      plain(name),
      { text: serverState[state], paint: (words) => display.paint(paint[state], words) },
      plain(labelsText(labels)),
      plain(facts?.os ?? ''),
      plain(facts?.agentVersion ?? ''),
      String(sessions),
      state === 'online' || lastSeenAt === undefined ? '' : agoText(text, world.clock.now() - lastSeenAt),
    ]),
  );
}

/** A server by name or id, among those that are not revoked unless the id is given. */
export function serverNamed(text: Text, servers: readonly Server[], nameOrId: string): Result<Server, Failure> {
  const found =
    servers.find(({ id }) => id === nameOrId) ??
    servers.find(({ name, state }) => name === nameOrId && state !== 'revoked');
  return found === undefined
    ? { ok: false, error: { kind: 'local', ...text.say.noSuchServer(nameOrId), exitStatus: exitStatuses.notFound } }
    : ok(found);
}
