// What this host refuses, in one place: the rule, and what mends it.

import type { JsonObject } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';

export function loginUnknown(name: string, detail: string): Refusal {
  return {
    code: 'LOGIN_UNKNOWN',
    message: `this server has no login ${name}`,
    rule: 'host.login',
    hint: 'ask for a login that `getent passwd` lists on the server',
    evidence: { detail },
  };
}

export function loginNotAllowed(name: string, why: string, hint: string): Refusal {
  return { code: 'LOGIN_NOT_ALLOWED', message: `login ${name} is not allowed: ${why}`, rule: 'host.login', hint };
}

export function hostUnable(what: string, hint: string, evidence?: JsonObject): Refusal {
  const refusal: Refusal = { code: 'HOST_UNABLE', message: what, rule: 'host.ability', hint };
  return evidence ? { ...refusal, evidence } : refusal;
}

export function dialFailed(target: string, why: string, hint: string): Refusal {
  return { code: 'DIAL_FAILED', message: `cannot connect to ${target}: ${why}`, rule: 'host.dial', hint };
}

export function listenFailed(target: string, why: string, hint: string): Refusal {
  return { code: 'HOST_UNABLE', message: `cannot listen on ${target}: ${why}`, rule: 'host.listen', hint };
}

export function badRequest(what: string, hint: string): Refusal {
  return { code: 'BAD_REQUEST', message: what, rule: 'host.request', hint };
}

export function sessionEnded(reason: Refusal): Refusal {
  return { ...reason, code: 'SESSION_ENDED' };
}
