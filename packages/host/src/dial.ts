// A TCP connection from this host, with both address families raced and every wait bounded (RFC 8305).

import { connect, type Socket } from 'node:net';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { dialFailed } from './refusals.ts';

const connectWithinMs = 10_000;
/** RFC 8305 §5, Connection Attempt Delay. */
const attemptDelayMs = 250;

type Cause = { readonly why: string; readonly hint: string };
const causes: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: { why: 'connection refused', hint: 'nothing listens there: check the port, and that the service runs' },
  ENOTFOUND: { why: 'the name is unknown', hint: 'the name is looked up on the server: check its spelling there' },
  EAI_AGAIN: { why: 'the name could not be looked up', hint: 'check the name servers of the server: /etc/resolv.conf' },
  ETIMEDOUT: { why: 'no answer in time', hint: 'a firewall between the server and that address may drop packets' },
  EHOSTUNREACH: { why: 'no route to that host', hint: 'check the routes of the server: ip route' },
  ENETUNREACH: { why: 'no route to that network', hint: 'check the routes of the server: ip route' },
  ENOENT: { why: 'there is no such socket', hint: 'check the path, and that the service runs' },
  EACCES: { why: 'permission denied', hint: 'the login may not use it: check owner, group and mode on the server' },
  EPERM: { why: 'not permitted', hint: 'a firewall of the server refuses it' },
  ENOTSOCK: { why: 'it is not a socket', hint: 'check the path' },
};

export function dialTcp(
  host: string,
  port: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<Socket, Refusal>> {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: attemptDelayMs,
      signal,
    });
    // Its reader begins when it is ready for it.
    socket.pause();
    const settle = (result: Result<Socket, Refusal>) => {
      timer.cancel();
      socket.off('error', fail);
      socket.on('error', () => undefined);
      resolve(result);
    };
    const fail = (error: Error) => {
      socket.destroy();
      settle(err(dialRefusal(target, codeOf(error), error.message)));
    };
    const timer = clock.after(connectWithinMs, () => fail(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    socket.once('error', fail);
    socket.once('connect', () => settle(ok(socket)));
  });
}

export function dialRefusal(target: string, code: string, message: string): Refusal {
  const cause = causes[code];
  if (cause) return dialFailed(target, cause.why, cause.hint);
  return dialFailed(target, message.slice(0, 200), 'try the same from a shell on the server');
}

// All attempts of a race that failed come as one AggregateError; the last one tells most.
function codeOf(error: Error): string {
  const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  return last instanceof Error && 'code' in last && typeof last.code === 'string' ? last.code : '';
}
