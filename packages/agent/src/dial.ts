// One attempt to reach the gateway as this agent: a fresh name for the connection, the certificate, and a proof bound to it.
// A certificate that has run out is renewed first, by the key that it certifies.

import { type Clock, err, fraction, type LinkId, newId, ok, type Random, type Result } from '@sallyport/core';
import { headerNames, isRefusalCode, linkPaths, proveLink, refusalMeanings } from '@sallyport/protocol';
import {
  createMux,
  type DialFailure,
  dialGateway,
  type KeptLink,
  type Mux,
  type NegotiatedConnection,
} from '@sallyport/tunnel';
import { caOption, type Identity } from './identity.ts';
import type { AgentRefusal } from './refusals.ts';

export type AgentLink = KeptLink & {
  readonly mux: Mux;
  readonly link: LinkId;
  readonly connection: NegotiatedConnection;
};

type DialOptions = {
  readonly version: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
};

export async function dialAsAgent(
  identity: () => Identity,
  keepCertificate: (renewed: Identity) => Promise<void>,
  options: DialOptions,
): Promise<Result<AgentLink, DialFailure>> {
  const renew = async (): Promise<Result<void, DialFailure>> => {
    const { renewByPost } = await import('./renew-by-post.ts');
    const renewed = await renewByPost(identity(), options);
    if (!renewed.ok) return err(asDialFailure(renewed.error));
    await keepCertificate(renewed.value);
    return ok();
  };
  if (identity().certificate.notAfter <= options.clock.now()) {
    const renewed = await renew();
    if (!renewed.ok) return renewed;
  }
  const dialled = await dialOnce(identity(), options);
  // The two clocks may differ: the gateway's counts.
  if (dialled.ok || dialled.error.refusal?.code !== 'CERTIFICATE_EXPIRED') return dialled;
  const renewed = await renew();
  return renewed.ok ? dialOnce(identity(), options) : renewed;
}

async function dialOnce(identity: Identity, options: DialOptions): Promise<Result<AgentLink, DialFailure>> {
  const link = newId('link', options.random);
  const { certificate, privateKey, server: id } = identity;
  const dialled = await dialGateway({
    url: identity.gateway,
    path: linkPaths.agent,
    ...caOption(identity),
    headers: (exporter) => ({
      [headerNames.agentCertificate]: certificate.derText,
      [headerNames.link]: link,
      [headerNames.proof]: proveLink({ role: 'agent', id, link }, exporter, privateKey),
      [headerNames.version]: options.version,
    }),
    timeoutMs: options.timeoutMs,
    signal: options.signal,
  });
  if (!dialled.ok) return dialled;
  const { carrier, connection } = dialled.value;
  const mux = createMux(carrier, { role: 'dialler', clock: options.clock, random: () => fraction(options.random) });
  return ok({ mux, link, connection, closed: mux.closed, close: (reason) => mux.close(reason) });
}

function asDialFailure({ code, message, rule, hint }: AgentRefusal): DialFailure {
  if (!isRefusalCode(code)) return { step: 'upgrade', message, hint, isRetryable: true };
  const { isRetryable } = refusalMeanings[code];
  return { step: 'upgrade', message, hint, isRetryable, refusal: { code, message, rule, hint } };
}
