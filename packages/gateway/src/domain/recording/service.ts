// Where recordings live and how they begin: a folder a session, a file a channel. What must be recorded and cannot be does not start.

import { constants, type ReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChannelId, type Clock, err, isId, ok, type Result, type SessionId } from '@sallyport/core';
import type { ChannelRequest, Refusal } from '@sallyport/protocol';
import { type RecordingFailure, type RecordingWriter, recoverRecording, startRecording } from '@sallyport/recording';
import type { ChannelRecording, RecordedRequest } from '@sallyport/session';
import type { Journal } from '../audit/index.ts';
import { actorOf } from '../identity/index.ts';
import type { AuthorizedSession, ChannelRecorder, Recordings } from '../session/index.ts';

export interface RecordingService extends Recordings {
  /** The recording's bytes as they are stored; whoever plays them verifies them. */
  read(session: SessionId, channel: ChannelId): Promise<Result<ReadStream, Refusal>>;
}

type Needs = { readonly folder: string; readonly journal: Journal; readonly clock: Clock };

const suffix = '.sallyrec';

export function createRecordings(needs: Needs): RecordingService {
  const pathOf = (session: SessionId, channel: ChannelId) => join(needs.folder, session, `${channel}${suffix}`);
  return {
    recorderFor: (session) => recorderFor(session, needs, (channel) => pathOf(session.id, channel)),
    recover: (session) => recover(session, join(needs.folder, session), needs),
    read: async (session, channel) => {
      try {
        const file = await open(pathOf(session, channel), constants.O_RDONLY | constants.O_NOFOLLOW);
        return ok(file.createReadStream());
      } catch {
        return err(absent(channel));
      }
    },
  };
}

function recorderFor(
  session: AuthorizedSession,
  needs: Needs,
  pathOf: (channel: ChannelId) => string,
): ChannelRecorder {
  const channels = new WeakMap<ChannelRequest, ChannelId>();
  const roots = new Map<ChannelId, PromiseWithResolvers<string | undefined>>();
  return {
    expect: (request, channel) => {
      channels.set(request, channel);
      if (request.kind === 'shell' || request.kind === 'exec') roots.set(channel, Promise.withResolvers());
    },
    sealed: async (channel) => {
      const root = await roots.get(channel)?.promise;
      roots.delete(channel);
      return root;
    },
    noted: () => {},
    begin: async (request) => {
      const channel = channels.get(request);
      if (channel === undefined)
        return err(unavailable('a channel began that was never opened', 'report this: it is a fault of the gateway'));
      const root = roots.get(channel);
      const started = await startRecording({
        path: pathOf(channel),
        header: headerOf(session, channel, request, needs.clock),
        clock: needs.clock,
      });
      if (started.ok)
        return ok(recordingOf(session, channel, started.value, needs.journal, (hash) => root?.resolve(hash)));
      root?.resolve(undefined);
      return err(refusalOf(started.error));
    },
  };
}

function recordingOf(
  session: AuthorizedSession,
  channel: ChannelId,
  writer: RecordingWriter,
  journal: Journal,
  keepRoot: (hash: string | undefined) => void,
): ChannelRecording {
  let room: Promise<void> | undefined;
  const wait = (hasRoom: boolean) => {
    if (hasRoom || room !== undefined) return;
    room = writer.ready().then(() => {
      room = undefined;
    });
  };
  return {
    // Keystrokes hold passwords that no terminal echoes; what is echoed is in the output.
    wantsInput: false,
    input: () => {},
    output: (chunk, stream) => wait(writer.output(chunk, stream)),
    resize: (size) => wait(writer.resize(size)),
    full: () => room,
    failed: writer.failed.then(refusalOf),
    seal: async (exit) => {
      const sealed = await writer.seal(exit);
      keepRoot(sealed.ok ? sealed.value.rootHash : undefined);
      if (!sealed.ok) return err(refusalOf(sealed.error));
      return journal.write({
        class: 'recording.sealed',
        ...actorOf(session.caller),
        action: 'seal',
        resource: { kind: 'recording', id: channel },
        session: session.id,
        channel,
        payloadBytes: sealed.value.fileBytes,
        payloadHash: sealed.value.rootHash,
      });
    },
  };
}

function headerOf(session: AuthorizedSession, channel: ChannelId, request: RecordedRequest, clock: Clock) {
  const { person } = session.caller;
  const { terminal } = request;
  return {
    session: session.id,
    channel,
    person: { id: person.id, name: person.name },
    server: { id: session.server.id, name: session.server.name },
    login: session.login,
    kind: request.kind,
    ...(request.kind === 'exec' ? { command: request.command } : {}),
    ...(terminal ? { terminal: { term: terminal.term, size: terminal.size } } : {}),
    startedAt: clock.now(),
  };
}

/** Seals what a crash left open, up to its last whole block, and says so in the log. */
async function recover(
  session: SessionId,
  folder: string,
  { journal, clock }: Needs,
): Promise<ReadonlyMap<ChannelId, string>> {
  const sealed = new Map<ChannelId, string>();
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const channel = name.slice(0, -suffix.length);
    if (!name.endsWith(suffix) || !isId('channel', channel)) continue;
    const recovered = await recoverRecording(join(folder, name), clock);
    if (!recovered.ok) continue;
    sealed.set(channel, recovered.value.rootHash);
    if (!recovered.value.wasInterrupted) continue;
    journal.note({
      class: 'recording.sealed',
      actor: { kind: 'gateway', id: 'recovery' },
      action: 'seal',
      resource: { kind: 'recording', id: channel },
      session,
      channel,
      reason: 'interrupted: the gateway stopped without ending it',
      payloadBytes: recovered.value.fileBytes,
      payloadHash: recovered.value.rootHash,
    });
  }
  return sealed;
}

function refusalOf(failure: RecordingFailure): Refusal {
  return unavailable(failure.message, failure.hint);
}

function unavailable(message: string, hint: string): Refusal {
  return {
    code: 'RECORDING_UNAVAILABLE',
    message: 'this session cannot be recorded',
    rule: 'REC-3',
    hint: `an administrator must mend it: ${hint}`,
    evidence: { message },
  };
}

function absent(channel: ChannelId): Refusal {
  return {
    code: 'NOT_FOUND',
    message: `there is no recording of ${channel}`,
    rule: 'REC-1',
    hint: 'shells and commands are recorded; see `sally sessions ls`',
  };
}
