// `sally agent join`: this host becomes a server.

import type { Labels } from '@sallyport/protocol';
import { type Context, done, type Outcome } from '../command/context.ts';
import { plain } from '../print/plain.ts';
import { agentFailure, agentWorldOf } from './here.ts';

type Request = {
  readonly url: string;
  readonly token: string;
  readonly name: string | undefined;
  readonly labels: Labels;
  readonly isForced: boolean;
  readonly state: string | undefined;
};

export async function joinHost({ world, display, text }: Context, request: Request): Promise<Outcome> {
  const { url, token, name, labels, isForced, state } = request;
  const { joinHere } = await import('@sallyport/agent');
  const joining = joinHere(agentWorldOf(world, state), { url, token, name, labels, force: isForced });
  const joined = await display.progress(text.say.agent.joining, joining);
  if (!joined.ok) return agentFailure(joined.error);
  const { server, name: given, workspace, gateway, certificate } = joined.value;
  if (display.isJson)
    display.json({
      server,
      name: given,
      workspace,
      gateway: gateway.origin,
      certificateExpiresAt: certificate.notAfter,
    });
  else {
    display.line(text.say.agent.joined(plain(given), plain(workspace)));
    display.note(text.say.agent.joinedNext);
  }
  return done;
}
