// Standard input and output joined to the gateway's SSH door. ssh starts it for every connection, so it loads nothing that it does not
// need, and says what is wrong in two lines on stderr.

import { err, ok } from '@sallyport/core';
import { serverName } from '@sallyport/protocol';
import { connectLink } from '../client/link.ts';
import { loadProfile, type Outcome, type ProfileContext, usageFailure } from '../command/context.ts';
import { exitStatuses } from '../exit-status.ts';
import { localFailure } from '../failure.ts';
import { serverOfHost } from './config-block.ts';
import { joinStreams } from './join-streams.ts';

export async function proxy(context: ProfileContext, host: string): Promise<Outcome> {
  const { world, text } = context;
  const profile = loadProfile(context);
  if (!profile.ok) return profile;
  const server = serverName.safeParse(serverOfHost(host, profile.value.workspace));
  if (!server.success) return err(usageFailure(text.say.usage.hostName(host, profile.value.workspace)));
  const link = await connectLink(world, text, profile.value);
  if (!link.ok) return link;
  const { mux } = link.value;
  const ending = await joinStreams(world.stdin, world.stdout, mux.open({ kind: 'ssh', server: server.data }));
  mux.close('done');
  return ending === 'done'
    ? ok(exitStatuses.ok)
    : err(localFailure(text.say.linkLost(ending.message), exitStatuses.unavailable));
}
