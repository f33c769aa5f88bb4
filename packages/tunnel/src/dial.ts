// Dials a gateway: TCP, TLS with the pinned CA, the exporter value that the caller signs, then the WebSocket upgrade on that socket.
// It must never send a header before the peer's certificate is verified, and never reuse a connection.

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { err, ok, type Result } from '@sallyport/core';
import { WebSocket } from 'ws';
import type { Carrier } from './carrier.ts';
import { clientTls, exporterOf, hostOf, portOf } from './connect-tls.ts';
import { type DialFailure, type DialStep, failureAt, failureOfAnswer } from './dial-failure.ts';
import { type NegotiatedConnection, negotiatedOn } from './tls.ts';
import { noAnswerInTime } from './way-fault.ts';
import { carrierOptions, webSocketCarrier } from './web-socket-carrier.ts';

export type DialOptions = {
  /** `https://host:port`. */
  readonly url: URL;
  readonly path: string;
  /** PEM: the one CA to trust. The system's roots when absent. */
  readonly ca?: string;
  /** Headers of the upgrade request, given this connection's exporter value (RFC 9266). */
  headers(exporter: Buffer): Record<string, string>;
  /** For all steps together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

export type Dialled = { readonly carrier: Carrier; readonly connection: NegotiatedConnection };

/** A refusal is a few hundred bytes; whatever else answers is not read to its end. */
const maxAnswerBytes = 65_536;

export async function dialGateway(options: DialOptions): Promise<Result<Dialled, DialFailure>> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const target = options.url.host;
  let step: DialStep = 'tcp';
  let socket: Socket | undefined;
  try {
    const host = hostOf(options.url);
    socket = await tcp(host, portOf(options.url), signal);
    step = 'tls';
    const secure = await tls(socket, host, options.ca, signal);
    step = 'upgrade';
    const headers = options.headers(exporterOf(secure));
    const connection = negotiatedOn(secure);
    const upgraded = await upgrade(secure, options, headers, signal);
    if (!upgraded.ok) socket.destroy();
    return upgraded.ok ? ok({ carrier: upgraded.value, connection }) : upgraded;
  } catch (error) {
    socket?.destroy();
    return err(failureAt(step, signal.aborted ? abortedAt(step, timeout, options.timeoutMs) : error, target));
  }
}

function abortedAt(step: DialStep, timeout: AbortSignal, timeoutMs: number): Error {
  if (!timeout.aborted) return Object.assign(new Error('the dial was stopped'), { code: 'ABORT_ERR' });
  return noAnswerInTime(`no answer within ${timeoutMs} ms (${step})`);
}

/** Resolves at that event, rejects at an error, an early close or an abort; afterwards errors are handled and no listener is left. */
function reached(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onEvent).off('error', settle).off('close', onClose);
      socket.on('error', handled);
      if (error) reject(error);
      else resolve();
    };
    const onEvent = () => settle();
    const onAbort = () => settle(new Error('aborted'));
    const onClose = () => settle(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    socket.on(event, onEvent).on('error', settle).on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

async function tcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host, port, noDelay: true });
  try {
    await reached(socket, 'connect', signal);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function tls(socket: Socket, host: string, ca: string | undefined, signal: AbortSignal): Promise<TLSSocket> {
  const secure = connectTls({ socket, ...clientTls(host, ca) });
  await reached(secure, 'secureConnect', signal);
  return secure;
}

function upgrade(
  secure: TLSSocket,
  { url, path }: DialOptions,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Result<Carrier, DialFailure>> {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`wss://${url.host}${path}`, {
      ...carrierOptions,
      headers,
      createConnection: () => secure,
      // Masking protects proxies that read plaintext from scripts in browsers (RFC 6455 §10.3); inside our own TLS it is only cost.
      generateMask: (mask) => mask.fill(0),
    });
    const abort = () => {
      webSocket.terminate();
      reject(new Error('aborted'));
    };
    const settle = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    webSocket.once('open', () => {
      settle();
      webSocket.off('error', reject);
      resolve(ok(webSocketCarrier(webSocket)));
    });
    webSocket.on('error', reject);
    webSocket.once('error', settle);
    webSocket.on('unexpected-response', (request, response) => {
      readBody(response).then((body) => {
        settle();
        request.destroy();
        resolve(err(failureOfAnswer(response.statusCode ?? 0, response.headers.date, body, url.host)));
      }, reject);
    });
  });
}

async function readBody(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function handled(): void {}
