// `sally sessions`: who was on which server and who is; ending a session.

import { err, ok, type Result } from '@sallyport/core';
import { idOf, type Session, session } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import type { Api } from '../client/api.ts';
import type { Failure } from '../failure.ts';
import { plain } from '../print/plain.ts';
import { durationText, parseCount, timeText } from '../print/time.ts';
import type { Text } from '../text/text.ts';
import { confirmed } from './confirm.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run, usageFailure } from './context.ts';
import { define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type ListOptions = CommonOptions & { readonly open?: true; readonly limit: string };
type EndOptions = CommonOptions & { readonly yes?: true };

const maxListed = 1000;

export function addSessions(parent: Command, text: Text, run: Run): void {
  const { sessions, sessionsLs, sessionsShow, sessionsEnd } = text.command;
  const all = define(parent, 'sessions', sessions, text);
  define(all, 'ls', sessionsLs, text)
    .option('--open', sessionsLs.options.open)
    .option('-n, --limit <count>', sessionsLs.options.limit, '50')
    .action((options: ListOptions) => run(options, (context) => list(context, options)));
  define(all, 'show', sessionsShow, text)
    .argument('<session>', sessionsShow.arguments.session)
    .action((id: string, options: CommonOptions) => run(options, (context) => show(context, id)));
  define(all, 'end', sessionsEnd, text)
    .argument('<session>', sessionsEnd.arguments.session)
    .option('-y, --yes', sessionsEnd.options.yes)
    .action((id: string, options: EndOptions) => run(options, (context) => end(context, id, options)));
}

/** The session of that id; what is no id is told before anything is asked. */
export async function sessionOf(context: Context, api: Api, id: string): Promise<Result<Session, Failure>> {
  if (!idOf('session').safeParse(id).success) return err(usageFailure(context.text.say.usage.sessionId(id)));
  return waiting(context, api.get(`/v1/sessions/${id}`, session));
}

async function list(context: Context, options: ListOptions): Promise<Outcome> {
  const { display, text, world } = context;
  const limit = parseCount(options.limit, 1, maxListed);
  if (limit === undefined) return err(usageFailure(text.say.usage.count('--limit', 1, maxListed)));
  return withApi(context, async (api) => {
    const query = `limit=${limit}${options.open === true ? '&open=1' : ''}`;
    const sessions = await waiting(context, api.get(`/v1/sessions?${query}`, z.array(session)));
    if (!sessions.ok) return sessions;
    const { column, sessionState } = text.say;
    if (display.isJson) display.json(sessions.value);
    else if (sessions.value.length === 0) display.note(text.say.noSessions);
    else
      display.table(
        [
          { title: column.id, minWidth: 20 },
          { title: column.person },
          { title: column.server },
          { title: column.login },
          { title: column.door },
          { title: column.started, minWidth: 19 },
          { title: column.lasted },
          { title: column.state },
        ],
        sessions.value.map((one) => [
          one.id,
          plain(one.person),
          one.server,
          plain(one.login),
          one.door,
          timeText(one.startedAt),
          durationText(text, (one.endedAt ?? world.clock.now()) - one.startedAt),
          {
            text: sessionState[one.state],
            paint: (words) => (one.state === 'open' ? display.paint('green', words) : words),
          },
        ]),
      );
    return done;
  });
}

function show(context: Context, id: string): Promise<Outcome> {
  const { display, text } = context;
  return withApi(context, async (api) => {
    const found = await sessionOf(context, api, id);
    if (!found.ok) return found;
    if (display.isJson) {
      display.json(found.value);
      return done;
    }
    const { person, login, server, state, startedAt, endedAt, endReason, channels } = found.value;
    const { column, sessionState } = text.say;
    display.line(`${display.paint('bold', plain(person))}  ${plain(login)}@${server}  ${sessionState[state]}`);
    display.line(
      `${timeText(startedAt)} – ${endedAt === undefined ? '' : timeText(endedAt)}  ${plain(endReason ?? '')}`.trimEnd(),
    );
    display.line('');
    display.table(
      [
        { title: column.channel, minWidth: 20 },
        { title: column.kind },
        { title: column.opened, minWidth: 19 },
        { title: column.recording },
        { title: column.outcome },
        { title: column.subject, minWidth: 12 },
      ],
      channels.map((channel) => [
        channel.id,
        channel.kind,
        timeText(channel.openedAt),
        channel.hasRecording ? text.say.yes : '',
        plain(channel.outcome ?? ''),
        plain(channel.subject),
      ]),
    );
    return done;
  });
}

function end(context: Context, id: string, options: EndOptions): Promise<Outcome> {
  const { display, text } = context;
  return withApi(context, async (api) => {
    const found = await sessionOf(context, api, id);
    if (!found.ok) return found;
    const { person, login, server } = found.value;
    const agreed = await confirmed(
      context,
      text.say.confirmSessionEnd(plain(person), plain(`${login}@${server}`)),
      options.yes,
    );
    if (!agreed.ok) return agreed;
    const ended = await waiting(context, api.post(`/v1/sessions/${id}/end`, {}, z.unknown()));
    if (!ended.ok) return ended;
    if (display.isJson) display.json({ session: id, isEnded: true });
    else display.line(text.say.sessionEnded(id));
    return ok(0);
  });
}
