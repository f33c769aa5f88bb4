// The doctor's looks at the network below TLS, and at the gateway's clock. They read; what they send is an empty request.

import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Clock, type EpochMs, err, ok, type Result } from '@sallyport/core';
import { hostOf, noAnswerInTime, portOf, wayFaultOf } from '@sallyport/tunnel';
import type { AgentRefusal } from './refusals.ts';
import { unreachable } from './unreachable.ts';

/** The addresses of the gateway's name, in words. */
export async function resolveName(url: URL): Promise<Result<string, AgentRefusal>> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return ok(`${host} is an address, no name`);
  try {
    const found = await lookup(host, { all: true });
    return ok(`${host} is ${found.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return err(unreachable(url, wayFaultOf(error)));
  }
}

export function reachTcp(
  url: URL,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<Result<string, AgentRefusal>> {
  const startedMs = clock.monotonicMs();
  return new Promise((resolve) => {
    const socket = connect({ host: hostOf(url), port: portOf(url) });
    const settle = (result: Result<string, AgentRefusal>): void => {
      socket.destroy();
      resolve(result);
    };
    const fail = (error: Error): void => settle(err(unreachable(url, wayFaultOf(error))));
    socket.setTimeout(timeoutMs, () => fail(noAnswerInTime()));
    socket.on('error', fail);
    socket.on('connect', () => {
      const tookMs = Math.max(1, Math.round(clock.monotonicMs() - startedMs));
      settle(ok(`${socket.remoteAddress} answers on port ${portOf(url)} in ${tookMs} ms`));
    });
  });
}

/** The variables that name a proxy for HTTPS; their values may hold a password and are not told. */
export function proxiesFor(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].filter((name) => (env[name] ?? '') !== '');
}

/** The time in the Date header of GET /health (RFC 9110 §6.6.1), to the second. */
export function dateOf(
  socket: TLSSocket,
  url: URL,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Result<EpochMs, AgentRefusal>> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve(err(unreachable(url, wayFaultOf(error))));
    // Not an ES import of node:http: see post-json.ts.
    const asked = process
      .getBuiltinModule('node:http')
      .request({ createConnection: () => socket, path: '/health', headers: { host: url.host } });
    asked.on('error', fail);
    asked.setTimeout(timeoutMs, () => asked.destroy(noAnswerInTime()));
    asked.on('response', (answer) => {
      const date = Date.parse(answer.headers.date ?? '');
      answer.resume();
      if (Number.isNaN(date)) fail(new Error('the gateway tells no time'));
      else resolve(ok(date));
    });
    asked.end();
  });
}
