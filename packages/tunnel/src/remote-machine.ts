// A Machine on the other side of a link. It promises nothing that the other side does not keep, except one thing: when its session
// is over here, nothing of it flows or hangs here any more.

import type { Duplex } from 'node:stream';
import { err, ok, parseJson, type Result, type SessionId } from '@sallyport/core';
import {
  type ChannelRequest,
  type DialRequest,
  type ExecRequest,
  type ListenRequest,
  listenAccepted,
  notice,
  type RecordKind,
  type Refusal,
  recordKind,
  refusalOnWire,
  type SftpRequest,
  type ShellRequest,
  type SocketAddress,
  type StreamHeader,
  sessionAccepted,
  toWire,
} from '@sallyport/protocol';
import type { Listener, Machine, Process } from '@sallyport/session';
import * as z from 'zod/mini';
import { readAnswer, writeAccepted } from './answer.ts';
import { resetCode } from './link-fault.ts';
import type { ConnectionHeader, Mux } from './mux.ts';
import { RecordParser, writeJsonRecord } from './record.ts';
import { linkLost, refusalOf, sessionOver } from './refusals.ts';
import { remoteProcess } from './remote-process.ts';
import { type MuxStream, onPeerEnd } from './stream.ts';

export type SessionHeader = Extract<StreamHeader, { kind: 'session' | 'access' }>;
export type SessionAccepted = z.infer<typeof sessionAccepted>;
export type RemoteSession = { readonly machine: Machine; readonly accepted: SessionAccepted };
/** What the other side says to the person. */
export type SessionEvents = { notice(text: string): void };

/** How long the other side may take to end a session before this side stops waiting for it. */
const endWithinMs = 10_000;
const nothing = z.object({});

/** Asks for a session and waits for the answer. */
export async function openSession(
  mux: Mux,
  header: SessionHeader,
  on: SessionEvents = { notice: () => undefined },
): Promise<Result<RemoteSession, Refusal>> {
  const stream = mux.open(header);
  const accepted = await readAnswer(stream, sessionAccepted);
  if (!accepted.ok) return accepted;
  return ok({ machine: new RemoteMachine(mux, stream, accepted.value.session, on), accepted: accepted.value });
}

class RemoteMachine implements Machine {
  readonly ended: Promise<Refusal>;
  readonly #mux: Mux;
  readonly #stream: MuxStream;
  readonly #session: SessionId;
  readonly #on: SessionEvents;
  readonly #channels = new Set<MuxStream>();
  readonly #listeners = new Map<string, (connection: Duplex, origin: SocketAddress) => void>();
  /** Listen requests that are not answered yet: a connection can overtake the answer. */
  readonly #listening = new Set<Promise<unknown>>();
  #over: Refusal | undefined;
  #resolveEnded: (reason: Refusal) => void = () => undefined;

  constructor(mux: Mux, stream: MuxStream, session: SessionId, on: SessionEvents) {
    this.#mux = mux;
    this.#stream = stream;
    this.#session = session;
    this.#on = on;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const stopConnections = mux.onConnection(session, (connection, header) => this.#connection(connection, header));
    const parser = new RecordParser((kind, payload) => this.#take(kind, payload));
    stream.on('data', (chunk: Buffer) => {
      if (parser.push(chunk) !== undefined) stream.reset(resetCode.internal);
    });
    onPeerEnd(stream, () => stream.end());
    stream.on('close', () => {
      stopConnections();
      this.#finish(stream.errored ? refusalOf(stream.errored) : linkLost('the other side gave the session up'));
    });
  }

  shell(request: ShellRequest): Promise<Result<Process, Refusal>> {
    return this.#process(request);
  }

  exec(request: ExecRequest): Promise<Result<Process, Refusal>> {
    return this.#process(request);
  }

  sftp(request: SftpRequest): Promise<Result<Process, Refusal>> {
    return this.#process(request);
  }

  async dial(request: DialRequest): Promise<Result<Duplex, Refusal>> {
    const stream = await this.#channel(request, nothing);
    return stream.ok ? ok(stream.value.stream) : stream;
  }

  async listen(
    request: ListenRequest,
    onConnection: (connection: Duplex, origin: SocketAddress) => void,
  ): Promise<Result<Listener, Refusal>> {
    const asked = this.#channel(request, listenAccepted);
    this.#listening.add(asked);
    const answer = await asked;
    if (answer.ok) this.#listeners.set(answer.value.accepted.listener, onConnection);
    this.#listening.delete(asked);
    if (!answer.ok) return answer;
    const { stream, accepted } = answer.value;
    const closed = new Promise<void>((resolve) => {
      stream.once('close', () => {
        this.#listeners.delete(accepted.listener);
        resolve();
      });
    });
    stream.resume();
    onPeerEnd(stream, () => stream.end());
    return ok({
      port: accepted.port,
      close: () => {
        // The other side ends its half once nothing listens any more.
        stream.end();
        return closed;
      },
    });
  }

  async end(reason: Refusal): Promise<void> {
    if (this.#over) return;
    for (const channel of this.#channels) channel.reset(resetCode.cancelled);
    writeJsonRecord(this.#stream, recordKind.ended, toWire(reason));
    const late = this.#mux.clock.after(endWithinMs, () => this.#stream.reset(resetCode.cancelled));
    await this.ended;
    late.cancel();
  }

  async #process(request: ShellRequest | ExecRequest | SftpRequest): Promise<Result<Process, Refusal>> {
    const channel = await this.#channel(request, nothing);
    return channel.ok ? ok(remoteProcess(channel.value.stream)) : channel;
  }

  async #channel<Schema extends z.ZodMiniType>(
    request: ChannelRequest,
    accepted: Schema,
  ): Promise<Result<{ readonly stream: MuxStream; readonly accepted: z.infer<Schema> }, Refusal>> {
    if (this.#over) return err(sessionOver(this.#over));
    const stream = this.#mux.open({ kind: 'channel', session: this.#session, request });
    this.#channels.add(stream);
    stream.once('close', () => this.#channels.delete(stream));
    const answer = await readAnswer(stream, accepted);
    if (answer.ok) return ok({ stream, accepted: answer.value });
    return this.#over ? err(sessionOver(this.#over)) : answer;
  }

  #take(kind: RecordKind, payload: Buffer): void {
    if (kind === recordKind.notice) {
      const parsed = notice.safeParse(parseJson(payload));
      if (parsed.success) this.#on.notice(parsed.data.text);
      else this.#stream.reset(resetCode.internal);
      return;
    }
    const parsed = kind === recordKind.ended ? refusalOnWire.safeParse(parseJson(payload)) : undefined;
    if (parsed?.success) this.#finish(parsed.data);
    else this.#stream.reset(resetCode.internal);
  }

  #finish(reason: Refusal): void {
    if (this.#over) return;
    this.#over = reason;
    this.#stream.end();
    // What still flows has its last words; what does not end by itself is cut.
    const late = this.#mux.clock.after(endWithinMs, () => {
      for (const channel of this.#channels) channel.reset(resetCode.cancelled);
    });
    if (this.#channels.size === 0) late.cancel();
    this.#resolveEnded(reason);
  }

  #connection(stream: MuxStream, { listener, origin }: ConnectionHeader): void {
    const deliver = (): void => {
      const onConnection = this.#listeners.get(listener);
      if (!onConnection || this.#over) {
        stream.reset(resetCode.refused);
        return;
      }
      this.#channels.add(stream);
      stream.once('close', () => this.#channels.delete(stream));
      writeAccepted(stream, {});
      onConnection(stream, origin);
    };
    if (this.#listeners.has(listener)) deliver();
    else Promise.all(this.#listening).then(deliver, () => stream.reset(resetCode.refused));
  }
}
