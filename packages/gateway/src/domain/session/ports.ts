// What sessions need: a store, the connected agents, and a place for recordings.

import type { ChannelId, EpochMs, Result, ServerId, SessionId } from '@sallyport/core';
import type { ChannelRequest, Refusal } from '@sallyport/protocol';
import type { Recorder } from '@sallyport/session';
import type { RemoteSession } from '@sallyport/tunnel';
import type { AuthorizedSession } from './gate.ts';
import type { ChannelRecord, SessionRecord } from './session.ts';

export interface SessionStore {
  addSession(session: SessionRecord): Promise<void>;
  endSession(id: SessionId, at: EpochMs, reason: string): Promise<boolean>;
  /** Ends every session that is still open, as at a start after a crash; returns their ids. */
  endAllOpen(at: EpochMs, reason: string): Promise<readonly SessionId[]>;
  sessionById(id: SessionId): Promise<SessionRecord | undefined>;
  /** Newest first. */
  sessions(filter: { readonly isOpen?: boolean; readonly limit: number }): Promise<readonly SessionRecord[]>;
  addChannel(channel: ChannelRecord): Promise<void>;
  closeChannel(id: ChannelId, at: EpochMs, outcome: string, recordingHash: string | undefined): Promise<boolean>;
  /** Of those sessions, oldest first. */
  channelsOf(sessions: readonly SessionId[]): Promise<readonly ChannelRecord[]>;
}

/** Where an authorized session's machine comes from: the connected agents. */
export interface MachineSource {
  isOnline(server: ServerId): boolean;
  begin(session: AuthorizedSession, on: { notice(text: string): void }): Promise<Result<RemoteSession, Refusal>>;
}

/** The recorder of one session. */
export interface ChannelRecorder extends Recorder {
  /** Tells under which channel the next recording of this request, the very object, is kept. */
  expect(request: ChannelRequest, channel: ChannelId): void;
  /** Resolves once the channel's recording is sealed: with its root hash, hex; undefined where there is none. */
  sealed(channel: ChannelId): Promise<string | undefined>;
}

/** Where recordings go. */
export interface Recordings {
  recorderFor(session: AuthorizedSession): ChannelRecorder;
  /** Seals what a crash left of that session's recordings, and tells their root hashes, hex. */
  recover(session: SessionId): Promise<ReadonlyMap<ChannelId, string>>;
}
