// What a door reads from a connection itself. It never reads an address from a header: only the socket's own is true.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Clock } from '@sallyport/core';
import {
  exporterLabel,
  exporterLengthBytes,
  headerNames,
  type Refusal,
  refusalMeanings,
  toWire,
} from '@sallyport/protocol';

export type ConnectionFacts = {
  /** The peer's address as the socket has it, IPv4-mapped IPv6 written as IPv4. */
  readonly address: string;
  /** The TLS exporter value (RFC 9266), or undefined where it would not be safe to bind to: below TLS 1.3. */
  readonly exporter: Uint8Array | undefined;
};

function connectionFacts(socket: Duplex): ConnectionFacts {
  if (!(socket instanceof TLSSocket)) return { address: 'unknown', exporter: undefined };
  const address = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
  // RFC 9266 §4.2: below TLS 1.3 the exporter is unique only with extended master secret, which Node does not report.
  const isBindable = socket.getProtocol() === 'TLSv1.3';
  const exporter = isBindable
    ? socket.exportKeyingMaterial(exporterLengthBytes, exporterLabel, Buffer.alloc(0))
    : undefined;
  return { address, exporter };
}

/** One header's value; a repeated one counts as absent, so that two readers cannot see two values. */
function headerOf(
  headers: IncomingHttpHeaders,
  name: (typeof headerNames)[keyof typeof headerNames],
): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && !value.includes(',') ? value : undefined;
}

/** What a device shows of itself on this connection. */
export function presentedDevice(request: IncomingMessage) {
  return {
    ...connectionFacts(request.socket),
    device: headerOf(request.headers, headerNames.device),
    proof: headerOf(request.headers, headerNames.proof),
  };
}

/** What an agent shows of itself on this connection. */
export function presentedAgent(request: IncomingMessage) {
  return {
    ...connectionFacts(request.socket),
    certificate: headerOf(request.headers, headerNames.agentCertificate),
    link: headerOf(request.headers, headerNames.link),
    proof: headerOf(request.headers, headerNames.proof),
  };
}

export type UpgradeDoor = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Answers an upgrade request with a refusal instead of 101, and closes. The date lets the peer see a wrong clock. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal, clock: Clock): void {
  const body = JSON.stringify(toWire(refusal));
  const status = refusalMeanings[refusal.code].httpStatus;
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Date: ${new Date(clock.now()).toUTCString()}`,
    'Connection: close',
  ];
  lastWords(socket, [...head, '', body].join('\r\n'), clock);
}

// A peer that reads slowly gets this long for its refusal.
const lastWordsMs = 2_000;

/** Node leaves an upgrade's socket half open, and no time limit of the server holds for it: whoever is refused would keep it for ever. */
export function lastWords(socket: Duplex, words: string, clock: Clock): void {
  socket.on('error', () => socket.destroy());
  const late = clock.after(lastWordsMs, () => socket.destroy());
  socket.once('close', () => late.cancel());
  socket.end(words, () => socket.destroy());
}
