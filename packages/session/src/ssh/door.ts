// The SSH door over one byte stream: transport, authentication, then one Machine for all channels of the connection (SES-2).
// It must never take the process down, whatever a client sends, and never opens a machine before a key has been proven.

import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock, Result, Timer } from '@sallyport/core';
import { type Refusal, usualVariables, variableMatcher } from '@sallyport/protocol';
import type { Negotiated } from 'ssh2/lib/protocol/Protocol.js';
import type { Machine } from '../machine.ts';
import { Authentication, type AuthenticationAttempt } from './authentication.ts';
import { SshConnection } from './connection.ts';
import { hostKeysOf } from './host-key.ts';
import { SshTransport } from './transport.ts';
import { disconnectReason, message } from './wire.ts';

export type SshLimits = {
  /** Channels open at once: sessions, forwards and those that are being opened. */
  readonly maxChannels: number;
  readonly maxListeners: number;
  /** Refused keys and methods after which the client is disconnected. */
  readonly maxAuthAttempts: number;
  /** Time to authenticate in. */
  readonly loginGraceMs: number;
};

export type SshDoorOptions = {
  /** Ed25519 private key. */
  readonly hostKey: KeyObject;
  /** From certifyHostKey; offered beside the plain key. */
  readonly hostCertificate?: Buffer;
  readonly authenticate: (attempt: AuthenticationAttempt) => boolean | Promise<boolean>;
  /** Called once, after the key is proven. Its refusal is told to the person in the channel. */
  readonly open: (login: string, notify: (text: string) => void) => Promise<Result<Machine, Refusal>>;
  readonly clock: Clock;
  readonly limits?: Partial<SshLimits>;
  /** Names of variables a client may set; `*` and `?` are wildcards (sshd_config AcceptEnv). */
  readonly acceptEnvironment?: readonly string[];
  /** What was negotiated, after each key exchange (SES-10). */
  readonly onNegotiated?: (negotiated: Negotiated) => void;
};

export interface SshDoor {
  /** Resolves when the connection is gone and its machine has ended. Never rejects. */
  readonly closed: Promise<void>;
  end(reason: Refusal): void;
}

export const sshLimits: SshLimits = { maxChannels: 128, maxListeners: 16, maxAuthAttempts: 10, loginGraceMs: 60_000 };
// Clients close by themselves once their channels are closed; this is for those that have none, or do not.
const goodbyeMs = 3_000;
const refusedGoodbyeMs = 5_000;

export function openDoor(socket: Duplex, options: SshDoorOptions): SshDoor {
  return new Door(socket, options);
}

class Door implements SshDoor {
  readonly closed: Promise<void>;
  readonly #options: SshDoorOptions;
  readonly #limits: SshLimits;
  readonly #transport: SshTransport;
  readonly #authentication: Authentication;
  readonly #loginTimer: Timer;
  readonly #setClosed: () => void;
  #connection: SshConnection | undefined;
  #machine: Promise<Result<Machine, Refusal>> | undefined;
  #goodbye: Timer | undefined;

  constructor(socket: Duplex, options: SshDoorOptions) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#setClosed = resolve;
    this.#options = options;
    this.#limits = { ...sshLimits, ...options.limits };
    this.#transport = new SshTransport(socket, hostKeysOf(options.hostKey, options.hostCertificate), options.clock, {
      keysExchanged: (negotiated, sessionId) => {
        this.#authentication.sessionNamed(sessionId);
        options.onNegotiated?.(negotiated);
      },
      messageArrived: (payload) => this.#receive(payload),
      drained: () => this.#connection?.drained(),
      closed: () => void this.#close(),
    });
    this.#authentication = new Authentication(this.#transport, {
      isAllowed: options.authenticate,
      maxAttempts: this.#limits.maxAuthAttempts,
      onSuccess: (login) => this.#authenticated(login),
    });
    this.#loginTimer = options.clock.after(this.#limits.loginGraceMs, () => {
      this.#transport.disconnect(disconnectReason.byApplication, 'no login within the time allowed');
    });
  }

  end(reason: Refusal): void {
    void this.#endMachine(reason);
    this.#sayGoodbye(reason);
  }

  #receive(payload: Buffer): void {
    const number = payload[0];
    if (number === message.serviceRequest) this.#authentication.serviceRequested(payload);
    else if (number === message.userauthRequest) this.#authentication.requested(payload);
    else if (this.#connection !== undefined) this.#connection.receive(payload);
    else this.#transport.fail('authenticate first');
  }

  #authenticated(login: string): void {
    this.#loginTimer.cancel();
    const { clock, acceptEnvironment = usualVariables } = this.#options;
    const machine = this.#open(login);
    this.#machine = machine;
    const acceptsVariable = variableMatcher(acceptEnvironment);
    this.#connection = new SshConnection(this.#transport, { machine, clock, acceptsVariable }, this.#limits);
    void machine.then(async (opened) => {
      if (opened.ok) this.#sayGoodbye(await opened.value.ended);
      else this.#disconnectIn(refusedGoodbyeMs, `${opened.error.message}; hint: ${opened.error.hint}`);
    });
  }

  async #open(login: string): Promise<Result<Machine, Refusal>> {
    try {
      return await this.#options.open(login, (text) => this.#connection?.notify(text));
    } catch {
      return { ok: false, error: cannotOpen };
    }
  }

  #sayGoodbye(reason: Refusal): void {
    if (this.#transport.isClosed) return;
    this.#connection?.end(reason);
    const text = `sally: session ended: ${reason.message}; hint: ${reason.hint}`;
    if (this.#connection?.isEmpty ?? true) this.#transport.disconnect(disconnectReason.byApplication, text);
    else this.#disconnectIn(goodbyeMs, text);
  }

  #disconnectIn(delayMs: number, text: string): void {
    this.#goodbye?.cancel();
    if (this.#transport.isClosed) return;
    this.#goodbye = this.#options.clock.after(delayMs, () => {
      this.#transport.disconnect(disconnectReason.byApplication, text);
    });
  }

  async #close(): Promise<void> {
    this.#loginTimer.cancel();
    this.#goodbye?.cancel();
    this.#connection?.abandon();
    await this.#endMachine(clientLeft);
    this.#setClosed();
  }

  async #endMachine(reason: Refusal): Promise<void> {
    const machine = await this.#machine;
    // A machine that cannot end well is over all the same: its owner has the reason.
    if (machine?.ok) await machine.value.end(reason).catch(() => {});
  }
}

const clientLeft: Refusal = {
  code: 'SESSION_ENDED',
  message: 'the SSH connection closed',
  rule: 'ssh',
  hint: 'connect again',
};

const cannotOpen: Refusal = {
  code: 'HOST_UNABLE',
  message: 'the session could not be opened',
  rule: 'ssh',
  hint: 'try again, and tell the administrator if it lasts',
};
