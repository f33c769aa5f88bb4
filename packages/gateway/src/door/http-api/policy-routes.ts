// The policy in force: read it, replace it as a whole.

import { ok } from '@sallyport/core';
import { policyApply, policyVersion } from '@sallyport/protocol';
import type { IdentityService } from '../../domain/identity/index.ts';
import type { PolicyService } from '../../domain/policy/index.ts';
import { type Guard, knownFirst } from './guard.ts';
import { type HttpServer, refusalResponses } from './server.ts';

type Needs = { readonly policy: PolicyService; readonly identity: IdentityService; readonly guard: Guard };

const maxPolicyBytes = 2 * 1024 * 1024; // 1 MiB of text, escaped

export function policyRoutes(server: HttpServer, { policy, identity, guard }: Needs): void {
  server.get(
    '/v1/policy',
    { schema: { tags: ['policy'], response: { 200: policyVersion, ...refusalResponses } } },
    (request, reply) => guard(request, reply, 'readPolicy', async () => ok(policy.current())),
  );
  server.put(
    '/v1/policy',
    {
      bodyLimit: maxPolicyBytes,
      onRequest: knownFirst(identity),
      schema: { tags: ['policy'], body: policyApply, response: { 200: policyVersion, ...refusalResponses } },
    },
    (request, reply) =>
      guard(request, reply, 'applyPolicy', (caller) => policy.apply(caller, request.body.text, request.body.reason)),
  );
}
