// Every route of a signed-in person goes through here: authenticate, decide, log, then act. Nothing acts before it.

import type { Result } from '@sallyport/core';
import type { WorkspaceAction } from '@sallyport/policy';
import { type Refusal, refusalMeanings, toWire } from '@sallyport/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, IdentityService } from '../../domain/identity/index.ts';
import type { Going, PolicyService } from '../../domain/policy/index.ts';
import { presentedDevice } from '../connection.ts';

export type Guard = ReturnType<typeof createGuard>;

export function createGuard(identity: IdentityService, policy: PolicyService) {
  return async function guard<Answer>(
    request: FastifyRequest,
    reply: FastifyReply,
    /** The action that policy decides, or 'self' for what concerns only the caller's own sign-in. */
    action: WorkspaceAction | 'self',
    act: (caller: Caller) => Promise<Result<Answer, Refusal>>,
    going?: (caller: Caller) => Going,
  ): Promise<Answer> {
    const caller = await identity.authenticate(presentedDevice(request.raw));
    if (!caller.ok) return refuse(reply, caller.error);
    if (action !== 'self') {
      const allowed = await policy.authorize(caller.value, action, going?.(caller.value));
      if (!allowed.ok) return refuse(reply, allowed.error);
    }
    const answer = await act(caller.value);
    return answer.ok ? answer.value : refuse(reply, answer.error);
  };
}

/** For a route whose body is large: whoever is not known is refused before a byte of it is read. */
export function knownFirst(identity: IdentityService) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const caller = await identity.authenticate(presentedDevice(request.raw));
    if (!caller.ok)
      await reply
        .header('Connection', 'close')
        .code(refusalMeanings[caller.error.code].httpStatus)
        .send(toWire(caller.error));
  };
}

/** Sends the refusal. To its caller it is the answer that never comes, because the reply is on its way: return it at once. */
export function refuse(reply: FastifyReply, refusal: Refusal): never {
  return reply.code(refusalMeanings[refusal.code].httpStatus).send(toWire(refusal)) as never;
}
