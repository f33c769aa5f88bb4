// The connection protocol (RFC 4254) of one authenticated client: its channels and global requests, each within a limit.
// A message that breaks the protocol ends the connection; nothing a client sends may throw.

import type { Duplex } from 'node:stream';
import type { Refusal } from '@sallyport/protocol';
import { Channel, type RemoteEnd } from './channel.ts';
import { dial, join, Listeners, openFailureOf, readDestination } from './forwarding.ts';
import { type ConnectionContext, SessionChannel } from './session-channel.ts';
import type { SshTransport } from './transport.ts';
import { disconnectReason, message, openFailure, string, uint32, WireReader } from './wire.ts';

export type ConnectionLimits = { readonly maxChannels: number; readonly maxListeners: number };

// A window for each channel: what a peer can make the gateway hold. The first few are wide; many are narrow.
const wideWindowBytes = 2 * 1024 * 1024;
const narrowWindowBytes = 256 * 1024;
const wideChannels = 8;
const maxPacketBytes = 32_768;
// Global requests that may wait for their answers, which go out in order (RFC 4254 §4).
const maxPendingReplies = 64;

type Opening = { readonly connection: Duplex; readonly windowBytes: number };

export class SshConnection {
  readonly #transport: SshTransport;
  readonly #context: ConnectionContext;
  readonly #limits: ConnectionLimits;
  readonly #channels = new Map<number, Channel>();
  readonly #openings = new Map<number, Opening>();
  readonly #dialling = new Set<number>();
  readonly #sessions = new Set<SessionChannel>();
  readonly #listeners: Listeners;
  #lastId = -1;
  #nextToFlush = 0;
  #pendingReplies = 0;
  #lastReply: Promise<void> = Promise.resolve();
  #mayOpenSessions = true;

  constructor(transport: SshTransport, context: ConnectionContext, limits: ConnectionLimits) {
    this.#transport = transport;
    this.#context = context;
    this.#limits = limits;
    this.#listeners = new Listeners(context.machine, limits.maxListeners, (type, address, connection) =>
      this.#openForwarded(type, address, connection),
    );
  }

  /** One message, number 80 or up. */
  receive(payload: Buffer): void {
    const number = payload[0];
    const reader = new WireReader(payload, 1);
    if (number === message.globalRequest) this.#globalRequest(reader);
    else if (number === message.channelOpen) this.#open(reader);
    // Answers to the keep-alives that other layers send, if any.
    else if (number === message.requestSuccess || number === message.requestFailure) return;
    else this.#toChannel(number, reader, payload);
    if (reader.isMalformed) this.#transport.fail(`malformed message ${number}`);
  }

  drained(): void {
    const channels = [...this.#channels.values()];
    // Each turn begins with another channel, so that one that always has more does not starve the rest.
    this.#nextToFlush = channels.length === 0 ? 0 : (this.#nextToFlush + 1) % channels.length;
    for (const channel of [...channels.slice(this.#nextToFlush), ...channels.slice(0, this.#nextToFlush)]) {
      if (this.#transport.isCongested) return;
      channel.flush();
    }
  }

  notify(text: string): void {
    for (const session of this.#sessions) session.notify(text);
  }

  /** The session is over: every session channel says why; the others close. */
  end(reason: Refusal): void {
    for (const session of this.#sessions) session.end(reason);
    for (const channel of this.#channels.values()) channel.onceFlushed(() => channel.close());
    void this.#listeners.closeAll();
  }

  get isEmpty(): boolean {
    return this.#channels.size === 0;
  }

  /** The connection is gone. */
  abandon(): void {
    for (const channel of [...this.#channels.values()]) channel.abandon();
    for (const { connection } of this.#openings.values()) connection.destroy();
    this.#openings.clear();
    void this.#listeners.closeAll();
  }

  // --- channels

  #toChannel(number: number | undefined, reader: WireReader, payload: Buffer): void {
    const id = reader.uint32();
    if (reader.isMalformed) return;
    const channel = this.#channels.get(id);
    if (number === message.channelOpenConfirmation) this.#confirmed(id, reader);
    else if (number === message.channelOpenFailure) this.#openRefused(id);
    else if (channel === undefined) this.#transport.fail(`message ${number} for a channel that is not open`);
    else this.#inChannel(channel, number, reader, payload);
  }

  #inChannel(channel: Channel, number: number | undefined, reader: WireReader, payload: Buffer): void {
    switch (number) {
      case message.channelData:
        if (!channel.received(reader.bytes())) this.#transport.fail('data beyond the window');
        break;
      case message.channelExtendedData:
        // RFC 4254 §5.2 knows no extended data from a client; it counts against the window all the same.
        reader.uint32();
        if (!channel.receivedExtended(reader.bytes())) this.#transport.fail('data beyond the window');
        break;
      case message.channelWindowAdjust:
        channel.receivedWindow(reader.uint32());
        break;
      case message.channelEof:
        channel.receivedEof();
        break;
      case message.channelClose:
        channel.receivedClose();
        break;
      case message.channelRequest: {
        const type = reader.text();
        const wantsReply = reader.boolean();
        if (!reader.isMalformed) channel.receivedRequest(type, wantsReply, payload, reader.position);
        break;
      }
      case message.channelSuccess:
      case message.channelFailure:
        // No request of ours wants a reply.
        break;
      default:
        this.#transport.fail(`unknown message ${number}`);
    }
  }

  #open(reader: WireReader): void {
    const type = reader.text();
    const remote = { id: reader.uint32(), window: reader.uint32(), maxPacket: reader.uint32() };
    if (reader.isMalformed) return;
    const isSession = type === 'session';
    if (!isSession && type !== 'direct-tcpip' && type !== 'direct-streamlocal@openssh.com') {
      this.#refuseOpen(remote, openFailure.unknownType, 'unknown channel type');
    } else if (this.#openCount >= this.#limits.maxChannels) {
      this.#refuseOpen(
        remote,
        openFailure.resourceShortage,
        `a connection may have ${this.#limits.maxChannels} channels`,
      );
    } else if (isSession && !this.#mayOpenSessions) {
      this.#refuseOpen(remote, openFailure.prohibited, 'no more sessions, as the client asked');
    } else if (isSession) {
      this.#openSession(remote);
    } else {
      const to = readDestination(type, reader);
      if (!reader.isMalformed) void this.#dial(remote, to);
    }
  }

  #openSession(remote: RemoteEnd): void {
    const channel = this.#accept(this.#nextId(), remote, this.#windowBytes());
    const context = { ...this.#context, settled: () => this.#listeners.settled() };
    const session = new SessionChannel(channel, context, () => this.#sessions.delete(session));
    this.#sessions.add(session);
  }

  async #dial(remote: RemoteEnd, to: Parameters<typeof dial>[1]): Promise<void> {
    const id = this.#nextId();
    this.#dialling.add(id);
    await this.#listeners.settled();
    const connection = await dial(this.#context.machine, to);
    this.#dialling.delete(id);
    if (!connection.ok) {
      const { reason, text } = openFailureOf(connection.error);
      this.#refuseOpen(remote, reason, text);
    } else if (this.#transport.isClosed) {
      connection.value.destroy();
    } else {
      join(this.#accept(id, remote, this.#windowBytes()), connection.value);
    }
  }

  #openForwarded(type: string, address: readonly Buffer[], connection: Duplex): void {
    // Nobody else listens for its errors until the client has answered.
    connection.on('error', () => {});
    if (this.#transport.isClosed || this.#openCount >= this.#limits.maxChannels) {
      connection.destroy();
      return;
    }
    const id = this.#nextId();
    const windowBytes = this.#windowBytes();
    this.#openings.set(id, { connection, windowBytes });
    const ends = [uint32(id), uint32(windowBytes), uint32(maxPacketBytes)];
    this.#transport.send(message.channelOpen, string(type), ...ends, ...address);
  }

  #confirmed(id: number, reader: WireReader): void {
    const remote = { id: reader.uint32(), window: reader.uint32(), maxPacket: reader.uint32() };
    const opening = this.#openings.get(id);
    if (reader.isMalformed || opening === undefined) {
      this.#transport.fail('confirmation of a channel that was not opened');
      return;
    }
    this.#openings.delete(id);
    join(this.#register(id, remote, opening.windowBytes), opening.connection);
  }

  #openRefused(id: number): void {
    const opening = this.#openings.get(id);
    this.#openings.delete(id);
    opening?.connection.destroy();
    if (opening === undefined) this.#transport.fail('refusal of a channel that was not opened');
  }

  #accept(id: number, remote: RemoteEnd, windowBytes: number): Channel {
    const channel = this.#register(id, remote, windowBytes);
    const ends = [uint32(remote.id), uint32(id), uint32(windowBytes), uint32(maxPacketBytes)];
    this.#transport.send(message.channelOpenConfirmation, ...ends);
    return channel;
  }

  #register(id: number, remote: RemoteEnd, windowBytes: number): Channel {
    const channel = new Channel(this.#transport, id, remote, windowBytes, () => this.#channels.delete(id));
    this.#channels.set(id, channel);
    return channel;
  }

  #refuseOpen(remote: RemoteEnd, reason: number, text: string): void {
    this.#transport.send(message.channelOpenFailure, uint32(remote.id), uint32(reason), string(text), string(''));
  }

  get #openCount(): number {
    return this.#channels.size + this.#openings.size + this.#dialling.size;
  }

  #windowBytes(): number {
    return this.#openCount < wideChannels ? wideWindowBytes : narrowWindowBytes;
  }

  // Ids are never used again while the connection lives; it would take 4 thousand million channels to run out.
  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  // --- global requests

  #globalRequest(reader: WireReader): void {
    const name = reader.text();
    const wantsReply = reader.boolean();
    if (reader.isMalformed) return;
    const answer = this.#answer(name, reader).catch(() => undefined);
    if (reader.isMalformed) return;
    if (this.#pendingReplies >= maxPendingReplies) {
      this.#transport.disconnect(disconnectReason.protocolError, 'too many global requests at once');
      return;
    }
    this.#pendingReplies += 1;
    this.#lastReply = this.#lastReply.then(async () => {
      const granted = await answer;
      this.#pendingReplies -= 1;
      if (!wantsReply) return;
      if (granted === undefined) this.#transport.send(message.requestFailure);
      else this.#transport.send(message.requestSuccess, granted);
    });
  }

  /** What a success carries, or undefined for a failure. */
  async #answer(name: string, reader: WireReader): Promise<Buffer | undefined> {
    switch (name) {
      case 'no-more-sessions@openssh.com':
        this.#mayOpenSessions = false;
        return Buffer.alloc(0);
      case 'tcpip-forward': {
        const host = reader.text();
        const port = reader.uint32();
        if (reader.isMalformed) return undefined;
        const bound = await this.#listeners.listenTcp(host, port);
        if (!bound.ok) return this.#refuseListen(bound.error);
        // RFC 4254 §7.1: the port is told only when the client left it open.
        return port === 0 ? uint32(bound.value) : Buffer.alloc(0);
      }
      case 'streamlocal-forward@openssh.com': {
        const path = reader.text();
        if (reader.isMalformed) return undefined;
        const bound = await this.#listeners.listenUnix(path);
        return bound.ok ? Buffer.alloc(0) : this.#refuseListen(bound.error);
      }
      case 'cancel-tcpip-forward':
        return (await this.#listeners.cancelTcp(reader.text(), reader.uint32())) ? Buffer.alloc(0) : undefined;
      case 'cancel-streamlocal-forward@openssh.com':
        return (await this.#listeners.cancelUnix(reader.text())) ? Buffer.alloc(0) : undefined;
      default:
        // keepalive@openssh.com among them: any answer will do, sshd gives this one.
        return undefined;
    }
  }

  // A failed global request has no text of its own (RFC 4254 §4): the reason goes to the sessions.
  #refuseListen(refusal: Refusal): undefined {
    this.notify(`refused: ${refusal.message}; hint: ${refusal.hint}`);
    return undefined;
  }
}
