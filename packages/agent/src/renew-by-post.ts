// Renewal over a connection of its own, for a certificate that ran out while the gateway was away. Loaded only then.

import { newId, type Random, type Result } from '@sallyport/core';
import { certificateRenewed, headerNames, proveLink } from '@sallyport/protocol';
import { type Identity, trustedCa } from './identity.ts';
import { postJson } from './post-json.ts';
import type { AgentRefusal } from './refusals.ts';
import { withCertificate } from './renewal.ts';

/** Renews over a connection of its own; the proof that the key is here is bound to that connection. */
export async function renewByPost(
  identity: Identity,
  options: { readonly version: string; readonly timeoutMs: number; readonly random: Random },
): Promise<Result<Identity, AgentRefusal>> {
  const { gateway: url, server, privateKey, certificate } = identity;
  const link = newId('link', options.random);
  const answer = await postJson(
    { url, ca: trustedCa(identity), timeoutMs: options.timeoutMs },
    {
      path: '/v1/servers/renew',
      body: {},
      headers: (exporter) => ({
        [headerNames.agentCertificate]: certificate.derText,
        [headerNames.proof]: proveLink({ role: 'agent', id: server, link }, exporter, privateKey),
        [headerNames.link]: link,
        [headerNames.version]: options.version,
      }),
      answer: certificateRenewed,
    },
  );
  return answer.ok ? withCertificate(identity, answer.value.certificatePem) : answer;
}
