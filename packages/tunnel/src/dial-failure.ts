// Why a gateway could not be reached: the step that failed, in words, and what to do. Nothing here does I/O.

import { type EpochMs, parseJson } from '@sallyport/core';
import { type Refusal, refusalMeanings, refusalOnWire } from '@sallyport/protocol';
import { type WayCause, type WayFault, wayFaultOf } from './way-fault.ts';

export type DialStep = 'dns' | 'tcp' | 'proxy' | 'tls' | 'upgrade';

export type DialFailure = {
  readonly step: DialStep;
  readonly message: string;
  readonly hint: string;
  /** Whether the same dial can succeed later without anybody changing anything. */
  readonly isRetryable: boolean;
  /** What was in the way, when the gateway did not answer. */
  readonly fault?: WayFault;
  /** The gateway's own words, when it answered. */
  readonly refusal?: Refusal;
  /** The gateway's clock, from its answer. */
  readonly gatewayTime?: EpochMs;
};

type Explanation = { readonly hint: string; readonly isRetryable: boolean };

const explanations: Readonly<Record<WayCause, Explanation>> = {
  noSuchHost: { hint: 'check the spelling of the address and the DNS of this host', isRetryable: true },
  noNameServer: { hint: 'the name servers do not answer: check /etc/resolv.conf and the network', isRetryable: true },
  nothingListens: { hint: 'check the port, and that the gateway runs', isRetryable: true },
  noRoute: { hint: 'there is no route to the gateway: check the network', isRetryable: true },
  noAnswer: { hint: 'a firewall may drop the packets: allow outbound TCP to this port', isRetryable: true },
  cut: { hint: 'the connection was cut: a firewall or proxy may forbid it', isRetryable: true },
  otherName: {
    hint: 'the certificate is for another host name: use the name that the gateway is known by',
    isRetryable: false,
  },
  wrongTime: {
    hint: 'the certificate is not valid at this time: check this host’s clock, then the gateway’s certificate',
    isRetryable: false,
  },
  untrusted: {
    hint: 'the certificate is not by the CA that this side trusts: something between may inspect TLS, or the gateway is a new one',
    isRetryable: false,
  },
  noTls: {
    hint: 'no TLS could be agreed on: check that this is the gateway’s HTTPS port',
    isRetryable: false,
  },
  other: { hint: 'look at each step on the way: sally agent doctor', isRetryable: true },
};

/** What went wrong at that step. A name that could not be looked up is told from a connection that failed by the error itself. */
export function failureAt(step: DialStep, error: unknown, target: string): DialFailure {
  const fault = wayFaultOf(error);
  return {
    step: step === 'tcp' && fault.step === 'dns' ? 'dns' : step,
    message: `${target}: ${fault.detail}`,
    ...explanations[fault.cause],
    fault,
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
  return refusalOnWire.safeParse(parseJson(body)).data;
}
