// `sally server`: list the servers, revoke one.

import { server } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import { plain } from '../print/plain.ts';
import type { Text } from '../text/text.ts';
import { confirmed } from './confirm.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run } from './context.ts';
import { define } from './define.ts';
import { listServers, serverNamed } from './ls.ts';
import { waiting, withApi } from './with-api.ts';

type RevokeOptions = CommonOptions & { readonly yes?: true };

export function addServer(parent: Command, text: Text, run: Run): void {
  const { server: words, serverLs, serverRevoke } = text.command;
  const servers = define(parent, 'server', words, text);
  define(servers, 'ls', serverLs, text).action((options: CommonOptions) =>
    run(options, (context) => listServers(context, { label: [], isRevokedShown: true })),
  );
  define(servers, 'revoke', serverRevoke, text)
    .argument('<server>', serverRevoke.arguments.server)
    .option('-y, --yes', serverRevoke.options.yes)
    .action((name: string, options: RevokeOptions) => run(options, (context) => revoke(context, name, options)));
}

function revoke(context: Context, name: string, options: RevokeOptions): Promise<Outcome> {
  const { display, text } = context;
  return withApi(context, async (api) => {
    const servers = await waiting(context, api.get('/v1/servers', z.array(server)));
    if (!servers.ok) return servers;
    const found = serverNamed(text, servers.value, name);
    if (!found.ok) return found;
    const agreed = await confirmed(context, text.say.confirmServerRevoke(plain(found.value.name)), options.yes);
    if (!agreed.ok) return agreed;
    const revoked = await waiting(context, api.post(`/v1/servers/${found.value.id}/revoke`, {}, z.unknown()));
    if (!revoked.ok) return revoked;
    if (display.isJson) display.json({ server: found.value.id, isRevoked: true });
    else display.line(text.say.serverRevoked(plain(found.value.name)));
    return done;
  });
}
