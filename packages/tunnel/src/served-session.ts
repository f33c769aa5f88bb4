// One session on its serving side: its stream, its machine and its channels. The stream's end is the machine's end, and the other
// way round.

import { err, parseJson, type Result, type SessionId } from '@sallyport/core';
import {
  type ChannelRequest,
  type DialRequest,
  type RecordKind,
  type Refusal,
  recordKind,
  refusalOnWire,
  toWire,
} from '@sallyport/protocol';
import type { Machine, Process } from '@sallyport/session';
import { writeAccepted, writeAnswer } from './answer.ts';
import { join } from './join.ts';
import { resetCode } from './link-fault.ts';
import type { Mux } from './mux.ts';
import { RecordParser, writeJsonRecord } from './record.ts';
import { limitReached, sessionLeft, sessionOver, sessionUnknown, unableToAnswer } from './refusals.ts';
import type { SessionAccepted } from './remote-machine.ts';
import { serveListener } from './serve-listener.ts';
import { serveProcess } from './serve-process.ts';
import { type MuxStream, onPeerEnd } from './stream.ts';

const maxNoticeLength = 512;
/** Notices behind so much that the asking side does not read are dropped. */
const maxWaitingBytes = 65_536;
const maxEarlyNotices = 16;

type Limits = { readonly maxChannelsPerSession: number; onFault?(error: unknown): void };
type Begun = { readonly id: SessionId; readonly machine: Machine };

export class ServedSession {
  readonly #mux: Mux;
  readonly #stream: MuxStream;
  readonly #limits: Limits;
  readonly #channels = new Set<MuxStream>();
  readonly #listening = new Set<MuxStream>();
  #earlyNotices: string[] = [];
  #begun: Begun | undefined;
  #over: Refusal | undefined;
  #listeners = 0;

  constructor(mux: Mux, stream: MuxStream, limits: Limits) {
    this.#mux = mux;
    this.#stream = stream;
    this.#limits = limits;
  }

  refuse(refusal: Refusal): void {
    writeAnswer(this.#stream, err(refusal));
  }

  begin(accepted: SessionAccepted, machine: Machine, onOver: () => void): void {
    this.#begun = { id: accepted.session, machine };
    // Never rejects, by Machine's contract.
    void machine.ended.then((reason) => {
      this.#over = reason;
      onOver();
      for (const listener of this.#listening) listener.end();
      writeJsonRecord(this.#stream, recordKind.ended, toWire(reason));
      this.#stream.end();
    });
    const parser = new RecordParser((kind, payload) => this.#take(kind, payload));
    this.#stream.on('data', (chunk: Buffer) => {
      if (parser.push(chunk) !== undefined) this.#stream.reset(resetCode.internal);
    });
    onPeerEnd(this.#stream, () => this.#end(sessionLeft));
    this.#stream.on('close', () => this.#end(sessionLeft));
    writeAccepted(this.#stream, { ...accepted, powers: [...accepted.powers] });
    for (const text of this.#earlyNotices) this.notify(text);
    this.#earlyNotices = [];
    if (this.#stream.destroyed) this.#end(sessionLeft);
  }

  notify(text: string): void {
    if (!this.#begun) {
      if (this.#earlyNotices.length < maxEarlyNotices) this.#earlyNotices.push(text);
      return;
    }
    if (this.#stream.writableLength > maxWaitingBytes) return;
    const line = text.replace(/\p{Cc}+/gu, ' ').slice(0, maxNoticeLength);
    writeJsonRecord(this.#stream, recordKind.notice, { text: line });
  }

  channel(stream: MuxStream, request: ChannelRequest): void {
    const { onFault } = this.#limits;
    const refusal = this.#whyNot();
    if (refusal || !this.#begun) {
      writeAnswer(stream, err(refusal ?? sessionUnknown));
      return;
    }
    this.#channels.add(stream);
    stream.once('close', () => this.#channels.delete(stream));
    this.#open(stream, request, this.#begun).catch((error: unknown) => {
      onFault?.(error);
      writeAnswer(stream, err(unableToAnswer));
    });
  }

  #whyNot(): Refusal | undefined {
    const { maxChannelsPerSession } = this.#limits;
    if (this.#over) return sessionOver(this.#over);
    return this.#channels.size >= maxChannelsPerSession ? limitReached('channels', maxChannelsPerSession) : undefined;
  }

  #open(stream: MuxStream, request: ChannelRequest, { id, machine }: Begun): Promise<void> {
    switch (request.kind) {
      case 'shell':
        return startProcess(stream, machine.shell(request));
      case 'exec':
        return startProcess(stream, machine.exec(request));
      case 'sftp':
        return startProcess(stream, machine.sftp(request));
      case 'dial':
        return dial(stream, machine, request);
      case 'listen': {
        this.#listeners += 1;
        this.#listening.add(stream);
        stream.once('close', () => this.#listening.delete(stream));
        const place = {
          mux: this.#mux,
          session: id,
          name: `l${this.#listeners}`,
          maxConnections: this.#limits.maxChannelsPerSession,
        };
        return serveListener(stream, machine, request, place);
      }
    }
  }

  #take(kind: RecordKind, payload: Buffer): void {
    const reason = kind === recordKind.ended ? refusalOnWire.safeParse(parseJson(payload)) : undefined;
    if (reason?.success) this.#end(reason.data);
    else this.#stream.reset(resetCode.internal);
  }

  #end(reason: Refusal): void {
    if (this.#over || !this.#begun) return;
    this.#begun.machine.end(reason).catch((error: unknown) => this.#limits.onFault?.(error));
  }
}

async function startProcess(stream: MuxStream, starting: Promise<Result<Process, Refusal>>): Promise<void> {
  const started = await starting;
  if (!started.ok) return writeAnswer(stream, started);
  if (!stream.destroyed) writeAccepted(stream, {});
  serveProcess(stream, started.value);
}

async function dial(stream: MuxStream, machine: Machine, request: DialRequest): Promise<void> {
  const dialled = await machine.dial(request);
  if (!dialled.ok) return writeAnswer(stream, dialled);
  if (!stream.destroyed) writeAccepted(stream, {});
  join(stream, dialled.value);
}
