// The client of the HTTP API: one TLS connection, the device's proof on every request, every answer bounded and validated.

import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { err, ok, parseJson, type Result } from '@sallyport/core';
import { headerNames, proveLink, refusalOnWire } from '@sallyport/protocol';
import {
  connectTls,
  exporterOf,
  type GatewayAddress,
  learnPinnedCa,
  type NegotiatedConnection,
  negotiatedOn,
  noAnswerInTime,
  wayFaultOf,
} from '@sallyport/tunnel';
import type * as z from 'zod/mini';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import type { Profile } from '../profile/profile.ts';
import type { Text } from '../text/text.ts';
import { programVersion } from '../version.ts';
import { unreachable } from './unreachable.ts';

export interface Api {
  /** What this side of the connection negotiated, read from the socket (SES-10). */
  readonly negotiated: NegotiatedConnection;
  get<Schema extends z.ZodMiniType>(path: string, schema: Schema): Promise<Result<z.infer<Schema>, Failure>>;
  post<Schema extends z.ZodMiniType>(
    path: string,
    body: object,
    schema: Schema,
  ): Promise<Result<z.infer<Schema>, Failure>>;
  put<Schema extends z.ZodMiniType>(
    path: string,
    body: object,
    schema: Schema,
  ): Promise<Result<z.infer<Schema>, Failure>>;
  /** The body as it comes, for what is too large to hold. */
  download(path: string): Promise<Result<IncomingMessage, Failure>>;
  close(): void;
}

export type Gateway = Omit<GatewayAddress, 'timeoutMs'>;

const handshakeTimeoutMs = 10_000;
const answerTimeoutMs = 30_000;
const maxAnswerBytes = 64 * 1_048_576;

export function connectApi(text: Text, profile: Profile): Promise<Result<Api, Failure>> {
  const { device, key } = profile;
  return connectAnonymously({ url: new URL(profile.gateway), ca: profile.caPem }, text, (exporter) => ({
    [headerNames.device]: device,
    [headerNames.proof]: proveLink({ role: 'device', id: device, link: '' }, exporter, key.privateKey),
    [headerNames.version]: programVersion,
  }));
}

/** The certificate, PEM, of the CA whose key has that fingerprint, from the chain that the gateway shows. Nothing is sent. */
export async function learnGatewayCa(url: URL, fingerprint: string, text: Text): Promise<Result<string, Failure>> {
  const ca = await learnPinnedCa(url, fingerprint, handshakeTimeoutMs);
  return ca.ok ? ca : err(unreachable(url, ca.error, text));
}

/** A connection whose requests carry those headers, made from the connection's exporter value. */
export async function connectAnonymously(
  gateway: Gateway,
  text: Text,
  headers: (exporter: Buffer) => Readonly<Record<string, string>>,
): Promise<Result<Api, Failure>> {
  const connection = await connectTls({ ...gateway, timeoutMs: handshakeTimeoutMs });
  if (!connection.ok) return err(unreachable(gateway.url, connection.error, text));
  const socket = connection.value;
  return ok(apiOver(socket, gateway.url, text, headers(exporterOf(socket))));
}

/** An agent that has one socket and never another: a second connection would need a proof of its own. */
class OneSocketAgent extends Agent {
  readonly #socket: TLSSocket;
  #isGiven = false;

  constructor(socket: TLSSocket) {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
    this.#socket = socket;
  }

  override createConnection(): Duplex {
    if (this.#isGiven) throw cut();
    this.#isGiven = true;
    return this.#socket;
  }
}

function cut(): Error {
  return Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' });
}

type Sent = { readonly method: string; readonly path: string; readonly body?: object };

function apiOver(socket: TLSSocket, url: URL, text: Text, proof: Readonly<Record<string, string>>): Api {
  const agent = new OneSocketAgent(socket);
  const negotiated = negotiatedOn(socket);
  const send = ({ method, path, body }: Sent): Promise<Result<IncomingMessage, Failure>> => {
    const { promise, resolve } = Promise.withResolvers<Result<IncomingMessage, Failure>>();
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const sized =
      payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
    const fail = (error: Error): void => resolve(err(unreachable(url, wayFaultOf(error), text)));
    let outgoing: ClientRequest;
    try {
      outgoing = request({
        agent,
        protocol: 'https:',
        method,
        path,
        headers: { host: url.host, accept: 'application/json', ...proof, ...sized },
      });
    } catch (cause) {
      return Promise.resolve(err(unreachable(url, wayFaultOf(cause), text)));
    }
    outgoing.on('error', fail);
    outgoing.setTimeout(answerTimeoutMs, () => outgoing.destroy(noAnswerInTime()));
    outgoing.on('response', (incoming) => resolve(ok(incoming)));
    outgoing.end(payload);
    return promise;
  };
  const ask = async <Schema extends z.ZodMiniType>(
    sent: Sent,
    schema: Schema,
  ): Promise<Result<z.infer<Schema>, Failure>> => {
    const answer = await send(sent);
    if (!answer.ok) return answer;
    const body = await readBody(answer.value, url, text);
    if (!body.ok) return body;
    if (!isSuccess(answer.value)) return err(refusalOf(answer.value, body.value, url, text));
    const read = schema.safeParse(body.value);
    return read.success ? ok(read.data) : err(notUnderstood(url, answer.value, text));
  };
  return {
    negotiated,
    get: (path, schema) => ask({ method: 'GET', path }, schema),
    post: (path, body, schema) => ask({ method: 'POST', path, body }, schema),
    put: (path, body, schema) => ask({ method: 'PUT', path, body }, schema),
    download: async (path) => {
      const answer = await send({ method: 'GET', path });
      if (!answer.ok || isSuccess(answer.value)) return answer;
      const body = await readBody(answer.value, url, text);
      return body.ok ? err(refusalOf(answer.value, body.value, url, text)) : body;
    },
    close: () => {
      agent.destroy();
      socket.destroy();
    },
  };
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function readBody(incoming: IncomingMessage, url: URL, text: Text): Promise<Result<unknown, Failure>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.byteLength;
      if (bytes > maxAnswerBytes) return err(notUnderstood(url, incoming, text));
      chunks.push(chunk);
    }
  } catch (cause) {
    return err(unreachable(url, wayFaultOf(cause), text));
  }
  return ok(bytes === 0 ? null : parseJson(Buffer.concat(chunks)));
}

function refusalOf(incoming: IncomingMessage, body: unknown, url: URL, text: Text): Failure {
  const refusal = refusalOnWire.safeParse(body);
  return refusal.success ? { kind: 'refused', refusal: refusal.data } : notUnderstood(url, incoming, text);
}

function notUnderstood(url: URL, { statusCode = 0 }: IncomingMessage, text: Text): Failure {
  return localFailure(text.say.notUnderstood(url.host, statusCode), exitStatuses.unavailable);
}
