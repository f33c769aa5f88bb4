// Why a gateway could not be reached: the step that failed, in words, and what to do. Nothing here does I/O.

import type { EpochMs } from '@sallyport/core';
import { type Refusal, refusalMeanings, refusalOnWire } from '@sallyport/protocol';

export type DialStep = 'dns' | 'tcp' | 'proxy' | 'tls' | 'upgrade';

export type DialFailure = {
  readonly step: DialStep;
  readonly message: string;
  readonly hint: string;
  /** Whether the same dial can succeed later without anybody changing anything. */
  readonly isRetryable: boolean;
  /** The gateway's own words, when it answered. */
  readonly refusal?: Refusal;
  /** The gateway's clock, from its answer. */
  readonly gatewayTime?: EpochMs;
};

type Explanation = { readonly codes: RegExp; readonly hint: string; readonly isRetryable: boolean };

const explanations: readonly Explanation[] = [
  {
    codes: /^(ENOTFOUND|EAI_NONAME)$/,
    hint: 'check the spelling of the address and the DNS of this host',
    isRetryable: true,
  },
  {
    codes: /^EAI_AGAIN$/,
    hint: 'the name servers do not answer: check /etc/resolv.conf and the network',
    isRetryable: true,
  },
  { codes: /^ECONNREFUSED$/, hint: 'check the port, and that the gateway runs', isRetryable: true },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH)$/,
    hint: 'there is no route to the gateway: check the network',
    isRetryable: true,
  },
  {
    codes: /^(ETIMEDOUT|ABORT_ERR)$/,
    hint: 'a firewall may drop the packets: allow outbound TCP to this port',
    isRetryable: true,
  },
  {
    codes: /^(ECONNRESET|EPIPE)$/,
    hint: 'the connection was cut: a firewall or proxy may forbid it',
    isRetryable: true,
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    hint: 'the certificate is for another host name: use the name that the gateway is known by',
    isRetryable: false,
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    hint: 'the certificate is not valid at this time: check this host’s clock, then the gateway’s certificate',
    isRetryable: false,
  },
  {
    codes: /^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_)/,
    hint: 'the certificate is not by the CA that this side trusts: something between may inspect TLS, or the gateway is a new one',
    isRetryable: false,
  },
  {
    codes: /^(ERR_SSL_|EPROTO)/,
    hint: 'no TLS could be agreed on: check that this is the gateway’s HTTPS port',
    isRetryable: false,
  },
];

/** What went wrong at that step. A name that could not be looked up is told from a connection that failed by the error itself. */
export function failureAt(step: DialStep, error: unknown, target: string): DialFailure {
  const code = textOf(error, 'code');
  const known = explanations.find(({ codes }) => codes.test(code));
  const isLookup = textOf(error, 'syscall') === 'getaddrinfo';
  return {
    step: step === 'tcp' && isLookup ? 'dns' : step,
    message: `${target}: ${messageOf(error)}`,
    hint: known?.hint ?? 'look at each step on the way: sally agent doctor',
    isRetryable: known?.isRetryable ?? true,
  };
}

/** What an HTTP answer other than 101 means. The body is whatever the peer wrote. */
export function failureOfAnswer(status: number, date: string | undefined, body: string, target: string): DialFailure {
  const at = Date.parse(date ?? '');
  const gatewayTime = Number.isNaN(at) ? {} : { gatewayTime: at };
  const refusal = refusalIn(body);
  if (refusal) {
    const { message, hint, code } = refusal;
    return { step: 'upgrade', message, hint, isRetryable: refusalMeanings[code].isRetryable, refusal, ...gatewayTime };
  }
  return {
    step: 'upgrade',
    message: `${target}: HTTP status ${status} instead of a link`,
    hint: 'check that the address is a Sallyport gateway’s and that nothing between answers for it',
    isRetryable: status >= 500 || status === 408 || status === 429,
    ...gatewayTime,
  };
}

function refusalIn(body: string): Refusal | undefined {
  try {
    const parsed = refusalOnWire.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

// With several addresses Node gives an AggregateError, which has no message of its own.
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\p{Cc}+/gu, ' ').slice(0, 300);
}

function textOf(error: unknown, field: 'code' | 'syscall'): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, field);
  if (typeof value === 'string') return value;
  return error instanceof AggregateError ? textOf(error.errors[0], field) : '';
}
