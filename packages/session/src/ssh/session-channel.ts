// A session channel (RFC 4254 §6): its requests become one process of the Machine. What refuses it is said on its standard error,
// and it always ends with an exit status or signal, after its output.

import { type Clock, delay, type Result } from '@sallyport/core';
import {
  channelRequest,
  type ExitStatus,
  type Refusal,
  refusalMeanings,
  type TerminalRequest,
} from '@sallyport/protocol';
import type { Machine, Process } from '../machine.ts';
import type { Channel } from './channel.ts';
import { readTerminal, readWindowSize } from './terminal.ts';
import { string, uint32, WireReader } from './wire.ts';

export type ConnectionContext = {
  readonly machine: Promise<Result<Machine, Refusal>>;
  readonly clock: Clock;
  /** Names a client may set, `*` and `?` as in sshd's AcceptEnv. */
  readonly acceptsVariable: (name: string) => boolean;
};

export type SessionContext = ConnectionContext & {
  /** Resolves when the listeners that the client has asked for are there: its command may use them. */
  readonly settled: () => Promise<void>;
};

type Start = { readonly kind: 'shell' | 'exec' | 'sftp'; readonly command: string };

const maxVariables = 64;
const maxVariableBytes = 131_072; // in sum; MAX_ARG_STRLEN of Linux
// What a program may write after nobody reads: more than its buffers held when it was told.
const maxWastedBytes = 4 * 1024 * 1024;
// A session that is ended kills its processes first: their channel waits this long for the reason before it reports the signal.
const reasonGraceMs = 250;
const signalsOfAnEnd = new Set(['HUP', 'TERM', 'KILL']);

export class SessionChannel {
  readonly #channel: Channel;
  readonly #context: SessionContext;
  readonly #environment: Record<string, string> = {};
  #environmentBytes = 0;
  #terminal: TerminalRequest | undefined;
  #isStarted = false;
  #isFinished = false;
  #process: Process | undefined;

  constructor(channel: Channel, context: SessionContext, onClosed: () => void) {
    this.#channel = channel;
    this.#context = context;
    channel.listen({
      closed: () => {
        this.#isFinished = true;
        this.#process?.hangUp();
        onClosed();
      },
      request: (type, wantsReply, payload, from) => {
        const reader = new WireReader(payload, from);
        const isGranted = this.#requested(type, reader) && !reader.isMalformed;
        channel.reply(wantsReply, isGranted);
      },
    });
  }

  /** A line for the person, on standard error. */
  notify(text: string): void {
    if (this.#isStarted && !this.#isFinished) this.#say(text);
  }

  /** The session is over: the channel says why and closes. */
  end(reason: Refusal): void {
    if (this.#isFinished) return;
    if (!this.#isStarted) {
      this.#isFinished = true;
      this.#channel.close();
      return;
    }
    this.#say(`session ended: ${reason.message}`, `hint: ${reason.hint}`);
    this.#finish({ how: 'exited', status: refusalMeanings[reason.code].exitStatus });
    this.#channel.dropSources();
    this.#process?.hangUp();
  }

  #requested(type: string, reader: WireReader): boolean {
    switch (type) {
      case 'env':
        return this.#setVariable(reader.text(), reader.text());
      case 'pty-req':
        return this.#setTerminal(reader);
      case 'window-change':
        return this.#resize(reader);
      case 'signal':
        return this.#signal(reader.text());
      case 'shell':
        return this.#start({ kind: 'shell', command: '' }, reader);
      case 'exec':
        return this.#start({ kind: 'exec', command: reader.text() }, reader);
      case 'subsystem':
        return reader.text() === 'sftp' && this.#start({ kind: 'sftp', command: '' }, reader);
      case 'eow@openssh.com':
        this.#stopOutput();
        return true;
      default:
        // Agent and X11 forwarding among them: the client says that it was refused and goes on.
        return false;
    }
  }

  #setVariable(name: string, value: string): boolean {
    const length = name.length + value.length;
    const isAccepted =
      !this.#isStarted && this.#context.acceptsVariable(name) && /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name);
    if (!isAccepted || this.#environmentBytes + length > maxVariableBytes || value.includes('\0')) return false;
    if (!Object.hasOwn(this.#environment, name) && Object.keys(this.#environment).length >= maxVariables) return false;
    this.#environmentBytes += length;
    this.#environment[name] = value;
    return true;
  }

  #setTerminal(reader: WireReader): boolean {
    if (this.#isStarted || this.#terminal !== undefined) return false;
    this.#terminal = readTerminal(reader);
    return this.#terminal !== undefined;
  }

  #resize(reader: WireReader): boolean {
    const size = readWindowSize(reader);
    if (reader.isMalformed || this.#terminal === undefined) return false;
    this.#terminal = { ...this.#terminal, size };
    this.#process?.resize(size);
    return true;
  }

  #signal(name: string): boolean {
    if (this.#process === undefined || !/^[A-Z0-9]{1,12}$/.test(name)) return false;
    this.#process.signal(name);
    return true;
  }

  // OpenSSH PROTOCOL §2.3. On one machine the program would find its pipe broken when it writes again; over a link there is no pipe,
  // so it is sent what it would have been, and hung up if it goes on all the same.
  #stopOutput(): void {
    let wastedBytes = 0;
    this.#channel.wasteOutput((bytes) => {
      if (wastedBytes === 0) this.#process?.signal('PIPE');
      const isGoingOn = wastedBytes <= maxWastedBytes && wastedBytes + bytes > maxWastedBytes;
      wastedBytes += bytes;
      if (isGoingOn) this.#process?.hangUp();
    });
  }

  // Granted at once, so that the client's input is under way while the server starts the program; what refuses it afterwards is said
  // on standard error, which a CHANNEL_FAILURE could not do.
  #start(start: Start, reader: WireReader): boolean {
    if (this.#isStarted || reader.isMalformed) return false;
    this.#isStarted = true;
    void this.#run(start).catch(() => this.#refuse(serverFailed));
    return true;
  }

  async #run(start: Start): Promise<void> {
    const machine = await this.#context.machine;
    if (!machine.ok) {
      this.#refuse(machine.error);
      return;
    }
    await this.#context.settled();
    const terminal = this.#terminal;
    const started = await begin(machine.value, start, terminal, this.#environment);
    if (!started.ok) {
      this.#refuse(started.error);
      return;
    }
    const process = started.value;
    if (this.#channel.isClosed || this.#isFinished) {
      discard(process);
      return;
    }
    this.#attach(process, terminal);
    const exit = await process.exit;
    if (exit.how === 'signalled' && signalsOfAnEnd.has(exit.signal)) {
      await Promise.race([machine.value.ended, delay(this.#context.clock, reasonGraceMs)]);
    }
    this.#finish(exit);
  }

  #attach(process: Process, terminal: TerminalRequest | undefined): void {
    this.#process = process;
    // The window may have changed while the program was starting.
    if (this.#terminal !== undefined && this.#terminal !== terminal) process.resize(this.#terminal.size);
    this.#channel.fillFrom(process.stdout);
    this.#channel.fillFrom(process.stderr, true);
    this.#channel.drainInto(process.stdin);
  }

  #refuse(refusal: Refusal): void {
    if (this.#isFinished) return;
    this.#say(`refused: ${refusal.message}`, `hint: ${refusal.hint}`);
    this.#finish({ how: 'exited', status: refusalMeanings[refusal.code].exitStatus });
  }

  #finish(exit: ExitStatus): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#channel.onceFlushed(() => {
      this.#channel.end();
      this.#channel.request(...exitRequest(exit));
      this.#channel.close();
    });
  }

  #say(first: string, ...others: readonly string[]): void {
    const newline = this.#terminal === undefined ? '\n' : '\r\n';
    // On a terminal the cursor may be anywhere in a line.
    const start = this.#terminal === undefined ? '' : newline;
    const lines = [`sally: ${first}`, ...others].map((line) => line.replace(/\p{Cc}+/gu, ' ') + newline);
    this.#channel.say(start + lines.join(''));
  }
}

function discard(process: Process): void {
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => {}).destroy();
  process.hangUp();
}

const serverFailed: Refusal = {
  code: 'HOST_UNABLE',
  message: 'the server could not start it',
  rule: 'machine',
  hint: 'try again, and tell the administrator if it lasts',
};

async function begin(
  machine: Machine,
  start: Start,
  terminal: TerminalRequest | undefined,
  environment: Record<string, string>,
): Promise<Result<Process, Refusal>> {
  const { kind, command } = start;
  const asked = { kind, ...(kind === 'exec' && { command }), ...(kind !== 'sftp' && { environment, terminal }) };
  const request = channelRequest.safeParse(asked);
  if (!request.success) return { ok: false, error: { ...notACommand } };
  switch (request.data.kind) {
    case 'shell':
      return machine.shell(request.data);
    case 'exec':
      return machine.exec(request.data);
    case 'sftp':
      return machine.sftp(request.data);
    default:
      return { ok: false, error: notACommand };
  }
}

const notACommand: Refusal = {
  code: 'BAD_REQUEST',
  message: 'the command is longer than 131072 bytes or holds a zero byte',
  rule: 'machine-wire',
  hint: 'put the command in a file and run the file',
};

// RFC 4254 §6.10. Neither wants a reply.
function exitRequest(exit: ExitStatus): Buffer[] {
  const noReply = Buffer.of(0);
  if (exit.how === 'exited') return [string('exit-status'), noReply, uint32(exit.status)];
  const coreDumped = Buffer.of(exit.isCoreDumped ? 1 : 0);
  return [string('exit-signal'), noReply, string(exit.signal), coreDumped, string(''), string('')];
}
