// Brings a recording onto this device, into a private file that is gone afterwards, and checks it before anybody sees a byte of it.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { err, ok, type Result } from '@sallyport/core';
import type { Session } from '@sallyport/protocol';
import { type RecordingReport, readRecording, verifyRecording } from '@sallyport/recording';
import type { Api } from '../client/api.ts';
import { type Context, fileFailure, type Outcome } from '../command/context.ts';
import { sessionOf } from '../command/sessions.ts';
import { withApi } from '../command/with-api.ts';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import { unusable } from '../profile/private-file.ts';

export type Wanted = { readonly session: string; readonly channel: string | undefined };
type Recorded = Session['channels'][number];
type Read = Awaited<ReturnType<typeof readRecording>>;
export type VerifiedRecording = Extract<Read, { ok: true }>['value'];

export async function withRecording(
  context: Context,
  wanted: Wanted,
  work: (recording: VerifiedRecording, report: RecordingReport) => Promise<Outcome>,
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'sally-recording-'));
  try {
    const path = join(folder, 'recording');
    const fetched = await withApi(context, (api) => fetchTo(context, api, wanted, path));
    if (!fetched.ok) return fetched;
    const channel = fetched.value;
    const verifying = verifyRecording(path, channel.recordingHash);
    const report = await context.display.progress(context.text.say.recording.verifying, verifying);
    if (!report.ok) return err(bad(context, report.error.message));
    const problem = problemOf(context, wanted.session, channel, report.value);
    if (problem !== undefined) return err(problem);
    if (channel.recordingHash === undefined) context.display.note(context.text.say.recording.noHash);
    const recording = await readRecording(path);
    if (!recording.ok) return err(bad(context, recording.error.message));
    try {
      return await work(recording.value, report.value);
    } finally {
      await recording.value.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchTo(context: Context, api: Api, wanted: Wanted, path: string): Promise<Result<Recorded, Failure>> {
  const { text, display } = context;
  const session = await sessionOf(context, api, wanted.session);
  if (!session.ok) return session;
  const channel = channelOf(context, session.value, wanted.channel);
  if (!channel.ok) return channel;
  const body = await api.download(`/v1/sessions/${session.value.id}/channels/${channel.value.id}/recording`);
  if (!body.ok) return body;
  try {
    await display.progress(
      text.say.recording.fetching,
      pipeline(body.value, createWriteStream(path, { flags: 'wx', mode: 0o600 })),
    );
    return channel;
  } catch (cause) {
    return err(fileFailure(text, unusable(path, cause)));
  }
}

/** The one channel that has a recording, or the one that was asked for. */
function channelOf({ text }: Context, { channels }: Session, asked: string | undefined): Result<Recorded, Failure> {
  const { recording } = text.say;
  const recorded = channels.filter(({ hasRecording }) => hasRecording);
  const [only, ...others] = asked === undefined ? recorded : recorded.filter(({ id }) => id === asked);
  if (only !== undefined && others.length === 0) return ok(only);
  if (asked !== undefined) return err(localFailure(recording.noSuch(asked), exitStatuses.notFound));
  return err(
    localFailure(
      only === undefined ? recording.none : recording.several(recorded.map(({ id }) => id).join(', ')),
      only === undefined ? exitStatuses.notFound : exitStatuses.usage,
    ),
  );
}

function problemOf(
  context: Context,
  session: string,
  channel: Recorded,
  { header, outcome }: RecordingReport,
): Failure | undefined {
  const { recording } = context.text.say;
  if (outcome.state === 'altered') return bad(context, outcome.why);
  // One that was sealed once and is not any more was cut, or put in its place.
  if (outcome.state !== 'sealed' && channel.recordingHash !== undefined)
    return bad(context, recording.notSealedAnyMore);
  // A whole recording of something else is no recording of this.
  const isOther = header.session !== session || header.channel !== channel.id;
  return isOther ? bad(context, recording.other) : undefined;
}

function bad({ text }: Context, why: string): Failure {
  return localFailure(text.say.recording.bad(why), exitStatuses.checkFailed);
}
