// The one place that speaks to Cedar's WebAssembly module. The module keeps what it parsed for as long as the process lives and frees
// nothing, so it is given a fixed set of names: a name that is used again takes the place of what it held.

import {
  type AuthorizationAnswer,
  type EntityJson,
  preparsePolicySet,
  preparseSchema,
  type StatefulAuthorizationCall,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import { type PolicyAction, policyActions } from './action.ts';
import type { CompiledPolicy } from './compile.ts';
import { policySchema } from './schema.ts';

export type CedarCall = Omit<
  StatefulAuthorizationCall,
  'preparsedPolicySetId' | 'preparsedSchemaName' | 'validateRequest'
>;
export type CedarEntity = EntityJson;

// The policy in force, and one that is being tried beside it.
const slotsPerAction = 2;
const schemaName = 'sally';

type Slot = { readonly name: string; holds: CompiledPolicy | undefined; usedAt: number };
type Shelf = { readonly slots: Record<PolicyAction, Slot[]>; uses: number };

// Mirrors what the module, which is one for the process, holds under each name. It never decides anything.
let shelf: Shelf | undefined;

/** Throws when the module cannot take the schema or the policies; the caller denies. */
export function askCedar(policy: CompiledPolicy, action: PolicyAction, call: CedarCall): AuthorizationAnswer {
  shelf ??= openShelf();
  const slot = slotFor(shelf, policy, action);
  return statefulIsAuthorized({
    ...call,
    preparsedPolicySetId: slot.name,
    preparsedSchemaName: schemaName,
    validateRequest: true,
  });
}

function openShelf(): Shelf {
  const answer = preparseSchema(schemaName, policySchema);
  if (answer.type === 'failure') throw new Error(`the schema does not parse: ${answer.errors[0]?.message}`);
  const slotsOf = (action: PolicyAction): Slot[] =>
    Array.from({ length: slotsPerAction }, (_, at) => ({ name: `${action}/${at}`, holds: undefined, usedAt: 0 }));
  const slots = Object.fromEntries(policyActions.map((action) => [action, slotsOf(action)])) as Record<
    PolicyAction,
    Slot[]
  >;
  return { slots, uses: 0 };
}

function slotFor(open: Shelf, policy: CompiledPolicy, action: PolicyAction): Slot {
  const slots = open.slots[action];
  open.uses += 1;
  const slot = slots.find(({ holds }) => holds === policy) ?? slots.reduce((a, b) => (a.usedAt <= b.usedAt ? a : b));
  slot.usedAt = open.uses;
  if (slot.holds === policy) return slot;
  slot.holds = undefined;
  const answer = preparsePolicySet(slot.name, { staticPolicies: { ...policy.byAction[action] } });
  if (answer.type === 'failure') throw new Error(`the policies do not parse: ${answer.errors[0]?.message}`);
  slot.holds = policy;
  return slot;
}
