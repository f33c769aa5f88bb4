// Where recordings live and how they begin: one file a channel, in a folder a session. A session that must be recorded and cannot be does not start.

import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChannelId, type Clock, err, isId, ok, type Result, type SessionId } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import type { Recorder } from '@sallyport/session';
import type { AuthorizedSession } from '../session/index.ts';

export interface RecordingService {
  recorderFor(session: AuthorizedSession): Recorder;
  /** The recording's bytes as they are stored. */
  read(session: SessionId, channel: ChannelId): Promise<Result<ReadStream, Refusal>>;
}
