// What a link refuses by itself, in words. Everything else is refused by whoever serves the session.

import type { Refusal } from '@sallyport/protocol';
import { LinkLost, resetCode, StreamReset } from './link-fault.ts';

const rule = 'the link protocol';

export function linkLost(reason: string): Refusal {
  return { code: 'LINK_LOST', message: reason.slice(0, 300), rule, hint: 'try again: the link comes back by itself' };
}

export function protocolError(message: string): Refusal {
  return { code: 'PROTOCOL_ERROR', message, rule, hint: 'use the same version of Sallyport at both ends' };
}

export function limitReached(what: string, most: number): Refusal {
  return { code: 'LIMIT_REACHED', message: `${most} ${what} are open already`, rule, hint: `close some ${what} first` };
}

export const sessionUnknown: Refusal = {
  code: 'SESSION_UNKNOWN',
  message: 'there is no such session on this link',
  rule,
  hint: 'open a session first',
};

export const sessionLeft: Refusal = {
  code: 'SESSION_ENDED',
  message: 'the other side closed the session',
  rule,
  hint: 'open a new session',
};

export const unableToAnswer: Refusal = {
  code: 'HOST_UNABLE',
  message: 'the request failed by a fault of this side',
  rule,
  hint: 'look at the log of the side that refused',
};

/** A session that is over refuses what comes later, with why it ended. */
export function sessionOver(ended: Refusal): Refusal {
  if (ended.code === 'LINK_LOST' || ended.code === 'SESSION_ENDED') return ended;
  return {
    code: 'SESSION_ENDED',
    message: `the session is over: ${ended.message}`,
    rule: ended.rule,
    hint: ended.hint,
  };
}

/** Why a stream failed before it answered. */
export function refusalOf(error: Error | null | undefined): Refusal {
  if (!(error instanceof StreamReset))
    return linkLost(error instanceof LinkLost ? error.message : 'the stream was closed');
  switch (error.resetCode) {
    case resetCode.tooManyStreams:
      return { code: 'LIMIT_REACHED', message: 'too many streams on this link', rule, hint: 'close some first' };
    case resetCode.invalidHeader:
      return protocolError('the other side does not understand the request');
    case resetCode.refused:
      return protocolError('the other side takes no such request');
    default:
      return linkLost(error.message);
  }
}
