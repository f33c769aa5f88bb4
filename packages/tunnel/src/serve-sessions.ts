// The serving side of sessions: admits them one by one, runs their channels, and ends everything of a session with its stream.
// It must never run a channel of a session that was not admitted on this very link.

import { err, type Result, type SessionId } from '@sallyport/core';
import type { ChannelRequest, Refusal, StreamHeader } from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';
import { writeAnswer } from './answer.ts';
import { resetCode } from './link-fault.ts';
import type { Mux } from './mux.ts';
import { limitReached, sessionUnknown, unableToAnswer } from './refusals.ts';
import type { SessionAccepted, SessionHeader } from './remote-machine.ts';
import { ServedSession } from './served-session.ts';
import type { MuxStream } from './stream.ts';

export type AdmittedSession = { readonly accepted: SessionAccepted; readonly machine: Machine };

/** The asking side as the one who admits sees it. */
export type SessionAsker = {
  /** A line for the person. Before the session is accepted it is kept back, after its end dropped. */
  notify(text: string): void;
};

export type AdmitSession = (header: SessionHeader, asker: SessionAsker) => Promise<Result<AdmittedSession, Refusal>>;

export type ServeOptions = {
  readonly maxSessions: number;
  readonly maxChannelsPerSession: number;
  /** Streams that are neither sessions nor channels; they are refused when this is absent. */
  onOther?(stream: MuxStream, header: StreamHeader): void;
  /** A fault in `admit` or in a machine: the request was refused. */
  onFault?(error: unknown): void;
};

export function serveSessions(mux: Mux, admit: AdmitSession, options: ServeOptions): void {
  const desk = new SessionDesk(mux, admit, options);
  mux.onStream((stream, header) => {
    switch (header.kind) {
      case 'session':
      case 'access':
        return desk.ask(stream, header);
      case 'channel':
        return desk.channel(stream, header);
      default:
        if (options.onOther) return options.onOther(stream, header);
        stream.reset(resetCode.refused);
    }
  });
}

type ChannelHeader = { readonly session: SessionId; readonly request: ChannelRequest };
type WaitingChannel = { readonly stream: MuxStream; readonly header: ChannelHeader };

class SessionDesk {
  readonly #mux: Mux;
  readonly #admit: AdmitSession;
  readonly #options: ServeOptions;
  readonly #sessions = new Map<SessionId, ServedSession>();
  /** Sessions that are being admitted; a channel that names one of them comes before its id is known here. */
  #pending = 0;
  #waiting: WaitingChannel[] = [];

  constructor(mux: Mux, admit: AdmitSession, options: ServeOptions) {
    this.#mux = mux;
    this.#admit = admit;
    this.#options = options;
  }

  ask(stream: MuxStream, header: SessionHeader): void {
    const { maxSessions } = this.#options;
    if (this.#sessions.size + this.#pending >= maxSessions) {
      writeAnswer(stream, err(limitReached('sessions', maxSessions)));
      return;
    }
    this.#pending += 1;
    const session = new ServedSession(this.#mux, stream, this.#options);
    // Never rejects: whatever goes wrong in there is a refusal.
    void this.#admitted(header, session).then((admitted) => {
      this.#pending -= 1;
      this.#begin(session, admitted);
      this.#seatWaiting();
    });
  }

  channel(stream: MuxStream, header: ChannelHeader): void {
    const { maxChannelsPerSession } = this.#options;
    const session = this.#sessions.get(header.session);
    if (session) session.channel(stream, header.request);
    else if (this.#pending === 0) writeAnswer(stream, err(sessionUnknown));
    else if (this.#waiting.length < maxChannelsPerSession) this.#waiting.push({ stream, header });
    else writeAnswer(stream, err(limitReached('channels', maxChannelsPerSession)));
  }

  async #admitted(header: SessionHeader, session: ServedSession): Promise<Result<AdmittedSession, Refusal>> {
    try {
      return await this.#admit(header, { notify: (text) => session.notify(text) });
    } catch (error) {
      this.#options.onFault?.(error);
      return err(unableToAnswer);
    }
  }

  #begin(session: ServedSession, admitted: Result<AdmittedSession, Refusal>): void {
    if (!admitted.ok) {
      session.refuse(admitted.error);
      return;
    }
    const { accepted, machine } = admitted.value;
    // Two sessions of one id would share their channels: the second one is a fault of whoever gave the id.
    if (this.#sessions.has(accepted.session)) {
      session.refuse(unableToAnswer);
      this.#options.onFault?.(new Error(`session ${accepted.session} is already on this link`));
      return;
    }
    this.#sessions.set(accepted.session, session);
    session.begin(accepted, machine, () => this.#sessions.delete(accepted.session));
  }

  #seatWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { stream, header } of waiting) {
      if (!stream.destroyed) this.channel(stream, header);
    }
  }
}
