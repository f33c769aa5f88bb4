// A session as it is kept: who was on which server as which login, and the channels in it.

import type { ChannelId, DeviceId, EpochMs, PersonId, ServerId, SessionId } from '@sallyport/core';
import type { ChannelRequest } from '@sallyport/protocol';

export type Door = 'ssh' | 'client';

export type SessionRecord = {
  readonly id: SessionId;
  readonly person: PersonId;
  readonly personName: string;
  readonly device: DeviceId;
  readonly server: ServerId;
  readonly serverName: string;
  readonly login: string;
  readonly door: Door;
  readonly address: string;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | undefined;
  readonly endReason: string | undefined;
};

export type ChannelRecord = {
  readonly id: ChannelId;
  readonly session: SessionId;
  readonly kind: ChannelRequest['kind'];
  /** The command, the address, or ''. */
  readonly subject: string;
  readonly openedAt: EpochMs;
  readonly closedAt: EpochMs | undefined;
  readonly outcome: string | undefined;
  /** The recording's root hash once it is sealed, hex. */
  readonly recordingHash: string | undefined;
  readonly hasRecording: boolean;
};
