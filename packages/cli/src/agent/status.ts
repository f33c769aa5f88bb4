// `sally agent status`: whether the agent of this host runs and is connected.

import type { AgentStatus } from '@sallyport/agent';
import { ok } from '@sallyport/core';
import type { Context, Outcome } from '../command/context.ts';
import { exitStatuses } from '../exit-status.ts';
import { plain } from '../print/plain.ts';
import { durationText, timeText } from '../print/time.ts';
import { padTo, widthOf } from '../print/width.ts';
import { agentFailure, agentWorldOf } from './here.ts';

export async function showStatus(context: Context, state: string | undefined): Promise<Outcome> {
  const { world, display } = context;
  const { statusHere } = await import('@sallyport/agent');
  const status = await statusHere(agentWorldOf(world, state));
  if (!status.ok) return agentFailure(status.error);
  const isConnected = status.value.isRunning && status.value.last?.link.state === 'connected';
  if (display.isJson) display.json({ ...status.value, isConnected });
  else print(context, status.value);
  return ok(isConnected ? exitStatuses.ok : exitStatuses.checkFailed);
}

function print({ display, text, world }: Context, { identity, isRunning, last }: AgentStatus): void {
  const { fact, linkState, notRunning } = text.say.agent;
  const link = isRunning && last !== undefined ? linkState[last.link.state] : notRunning;
  const facts: [string, string][] = [
    [fact.link, link],
    [fact.name, `${identity.name} (${identity.server})`],
    [fact.workspace, `${identity.workspace}, ${identity.gateway}`],
    [fact.certificate, timeText(last?.certificateExpiresAt ?? identity.certificateExpiresAt)],
  ];
  if (last !== undefined && isRunning) {
    facts.push(
      [fact.since, `${timeText(last.since)} (${durationText(text, world.clock.now() - last.since)})`],
      [fact.sessions, String(last.sessions)],
      [fact.process, `${last.pid} (${last.version})`],
    );
    if (last.clockSkewMs !== undefined) facts.push([fact.clockSkew, `${last.clockSkewMs} ms`]);
  }
  if (last?.lastFailure !== undefined)
    facts.push(
      [fact.lastFailure, `${timeText(last.lastFailure.at)}  ${last.lastFailure.message}`],
      ['', last.lastFailure.hint],
    );
  const width = Math.max(...facts.map(([name]) => widthOf(name))) + 2;
  for (const [name, value] of facts) display.line(`${padTo(name, width)}${plain(value)}`);
}
