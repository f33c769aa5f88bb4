// Writes a recording as asciicast, whole or not at all.

import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { err } from '@sallyport/core';
import { toAsciicast } from '@sallyport/recording';
import { type Context, done, type Outcome } from '../command/context.ts';
import { exitStatuses } from '../exit-status.ts';
import { localFailure } from '../failure.ts';
import { type VerifiedRecording, type Wanted, withRecording } from './fetch.ts';

type ExportWanted = Wanted & { readonly output: string; readonly isForced: boolean };

export async function exportRecording(context: Context, wanted: ExportWanted): Promise<Outcome> {
  const { display, text, world } = context;
  const { output, isForced } = wanted;
  if (output !== '-' && !isForced && (await isThere(output)))
    return err(localFailure(text.say.recording.exists(output), exitStatuses.cannotWrite));
  return withRecording(context, wanted, async (recording, { outcome }) => {
    if (outcome.state === 'truncated') display.note(text.say.recording.unsealed);
    if (output === '-') {
      await pipeline(Readable.from(toAsciicast(recording)), world.stdout, { end: false });
      return done;
    }
    const written = await writeCast(recording, output);
    if (written !== undefined)
      return err(localFailure(text.say.cannotWrite(output, written), exitStatuses.cannotWrite));
    if (display.isJson) display.json({ session: wanted.session, path: output });
    else display.line(text.say.recording.exported(output));
    return done;
  });
}

/** What went wrong, if anything. A recording holds what people typed and saw: the file is for its owner alone. */
async function writeCast(recording: VerifiedRecording, output: string): Promise<string | undefined> {
  const aside = `${output}.part`;
  try {
    await pipeline(Readable.from(toAsciicast(recording)), createWriteStream(aside, { flags: 'w', mode: 0o600 }));
    await rename(aside, output);
    return undefined;
  } catch (cause) {
    await rm(aside, { force: true });
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
