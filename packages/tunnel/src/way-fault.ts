// What stands between this side and a gateway, told by the code of the error that Node or OpenSSL gave. It holds no words for people:
// each program has its own, in the language of whoever reads them. Nothing here does I/O.

export type WayCause =
  | 'noSuchHost'
  | 'noNameServer'
  | 'nothingListens'
  | 'noRoute'
  | 'noAnswer'
  | 'cut'
  | 'otherName'
  | 'wrongTime'
  | 'untrusted'
  | 'noTls'
  | 'other';

export type WayFault = {
  readonly step: 'dns' | 'tcp' | 'tls';
  readonly cause: WayCause;
  /** As Node or OpenSSL names it: ECONNREFUSED, CERT_HAS_EXPIRED; empty when neither named anything. */
  readonly code: string;
  /** The error's own words, on one bounded line. */
  readonly detail: string;
};

const maxDetailLength = 300;

const causes: readonly (readonly [RegExp, WayFault['step'], WayCause])[] = [
  [/^(ENOTFOUND|EAI_NONAME)$/, 'dns', 'noSuchHost'],
  [/^EAI_AGAIN$/, 'dns', 'noNameServer'],
  [/^ECONNREFUSED$/, 'tcp', 'nothingListens'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'tcp', 'noRoute'],
  [/^(ETIMEDOUT|ABORT_ERR)$/, 'tcp', 'noAnswer'],
  [/^(ECONNRESET|EPIPE)$/, 'tcp', 'cut'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'tls', 'otherName'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, 'tls', 'wrongTime'],
  [/^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_)/, 'tls', 'untrusted'],
  [/^(ERR_SSL_|EPROTO)/, 'tls', 'noTls'],
];

export function wayFaultOf(error: unknown): WayFault {
  const code = textOf(error, 'code');
  const [, step, cause] = causes.find(([codes]) => codes.test(code)) ?? [undefined, 'tcp', 'other'];
  const isLookup = textOf(error, 'syscall') === 'getaddrinfo';
  return { step: isLookup ? 'dns' : step, cause, code, detail: detailOf(error) };
}

/** The error of an answer that did not come in time. */
export function noAnswerInTime(what = 'no answer in time'): Error {
  return Object.assign(new Error(what), { code: 'ETIMEDOUT' });
}

// With several addresses Node gives an AggregateError, which has no message of its own.
function detailOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(detailOf).join(', ').slice(0, maxDetailLength);
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\p{Cc}+/gu, ' ').slice(0, maxDetailLength);
}

function textOf(error: unknown, field: 'code' | 'syscall'): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, field);
  if (typeof value === 'string') return value;
  return error instanceof AggregateError ? textOf(error.errors[0], field) : '';
}
