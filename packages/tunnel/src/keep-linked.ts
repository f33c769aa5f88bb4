// Keeps one link up: dials, waits for its end, dials again (CON-3). It stops only when told to.

import type { Clock, Result } from '@sallyport/core';
import { backoff } from './backoff.ts';
import type { DialFailure } from './dial-failure.ts';

/** A link that lived so long was a good one: the next outage begins with short waits again. */
const goodLinkMs = 30_000;
/** A refusal that no retry can mend is tried again as slowly as this: somebody may mend it. */
const refusedRetryMs = 60_000;

/** A Mux is one. */
export type KeptLink = { readonly closed: Promise<string>; close(reason: string): void };

export type KeepLinkedOptions<Link extends KeptLink> = {
  dial(signal: AbortSignal): Promise<Result<Link, DialFailure>>;
  onLink(link: Link): void;
  /** The link is over; the next try is due in so many milliseconds. */
  onLost?(reason: string, retryInMs: number): void;
  onFailure(failure: DialFailure, retryInMs: number): void;
  readonly clock: Clock;
  readonly random: () => number;
};

export function keepLinked<Link extends KeptLink>(options: KeepLinkedOptions<Link>): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const finished = linkLoop(options, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return finished;
    },
  };
}

async function linkLoop<Link extends KeptLink>(options: KeepLinkedOptions<Link>, stop: AbortSignal): Promise<void> {
  const { clock, random } = options;
  const waits = backoff(random);
  while (!stop.aborted) {
    const dialled = await options.dial(stop);
    if (!dialled.ok) {
      if (stop.aborted) return;
      const retryInMs = dialled.error.isRetryable ? waits.next() : refusedRetryMs * (0.5 + random() / 2);
      options.onFailure(dialled.error, retryInMs);
      await pause(clock, retryInMs, stop);
      continue;
    }
    const sinceMs = clock.monotonicMs();
    const reason = await lifeOf(dialled.value, options, stop);
    if (stop.aborted) return;
    if (clock.monotonicMs() - sinceMs >= goodLinkMs) waits.reset();
    const retryInMs = waits.next();
    options.onLost?.(reason, retryInMs);
    await pause(clock, retryInMs, stop);
  }
}

async function lifeOf<Link extends KeptLink>(
  link: Link,
  options: KeepLinkedOptions<Link>,
  stop: AbortSignal,
): Promise<string> {
  const close = () => link.close('stopped');
  stop.addEventListener('abort', close, { once: true });
  if (stop.aborted) close();
  else options.onLink(link);
  const reason = await link.closed;
  stop.removeEventListener('abort', close);
  return reason;
}

/** Waits by that clock, or until stopped. */
function pause(clock: Clock, delayMs: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      stop.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(delayMs, end);
    stop.addEventListener('abort', end, { once: true });
  });
}
