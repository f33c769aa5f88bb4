// What sessions need of a store.

import type { ChannelId, EpochMs, SessionId } from '@sallyport/core';
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
