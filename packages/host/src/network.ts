// The connections of one session: TCP from the agent, Unix sockets and every listener through the login-hand, so that the login's
// own rights decide. The agent itself never listens (CON-1).

import { isAbsolute } from 'node:path';
import type { Duplex } from 'node:stream';
import { err, ok, type Result } from '@sallyport/core';
import type { Refusal, SocketAddress } from '@sallyport/protocol';
import type { Listener } from '@sallyport/session';
import { entering, type Identity } from './as-login.ts';
import { dialRefusal, dialTcp } from './dial.ts';
import type { Cell } from './enclosure.ts';
import { type Hand, type HandFailure, startHand } from './hand.ts';
import type { Host } from './host.ts';
import { badRequest, hostUnable, listenFailed } from './refusals.ts';

/** `loopback` is sshd's GatewayPorts=no, except that a wider address is refused and not narrowed in silence. */
export type ListenAddresses = 'loopback' | 'any';

type NetworkOptions = {
  readonly host: Host;
  readonly identity: Identity;
  readonly cell: () => Cell | undefined;
  readonly listenAddresses: ListenAddresses;
};
type OnConnection = (connection: Duplex, origin: SocketAddress) => void;

const maxConnections = 512;
const maxListeners = 64;

export class Network {
  readonly #options: NetworkOptions;
  readonly #connections = new Set<Duplex>();
  readonly #abort = new AbortController();
  #hand: Promise<Result<Hand, Refusal>> | undefined;
  #listeners = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  async dial(to: SocketAddress): Promise<Result<Duplex, Refusal>> {
    if (this.#connections.size >= maxConnections) return err(tooMany('connections', maxConnections));
    const connected = to.family === 'tcp' ? await this.#dialTcp(to.host, to.port) : await this.#dialUnix(to.path);
    if (connected.ok) this.#keep(connected.value);
    return connected;
  }

  async listen(on: SocketAddress, onConnection: OnConnection): Promise<Result<Listener, Refusal>> {
    if (this.#listeners >= maxListeners) return err(tooMany('listeners', maxListeners));
    const target = on.family === 'tcp' ? `${on.host || 'localhost'}:${on.port}` : on.path;
    const place = on.family === 'unix' ? pathOf(on.path) : this.#addressesOf(on.host, on.port);
    if (!place.ok) return place;
    const hand = await this.#theHand();
    if (!hand.ok) return hand;
    const listening = await hand.value.listen(place.value, (connection, origin) => {
      if (this.#connections.size >= maxConnections) {
        connection.destroy();
        return;
      }
      this.#keep(connection);
      onConnection(connection, origin);
    });
    if (!listening.ok) return err(listenRefusal(target, listening.error));
    this.#listeners += 1;
    const { port, close } = listening.value;
    let closing: Promise<void> | undefined;
    return ok({
      port,
      close: () => {
        closing ??= close().finally(() => {
          this.#listeners -= 1;
        });
        return closing;
      },
    });
  }

  /** Closes everything and lets the hand go. */
  async end(): Promise<void> {
    this.#abort.abort();
    for (const connection of this.#connections) connection.destroy();
    const hand = await this.#hand;
    if (hand?.ok) await hand.value.release();
    // One that was taken while the listeners closed.
    for (const connection of this.#connections) connection.destroy();
  }

  #keep(connection: Duplex): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
  }

  #dialTcp(host: string, port: number): Promise<Result<Duplex, Refusal>> {
    if (port === 0 || host.includes('*')) {
      return Promise.resolve(
        err(badRequest(`${host}:${port} is no address to connect to`, 'name a host and a port from 1 to 65535')),
      );
    }
    return dialTcp(host === '' ? 'localhost' : host, port, this.#options.host.clock, this.#abort.signal);
  }

  async #dialUnix(path: string): Promise<Result<Duplex, Refusal>> {
    const checked = pathOf(path);
    if (!checked.ok) return checked;
    const hand = await this.#theHand();
    if (!hand.ok) return hand;
    const connected = await hand.value.connect(path);
    return connected.ok ? connected : err(dialRefusal(path, connected.error.code, connected.error.message));
  }

  #addressesOf(host: string, port: number): Result<{ hosts: readonly string[]; port: number }, Refusal> {
    const loopback: Readonly<Record<string, readonly string[]>> = {
      '': ['127.0.0.1', '::1'],
      localhost: ['127.0.0.1', '::1'],
      '127.0.0.1': ['127.0.0.1'],
      '::1': ['::1'],
    };
    const known = Object.hasOwn(loopback, host) ? loopback[host] : undefined;
    if (known) return ok({ hosts: known, port });
    if (this.#options.listenAddresses === 'any') return ok({ hosts: [host === '*' ? '::' : host], port });
    return err(
      badRequest(
        `a session may listen on loopback only, not on ${host}`,
        'leave the address out, or ask for localhost',
      ),
    );
  }

  #theHand(): Promise<Result<Hand, Refusal>> {
    this.#hand ??= this.#startHand().then((started) => {
      // The next request tries again.
      if (!started.ok) this.#hand = undefined;
      return started;
    });
    return this.#hand;
  }

  async #startHand(): Promise<Result<Hand, Refusal>> {
    const { host, identity } = this.#options;
    const cell = this.#options.cell();
    if (!cell) return err(handMissing('no cgroup could be made for it'));
    const ids =
      host.acting === 'as-root' ? [identity.login.uid, identity.login.gid, identity.groups.join(',')].map(String) : [];
    const entrance = { cgroup: cell.entrance, terminal: '' };
    const command = entering(identity, host.tools, entrance, [...host.handCommand, ...ids]);
    const started = await startHand(command, cell.environment, host.clock, (pid) => cell.lead(pid));
    if (started.ok) return started;
    cell.tree.release();
    return err(handMissing(started.error));
  }
}

function pathOf(path: string): Result<{ path: string }, Refusal> {
  if (isAbsolute(path)) return ok({ path });
  return err(badRequest(`${path} is not an absolute path`, 'name a Unix socket by its path from /'));
}

function listenRefusal(target: string, { code, message }: HandFailure): Refusal {
  switch (code) {
    case 'EADDRINUSE':
      return listenFailed(
        target,
        'it is in use already',
        'choose another port, or remove a socket file that is left over',
      );
    case 'EACCES':
    case 'EPERM':
      return listenFailed(target, 'permission denied', 'the login may not listen there: ports below 1024 are for root');
    case 'EADDRNOTAVAIL':
      return listenFailed(target, 'the server has no such address', 'ask for localhost');
    default:
      return listenFailed(target, message.slice(0, 200), 'try another address');
  }
}

function handMissing(detail: string): Refusal {
  return hostUnable(
    'the process that connects and listens as the login could not be started',
    'run: sally agent doctor',
    { detail },
  );
}

function tooMany(what: string, limit: number): Refusal {
  return {
    code: 'LIMIT_REACHED',
    message: `the session has ${limit} ${what} already`,
    rule: `host.${what}`,
    hint: 'close some of them first',
  };
}
