// The policy in force: compiled once, replaced as a whole, asked for every action. What cannot be decided is denied.

import { type Clock, err, ok, type Result, sha256Hex } from '@sallyport/core';
import {
  type CompiledPolicy,
  compilePolicy,
  type Decision,
  type DecisionRequest,
  decide,
  type PolicyMistake,
  starterPolicy,
  type WorkspaceAction,
} from '@sallyport/policy';
import type { Refusal } from '@sallyport/protocol';
import type { Entry, Journal } from '../audit/index.ts';
import { actorOf, type Caller } from '../identity/index.ts';
import type { PolicyStore, PolicyVersion } from './ports.ts';

export type Going = { readonly isToldAlready: boolean; readonly details: Entry['details'] };

export interface PolicyService {
  readonly current: () => PolicyVersion;
  decide(request: DecisionRequest): Decision;
  /** Decides an action on the workspace, and logs it before it happens; one that goes on for long is logged when it begins. */
  authorize(caller: Caller, action: WorkspaceAction, going?: Going): Promise<Result<void, Refusal>>;
  /** Puts a policy in force as a whole, or says every mistake in it and changes nothing. */
  apply(caller: Caller, text: string, reason: string): Promise<Result<PolicyVersion, Refusal>>;
  /** Called after each change, so that live sessions are decided again (SES-7). */
  onChange(listener: () => void): void;
}

type Needs = {
  readonly store: PolicyStore;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly workspace: string;
};

export async function createPolicy(needs: Needs): Promise<Result<PolicyService, readonly PolicyMistake[]>> {
  const version = (await needs.store.latest()) ?? (await addStarter(needs));
  const compiled = compilePolicy(version.text);
  return compiled.ok ? ok(policyService(needs, version, compiled.value)) : compiled;
}

function policyService(needs: Needs, first: PolicyVersion, firstCompiled: CompiledPolicy): PolicyService {
  let inForce = { version: first, compiled: firstCompiled };
  const listeners: (() => void)[] = [];
  const decideNow = (request: DecisionRequest) => decide(inForce.compiled, request);
  const apply = async (caller: Caller, text: string, reason: string): Promise<Result<PolicyVersion, Refusal>> => {
    const compiled = compilePolicy(text);
    if (!compiled.ok) return refuseInvalid(needs, caller, compiled.error);
    const author = caller.person.name;
    const version = { version: inForce.version.version + 1, text, author, reason, appliedAt: needs.clock.now() };
    const recorded = await recordApplied(needs.journal, caller, version);
    if (!recorded.ok) return recorded;
    if (!(await needs.store.add(version))) return err(raced(version.version));
    inForce = { version, compiled: compiled.value };
    for (const listener of listeners) listener();
    return ok(version);
  };
  // One after the other, so that two at once do not both become the same version.
  let applying: Promise<unknown> = Promise.resolve();
  return {
    current: () => inForce.version,
    decide: decideNow,
    authorize: (caller, action, going) => authorize(needs, decideNow, caller, action, going),
    apply: (caller, text, reason) => {
      const applied = applying.then(() => apply(caller, text, reason));
      applying = applied.catch(() => undefined);
      return applied;
    },
    onChange: (listener) => listeners.push(listener),
  };
}

function recordApplied(
  journal: Journal,
  caller: Caller,
  { version, text, reason }: PolicyVersion,
): Promise<Result<void, Refusal>> {
  return journal.write({
    class: 'policy.applied',
    ...actorOf(caller),
    action: 'applyPolicy',
    resource: { kind: 'policy', id: String(version) },
    decision: 'allow',
    reason,
    payloadBytes: Buffer.byteLength(text),
    payloadHash: sha256Hex(text),
  });
}

async function addStarter({ store, clock }: Needs): Promise<PolicyVersion> {
  const version: PolicyVersion = {
    version: 1,
    text: starterPolicy,
    author: 'sallyport',
    reason: 'first start',
    appliedAt: clock.now(),
  };
  await store.add(version);
  return version;
}

async function authorize(
  { journal, workspace }: Needs,
  decideNow: (request: DecisionRequest) => Decision,
  caller: Caller,
  action: WorkspaceAction,
  going?: Going,
): Promise<Result<void, Refusal>> {
  const decision = decideNow({
    principal: { id: caller.person.id, name: caller.person.name, roles: caller.person.roles },
    action,
    resource: { kind: 'workspace', id: workspace },
    context: { address: caller.address, device: caller.device.id },
  });
  const isAllowed = decision.verdict === 'allow';
  if (isAllowed && going?.isToldAlready) return ok();
  const entry: Entry = {
    class: isAllowed ? 'api.allowed' : 'api.refused',
    ...actorOf(caller),
    action,
    resource: { kind: 'workspace', id: workspace },
    decision: decision.verdict,
    rules: [...decision.rules],
    reason: decision.why,
    ...(going ? { details: going.details } : {}),
  };
  const peer = { kind: 'known' as const, id: caller.person.id };
  const recorded = isAllowed ? await journal.write(entry) : await journal.refused(entry, peer);
  if (!recorded.ok) return recorded;
  return isAllowed ? ok() : err(deniedBy(decision, `${action} is not allowed to you`));
}

/** The refusal that a denial makes: names the rule, and what to do. */
export function deniedBy(decision: Decision, message: string): Refusal {
  return {
    code: decision.errors.length > 0 ? 'POLICY_ERROR' : 'POLICY_DENIED',
    message,
    rule: decision.rules.join(', ') || 'default-deny',
    hint: 'an owner can allow it in the policy: `sally policy show`, then `sally policy apply FILE`',
    evidence: { why: decision.why, errors: [...decision.errors] },
  };
}

async function refuseInvalid(
  { journal }: Needs,
  caller: Caller,
  mistakes: readonly PolicyMistake[],
): Promise<Result<never, Refusal>> {
  const listed = mistakes.map((mistake) => `line ${mistake.line}: ${mistake.message}`);
  const recorded = await journal.write({
    class: 'policy.refused',
    ...actorOf(caller),
    action: 'applyPolicy',
    resource: { kind: 'policy', id: 'proposed' },
    decision: 'deny',
    rules: ['a policy is valid as a whole'],
    reason: listed
      .join('; ')
      .replace(/\p{Cc}+/gu, ' ')
      .slice(0, 1024),
  });
  if (!recorded.ok) return recorded;
  return err({
    code: 'POLICY_INVALID',
    message: listed.join('; '),
    rule: 'a policy is valid as a whole',
    hint: 'mend these and apply again; the policy in force has not changed',
  });
}

function raced(version: number): Refusal {
  return {
    code: 'POLICY_INVALID',
    message: `version ${version} of the policy was applied by somebody else meanwhile`,
    rule: 'policy versions are numbered',
    hint: 'look at it with `sally policy show`, then apply again',
  };
}
