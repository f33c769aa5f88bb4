// Finds what a policy reads of an entity that it names itself. Such an entity is not part of a question, so the read would fail while
// deciding, and every decision that meets the policy would be a deny.

import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** The entities, as a policy writes them. */
export function literalReads(policy: PolicyJson): string[] {
  const found: string[] = [];
  walk(policy.conditions, (node) => {
    for (const read of ['.', 'getTag']) {
      const left = member(member(node, read), 'left');
      const entity = member(member(left, 'Value'), '__entity');
      if (entity !== undefined) found.push(`${String(member(entity, 'type'))}::"${String(member(entity, 'id'))}"`);
    }
  });
  return found;
}

function walk(node: unknown, see: (node: object) => void): void {
  if (typeof node !== 'object' || node === null) return;
  see(node);
  for (const child of Object.values(node)) walk(child, see);
}

function member(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined;
  return Reflect.get(node, name);
}
