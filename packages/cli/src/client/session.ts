// A session on a server, from the side of the person who asked for it.

import { type Clock, err, ok, type Result } from '@sallyport/core';
import { accessRequest, type ExitStatus, type Refusal } from '@sallyport/protocol';
import { openSession, type RemoteSession } from '@sallyport/tunnel';
import type { Failure } from '../failure.ts';
import type { Link } from './link.ts';

export type Machine = RemoteSession['machine'];
export type Process = Extract<Awaited<ReturnType<Machine['exec']>>, { ok: true }>['value'];

export type Destination = { readonly login: string; readonly server: string };

/** `[LOGIN@]SERVER`; without a login the usual one. Undefined when one of them cannot be a name. */
export function parseDestination(words: string, usualLogin: string): Destination | undefined {
  const at = words.lastIndexOf('@');
  const asked = accessRequest.safeParse({
    login: at < 0 ? usualLogin : words.slice(0, at),
    server: words.slice(at + 1).toLowerCase(),
  });
  return asked.success ? asked.data : undefined;
}

/** Opens the session; its notices are said on the way. */
export async function openMachine(
  { mux }: Link,
  { login, server }: Destination,
  notice: (text: string) => void,
): Promise<Result<Machine, Failure>> {
  const opened = await openSession(mux, { kind: 'access', request: { server, login } }, { notice });
  return opened.ok ? ok(opened.value.machine) : err({ kind: 'refused', refusal: opened.error });
}

// A process that was hung up because its session ended: the reason is on its way, on another stream.
const reasonWithinMs = 1_000;

/** How the process ended, or why the session was ended under it. Who hung up here knows why already. */
export async function endOf(
  process: Process,
  machine: Machine,
  clock: Clock,
  isHungUpHere: () => boolean = () => false,
): Promise<Result<ExitStatus, Failure>> {
  const exit = await process.exit;
  if (exit.how === 'exited' || exit.signal !== 'HUP' || isHungUpHere()) return ok(exit);
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const timer = clock.after(reasonWithinMs, () => resolve(undefined));
  const reason: Refusal | undefined = await Promise.race([machine.ended, tooLate]);
  timer.cancel();
  return reason === undefined ? ok(exit) : err({ kind: 'refused', refusal: reason });
}
