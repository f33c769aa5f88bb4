// TCP and Unix-socket forwarding (RFC 4254 §7, OpenSSH PROTOCOL §2.4): connections out of the server and listeners on it.
// Listeners bind the server's loopback only, as sshd's default `GatewayPorts no` does.

import type { Duplex } from 'node:stream';
import { err, type Result } from '@sallyport/core';
import { channelRequest, type Refusal, type SocketAddress } from '@sallyport/protocol';
import type { Listener, Machine } from '../machine.ts';
import type { Channel } from './channel.ts';
import { openFailure, string, uint32, type WireReader } from './wire.ts';

/** Where a `direct-…` channel wants to go. */
export function readDestination(type: string, reader: WireReader): SocketAddress {
  if (type === 'direct-tcpip') return { family: 'tcp', host: reader.text(), port: reader.uint32() };
  return { family: 'unix', path: reader.text() };
}

export async function dial(
  machine: Promise<Result<Machine, Refusal>>,
  to: SocketAddress,
): Promise<Result<Duplex, Refusal>> {
  const request = channelRequest.safeParse({ kind: 'dial', to });
  if (!request.success || request.data.kind !== 'dial') return err(notAnAddress);
  const opened = await machine;
  return opened.ok ? opened.value.dial(request.data) : opened;
}

/** The reason and text of a CHANNEL_OPEN_FAILURE. */
export function openFailureOf(refusal: Refusal): { reason: number; text: string } {
  const isUnreachable = refusal.code === 'DIAL_FAILED';
  return {
    reason: isUnreachable ? openFailure.connectFailed : openFailure.prohibited,
    text: `sally: refused: ${refusal.message}; hint: ${refusal.hint}`.replace(/\p{Cc}+/gu, ' '),
  };
}

/** Joins a channel and a connection, with half-close both ways. */
export function join(channel: Channel, connection: Duplex): void {
  channel.listen({
    closed: () => connection.destroy(),
    request: (_type, wantsReply) => channel.reply(wantsReply, false),
  });
  channel.fillFrom(connection);
  channel.drainInto(connection);
  channel.onceFlushed(() => {
    channel.end();
    // The other direction goes on until the client ends it, or the connection cannot take it any more.
    if (connection.writableFinished || connection.destroyed) channel.close();
    else connection.once('close', () => channel.close()).once('finish', () => channel.close());
  });
}

type Bound = { name: string; starting: Promise<Result<Listener, Refusal>> | undefined };

/** The listeners of one connection. */
export class Listeners {
  readonly #machine: Promise<Result<Machine, Refusal>>;
  readonly #max: number;
  readonly #open: (channelType: string, address: readonly Buffer[], connection: Duplex) => void;
  readonly #bound = new Set<Bound>();
  readonly #closing = new Set<Promise<void>>();

  constructor(
    machine: Promise<Result<Machine, Refusal>>,
    max: number,
    open: (channelType: string, address: readonly Buffer[], connection: Duplex) => void,
  ) {
    this.#machine = machine;
    this.#max = max;
    this.#open = open;
  }

  /** The bound port of a `tcpip-forward`. */
  async listenTcp(host: string, port: number): Promise<Result<number, Refusal>> {
    const bound: Bound = { name: `tcp ${host} ${port}`, starting: undefined };
    const take = async (connection: Duplex, origin: SocketAddress) => {
      const listener = await bound.starting;
      if (!listener?.ok) {
        connection.destroy();
        return;
      }
      const from = origin.family === 'tcp' ? origin : { host: '', port: 0 };
      // RFC 4254 §7.2: the address as the client asked for it, by which it finds its own end.
      const address = [string(host), uint32(listener.value.port), string(from.host), uint32(from.port)];
      this.#open('forwarded-tcpip', address, connection);
    };
    const started = await this.#listen(bound, { family: 'tcp', host: 'localhost', port }, (connection, origin) => {
      void take(connection, origin);
    });
    if (!started.ok) return started;
    bound.name = `tcp ${host} ${started.value.port}`;
    return { ok: true, value: started.value.port };
  }

  async listenUnix(path: string): Promise<Result<number, Refusal>> {
    const bound: Bound = { name: `unix ${path}`, starting: undefined };
    const started = await this.#listen(bound, { family: 'unix', path }, (connection) => {
      this.#open('forwarded-streamlocal@openssh.com', [string(path), string('')], connection);
    });
    return started.ok ? { ok: true, value: 0 } : started;
  }

  cancelTcp(host: string, port: number): Promise<boolean> {
    return this.#cancel(`tcp ${host} ${port}`);
  }

  cancelUnix(path: string): Promise<boolean> {
    return this.#cancel(`unix ${path}`);
  }

  /** Resolves when everything that was asked for so far is in place, or refused: what a client sends after it may rely on it. */
  async settled(): Promise<void> {
    await Promise.allSettled([...[...this.#bound].map(({ starting }) => starting), ...this.#closing]);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#bound].map((bound) => this.#close(bound)));
  }

  async #listen(
    bound: Bound,
    on: SocketAddress,
    onConnection: (connection: Duplex, origin: SocketAddress) => void,
  ): Promise<Result<Listener, Refusal>> {
    const request = channelRequest.safeParse({ kind: 'listen', on });
    if (!request.success || request.data.kind !== 'listen') return err(notAnAddress);
    const { data } = request;
    if (this.#bound.size >= this.#max) return err(tooManyListeners(this.#max));
    bound.starting = this.#start((machine) => machine.listen(data, onConnection));
    this.#bound.add(bound);
    const started = await bound.starting;
    if (!started.ok) this.#bound.delete(bound);
    return started;
  }

  // A client may stop listening on an address and begin again at once.
  async #start(listen: (machine: Machine) => Promise<Result<Listener, Refusal>>): Promise<Result<Listener, Refusal>> {
    const [machine] = await Promise.all([this.#machine, ...this.#closing]);
    return machine.ok ? listen(machine.value) : machine;
  }

  /** Whether there was one. */
  async #cancel(name: string): Promise<boolean> {
    const bound = [...this.#bound].find((candidate) => candidate.name === name);
    return bound !== undefined && this.#close(bound);
  }

  async #close(bound: Bound): Promise<boolean> {
    this.#bound.delete(bound);
    const closed = bound.starting?.then(async (listener) => {
      if (listener.ok) await listener.value.close();
      return listener.ok;
    });
    const closing = Promise.resolve(closed).then(ignore, ignore);
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
    return (await closed) ?? false;
  }
}

const ignore = () => {};

const notAnAddress: Refusal = {
  code: 'BAD_REQUEST',
  message: 'not an address that can be forwarded',
  rule: 'RFC 4254 §7',
  hint: 'give a host name or address and a port up to 65535, or a path of at most 107 bytes',
};

function tooManyListeners(max: number): Refusal {
  return {
    code: 'TOO_MANY',
    message: `a connection may listen on ${max} addresses`,
    rule: 'ssh.maxListeners',
    hint: 'use another connection',
  };
}
