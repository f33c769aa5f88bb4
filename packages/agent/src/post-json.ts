// One POST with a JSON body over one verified connection, with a proof bound to that connection. Answers are bounded and validated.

import type { TLSSocket } from 'node:tls';
import { err, ok, parseJson, type Result } from '@sallyport/core';
import { refusalOnWire } from '@sallyport/protocol';
import { connectTls, exporterOf, type GatewayAddress, noAnswerInTime, wayFaultOf } from '@sallyport/tunnel';
import type * as z from 'zod/mini';
import type { AgentRefusal } from './refusals.ts';
import { unreachable } from './unreachable.ts';

export type Post<Schema extends z.ZodMiniType> = {
  readonly path: string;
  readonly body: unknown;
  readonly headers: (exporter: Buffer) => Readonly<Record<string, string>>;
  readonly answer: Schema;
};

const maxAnswerBytes = 65_536;

export async function postJson<Schema extends z.ZodMiniType>(
  gateway: GatewayAddress,
  post: Post<Schema>,
): Promise<Result<z.infer<Schema>, AgentRefusal>> {
  const connection = await connectTls(gateway);
  if (!connection.ok) return err(unreachable(gateway.url, connection.error));
  const socket = connection.value;
  const headers = post.headers(exporterOf(socket));
  const answer = await send(socket, gateway, post.path, JSON.stringify(post.body), headers);
  socket.destroy();
  if (!answer.ok) return answer;
  return read(gateway.url, answer.value, post.answer);
}

type Answer = { readonly status: number; readonly body: unknown };

function send(
  socket: TLSSocket,
  { url, timeoutMs }: GatewayAddress,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Result<Answer, AgentRefusal>> {
  const { promise, resolve } = Promise.withResolvers<Result<Answer, AgentRefusal>>();
  const fail = (error: Error): void => resolve(err(unreachable(url, wayFaultOf(error))));
  const sized = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
  // An ES import of node:http evaluates its lazy exports, undici among them: 6.5 MB for ever in the resident agent.
  const outgoing = process.getBuiltinModule('node:http').request({
    createConnection: () => socket,
    method: 'POST',
    path,
    headers: { host: url.host, ...sized },
  });
  outgoing.on('error', fail);
  outgoing.setTimeout(timeoutMs, () => outgoing.destroy(noAnswerInTime()));
  outgoing.on('response', (incoming) => {
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > maxAnswerBytes) outgoing.destroy(new Error('the answer is too long'));
    });
    incoming.on('error', fail);
    incoming.on('end', () => resolve(ok({ status: incoming.statusCode ?? 0, body: parseJson(text) })));
  });
  outgoing.end(body);
  return promise;
}

function read<Schema extends z.ZodMiniType>(
  url: URL,
  { status, body }: Answer,
  schema: Schema,
): Result<z.infer<Schema>, AgentRefusal> {
  if (status >= 200 && status < 300) {
    const answer = schema.safeParse(body);
    return answer.success ? ok(answer.data) : err(notUnderstood(url, status));
  }
  const refusal = refusalOnWire.safeParse(body);
  return err(refusal.success ? refusal.data : notUnderstood(url, status));
}

function notUnderstood(url: URL, status: number): AgentRefusal {
  return {
    code: 'GATEWAY_ANSWER',
    message: `${url.host} gave an answer that is not a Sallyport gateway's (HTTP ${status})`,
    rule: 'gateway.answer',
    hint: 'check that the address is the gateway’s own and not a proxy’s, and that both have the same version',
  };
}
