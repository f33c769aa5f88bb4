// When and how the certificate is renewed: over the tunnel at two thirds of its life, or by a POST of its own when it has run out
// while the gateway was away; whether that one is still renewed is the gateway's to decide. The key stays the same.

import { type Clock, type EpochMs, err, ok, type Result, type Timer } from '@sallyport/core';
import { type Certificate, type Identity, readCertificate } from './identity.ts';
import type { AgentRefusal } from './refusals.ts';

// The schedule looks at the wall clock again at least this often: it may be set, and the host may sleep.
const longestNapMs = 600_000;
// After a failed renewal: a third of 24 h leaves room for hundreds of attempts.
const retryMs = 60_000;
// Between two renewals, even if the gateway gives certificates that are due at once.
const minGapMs = 1000;

export function renewalDueAt({ notBefore, notAfter }: Certificate): EpochMs {
  return notBefore + Math.floor(((notAfter - notBefore) * 2) / 3);
}

/** Renews whenever two thirds of the present certificate's life are over, until stopped. A failure is told by `renew` itself. */
export function keepRenewed(options: {
  readonly certificate: () => Certificate;
  readonly renew: () => Promise<Result<void, AgentRefusal>>;
  readonly clock: Clock;
}): { stop(): void } {
  const { clock } = options;
  let timer: Timer | undefined;
  let isStopped = false;
  const check = async (): Promise<void> => {
    const leftMs = renewalDueAt(options.certificate()) - clock.now();
    if (leftMs > 0) return again(leftMs);
    const renewed = await options.renew();
    again(renewed.ok ? Math.max(renewalDueAt(options.certificate()) - clock.now(), minGapMs) : retryMs);
  };
  const again = (delayMs: number): void => {
    if (!isStopped) timer = clock.after(Math.min(delayMs, longestNapMs), () => void check());
  };
  timer = clock.after(0, () => void check());
  return {
    stop: () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}

/** The identity with a new certificate, or why the gateway's answer is not one: it must be ours and last longer. */
export function withCertificate(identity: Identity, certificatePem: string): Result<Identity, AgentRefusal> {
  const certificate = readCertificate(certificatePem, identity.privateKey);
  if (!certificate.ok) return err(badAnswer(certificate.error));
  if (certificate.value.notAfter <= identity.certificate.notAfter)
    return err(badAnswer('it does not last longer than the old one'));
  return ok({ ...identity, certificate: certificate.value });
}

function badAnswer(why: string): AgentRefusal {
  const hint =
    'the old certificate is kept and renewal is tried again; check that agent and gateway have the same version';
  return {
    code: 'GATEWAY_ANSWER',
    message: `the renewed certificate is refused: ${why}`,
    rule: 'certificate.renewal',
    hint,
  };
}
