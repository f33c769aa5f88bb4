// The agent's side of a session's login-hand: started with the first request that needs it, one for each session. What it hands over
// are sockets; no byte of theirs passes through it.

import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import type { SocketAddress } from '@sallyport/protocol';
import type { CommandLine } from './as-login.ts';
import { bareEnvironment } from './command.ts';
import { type HandReply, type HandRequest, handReply } from './hand-wire.ts';

export type HandFailure = { readonly code: string; readonly message: string };
type Answer = Result<{ readonly port: number; readonly socket: Socket | undefined }, HandFailure>;
type OnConnection = (socket: Socket, origin: SocketAddress) => void;

export interface Hand {
  connect(path: string): Promise<Result<Socket, HandFailure>>;
  listen(
    on: { hosts: readonly string[]; port: number } | { path: string },
    onConnection: OnConnection,
  ): Promise<Result<HandListener, HandFailure>>;
  /** Closes every listener and lets the process go. */
  release(): Promise<void>;
}

type HandListener = { readonly port: number; close(): Promise<void> };

const answerWithinMs = 10_000;
const closeWithinMs = 500;

/** Resolves when the hand is ready, or with why it is not. */
export async function startHand(
  command: CommandLine,
  mark: Readonly<Record<string, string>>,
  clock: Clock,
  lead: (pid: number) => void,
): Promise<Result<Hand, string>> {
  const child = spawn(command.file, command.args, {
    cwd: '/',
    detached: true,
    env: { ...bareEnvironment, ...mark },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  if (child.pid !== undefined) lead(child.pid);
  const link = new HandLink(child, clock);
  const problem = await link.ready;
  return problem === undefined ? ok(link) : err(problem);
}

class HandLink implements Hand {
  readonly ready: Promise<string | undefined>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #listeners = new Map<number, OnConnection>();
  readonly #gone: Promise<void>;
  #requests = 0;
  #isGone = false;

  constructor(child: ChildProcess, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    const ready = Promise.withResolvers<string | undefined>();
    const gone = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.#gone = gone.promise;
    const timer = clock.after(answerWithinMs, () => {
      ready.resolve('the login-hand did not start in time');
      child.kill('SIGKILL');
    });
    const leave = (why: string) => {
      timer.cancel();
      this.#isGone = true;
      ready.resolve(why);
      for (const settle of this.#waiting.values()) settle(err({ code: 'GONE', message: why }));
      this.#waiting.clear();
      this.#listeners.clear();
      gone.resolve();
    };
    child.once('error', (error) => leave(error.message));
    child.once('exit', (code, signal) => leave(`the login-hand has gone: ${signal ?? code}`));
    child.on('message', (message, handle) => {
      const reply = handReply.safeParse(message);
      const socket = handle instanceof Socket ? handle : undefined;
      if (!reply.success) return socket?.destroy();
      if (reply.data.reply === 'ready') {
        timer.cancel();
        return ready.resolve(undefined);
      }
      this.#take(reply.data, socket);
    });
  }

  async connect(path: string): Promise<Result<Socket, HandFailure>> {
    const answer = await this.#ask((id) => ({ ask: 'connect', id, path }));
    if (!answer.ok) return answer;
    return answer.value.socket ? ok(answer.value.socket) : err({ code: '', message: 'the connection closed at once' });
  }

  async listen(
    on: { hosts: readonly string[]; port: number } | { path: string },
    onConnection: OnConnection,
  ): Promise<Result<HandListener, HandFailure>> {
    let listener = 0;
    const answer = await this.#ask((id) => {
      listener = id;
      // Before the answer: the first connection may come with it.
      this.#listeners.set(id, onConnection);
      if ('path' in on) return { ask: 'listen-unix', id, path: on.path };
      return { ask: 'listen-tcp', id, hosts: [...on.hosts], port: on.port };
    });
    if (!answer.ok) {
      this.#listeners.delete(listener);
      return answer;
    }
    return ok({ port: answer.value.port, close: () => this.#closeListener(listener) });
  }

  async release(): Promise<void> {
    await Promise.all([...this.#listeners.keys()].map((id) => this.#closeListener(id)));
    if (this.#child.connected) this.#child.disconnect();
    const timer = this.#clock.after(closeWithinMs, () => this.#child.kill('SIGKILL'));
    await this.#gone;
    timer.cancel();
  }

  async #closeListener(id: number): Promise<void> {
    if (!this.#listeners.delete(id)) return;
    await this.#ask(() => ({ ask: 'close', id }), id);
  }

  #ask(requestFor: (id: number) => HandRequest, known?: number): Promise<Answer> {
    if (this.#isGone) return Promise.resolve(err({ code: 'GONE', message: 'the login-hand has gone' }));
    this.#requests += 1;
    const id = known ?? this.#requests;
    return new Promise((resolve) => {
      const timer = this.#clock.after(answerWithinMs, () =>
        settle(err({ code: 'ETIMEDOUT', message: 'no answer in time' })),
      );
      const settle = (answer: Answer) => {
        timer.cancel();
        this.#waiting.delete(id);
        resolve(answer);
      };
      this.#waiting.set(id, settle);
      this.#child.send(requestFor(id), (error) => {
        if (error) settle(err({ code: 'GONE', message: error.message }));
      });
    });
  }

  #take(reply: Exclude<HandReply, { reply: 'ready' }>, socket: Socket | undefined): void {
    if (socket) {
      socket.allowHalfOpen = true;
      socket.on('error', () => undefined);
    }
    switch (reply.reply) {
      case 'connection': {
        const onConnection = this.#listeners.get(reply.id);
        if (socket && onConnection) onConnection(socket, reply.origin);
        else socket?.destroy();
        break;
      }
      case 'connected':
        if (!this.#settle(reply.id, ok({ port: 0, socket }))) socket?.destroy();
        break;
      case 'listening':
        this.#settle(reply.id, ok({ port: reply.port, socket: undefined }));
        break;
      case 'closed':
        this.#settle(reply.id, ok({ port: 0, socket: undefined }));
        break;
      case 'failed':
        this.#settle(reply.id, err({ code: reply.code, message: reply.message }));
    }
  }

  #settle(id: number, answer: Answer): boolean {
    const settle = this.#waiting.get(id);
    settle?.(answer);
    return settle !== undefined;
  }
}
