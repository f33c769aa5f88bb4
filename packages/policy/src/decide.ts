// Answers a question by the policy. Deny is the default, a forbid wins, and whatever cannot be answered without an error is denied:
// Cedar by itself skips a policy that fails, so that a forbid which fails would let everybody in.

import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import { normalizedAddress } from './address.ts';
import type { CompiledPolicy } from './compile.ts';
import { type Decision, type DecisionRequest, defaultDenyRule, evaluationErrorRule } from './decision.ts';
import { askCedar, type CedarCall, type CedarEntity } from './engine.ts';

// What an audit event takes.
const maxRules = 64;

export function decide(policy: CompiledPolicy, request: DecisionRequest): Decision {
  try {
    return judge(askCedar(policy, request.action, toCedar(request)));
  } catch (cause) {
    return failed([cause instanceof Error ? cause.message : String(cause)]);
  }
}

function judge(answer: AuthorizationAnswer): Decision {
  if (answer.type === 'failure') return failed(answer.errors.map(({ message }) => message));
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0)
    return failed(diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`));
  const rules = diagnostics.reason.toSorted().slice(0, maxRules);
  const named = rules.join(', ');
  if (decision === 'allow' && rules.length > 0)
    return { verdict: 'allow', rules, why: `permitted by ${named}`, errors: [] };
  if (rules.length > 0) return { verdict: 'deny', rules, why: `forbidden by ${named}`, errors: [] };
  return { verdict: 'deny', rules: [defaultDenyRule], why: 'no policy permits it', errors: [] };
}

function failed(errors: readonly string[]): Decision {
  return { verdict: 'deny', rules: [evaluationErrorRule], why: `evaluation error: ${errors[0] ?? 'unknown'}`, errors };
}

function toCedar(request: DecisionRequest): CedarCall {
  const principal = { type: 'Sally::Person', id: request.principal.id };
  const resource = {
    type: request.resource.kind === 'server' ? 'Sally::Server' : 'Sally::Workspace',
    id: request.resource.id,
  };
  return {
    principal,
    action: { type: 'Sally::Action', id: request.action },
    resource,
    context: contextOf(request),
    entities: [
      {
        uid: principal,
        attrs: { name: request.principal.name },
        parents: request.principal.roles.map((id) => ({ type: 'Sally::Role', id })),
      },
      resourceEntity(request.resource, resource),
    ],
  };
}

function resourceEntity(resource: DecisionRequest['resource'], uid: { type: string; id: string }): CedarEntity {
  if (resource.kind === 'workspace') return { uid, attrs: {}, parents: [] };
  return { uid, attrs: { name: resource.name }, parents: [], tags: { ...resource.labels } };
}

function contextOf({ context }: DecisionRequest): CedarCall['context'] {
  const address = extension('ip', normalizedAddress(context.address));
  if (!('login' in context)) return { address, device: context.device };
  const { login, door, device, now, destination } = context;
  const known = { login, door, address, device, now: extension('datetime', new Date(now).toISOString()) };
  return destination === undefined ? known : { ...known, destination };
}

function extension(fn: string, arg: string): { __extn: { fn: string; arg: string } } {
  return { __extn: { fn, arg } };
}
