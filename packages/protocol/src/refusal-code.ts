// Every code a refusal can have, with what it means to HTTP and to a shell. A closed list: a new refusal is a new row.

import type { Refusal as AnyRefusal } from '@sallyport/core';
import * as z from 'zod/mini';
import { oneLine } from './field.ts';

type Meaning = {
  /** HTTP status (RFC 9110 §15). */
  readonly httpStatus: number;
  /** Exit status of `sally` (sysexits.h). */
  readonly exitStatus: number;
  /** Whether the same request can succeed later without anybody changing anything. */
  readonly isRetryable: boolean;
};

const usage: Meaning = { httpStatus: 400, exitStatus: 64, isRetryable: false };
const unauthenticated: Meaning = { httpStatus: 401, exitStatus: 77, isRetryable: false };
const forbidden: Meaning = { httpStatus: 403, exitStatus: 77, isRetryable: false };
const absent: Meaning = { httpStatus: 404, exitStatus: 68, isRetryable: false };
const conflict: Meaning = { httpStatus: 409, exitStatus: 65, isRetryable: false };
const gone: Meaning = { httpStatus: 410, exitStatus: 77, isRetryable: false };
const busy: Meaning = { httpStatus: 429, exitStatus: 75, isRetryable: true };
const unavailable: Meaning = { httpStatus: 503, exitStatus: 69, isRetryable: true };

export const refusalMeanings = {
  BAD_REQUEST: usage,
  NOT_FOUND: absent,
  TOO_MANY: busy,
  // identity
  NOT_SIGNED_IN: unauthenticated,
  DEVICE_UNKNOWN: unauthenticated,
  DEVICE_REVOKED: unauthenticated,
  PROOF_INVALID: unauthenticated,
  CODE_INVALID: unauthenticated,
  CODE_USED: gone,
  CODE_EXPIRED: gone,
  // enrolment of servers
  TOKEN_INVALID: unauthenticated,
  TOKEN_EXPIRED: gone,
  TOKEN_USED_UP: gone,
  TOKEN_REVOKED: gone,
  LABEL_NOT_ALLOWED: forbidden,
  NAME_TAKEN: conflict,
  CERTIFICATE_INVALID: unauthenticated,
  CERTIFICATE_EXPIRED: unauthenticated,
  SERVER_REVOKED: forbidden,
  // access
  SERVER_UNKNOWN: absent,
  SERVER_OFFLINE: unavailable,
  POLICY_DENIED: forbidden,
  POLICY_ERROR: forbidden,
  POLICY_INVALID: usage,
  POWER_MISSING: forbidden,
  SESSION_UNKNOWN: absent,
  SESSION_ENDED: gone,
  LIMIT_REACHED: busy,
  AUDIT_UNAVAILABLE: unavailable,
  RECORDING_UNAVAILABLE: unavailable,
  STORE_UNAVAILABLE: unavailable,
  STOPPING: unavailable,
  // what the agent says
  GRANT_FORGED: forbidden,
  GRANT_WRONG_SERVER: forbidden,
  GRANT_WRONG_LINK: forbidden,
  GRANT_EXPIRED: forbidden,
  GRANT_NOT_YET_VALID: forbidden,
  GRANT_REPLAYED: forbidden,
  LOGIN_UNKNOWN: absent,
  LOGIN_NOT_ALLOWED: forbidden,
  HOST_UNABLE: unavailable,
  DIAL_FAILED: unavailable,
  // the wire
  LINK_LOST: unavailable,
  PROTOCOL_ERROR: usage,
} as const satisfies Record<string, Meaning>;

export type RefusalCode = keyof typeof refusalMeanings;
export type Refusal = AnyRefusal<RefusalCode>;

export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(refusalMeanings, text);
}

const refusalCode = z.enum(Object.keys(refusalMeanings) as [RefusalCode, ...RefusalCode[]]);

/** A refusal as it crosses a wire: without its evidence, which stays in the log of the side that refused. */
export const refusalOnWire = z.object({
  code: refusalCode,
  message: oneLine(512),
  rule: oneLine(128),
  hint: oneLine(512),
});

export function toWire({ code, message, rule, hint }: Refusal): z.infer<typeof refusalOnWire> {
  return { code, message: line(message, 512), rule: line(rule, 128), hint: line(hint, 512) };
}

function line(text: string, maxLength: number): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, maxLength);
}
