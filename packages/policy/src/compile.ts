// Reads a policy text: parsed, named, validated against the schema in strict mode. A text with one mistake is refused whole (POL-3).

import {
  type DetailedError,
  type EntityUidJson,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  type TypeAndId,
  type ValidationError,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { err, ok, type Result } from '@sallyport/core';
import { type PolicyAction, policyActions } from './action.ts';
import { defaultDenyRule, evaluationErrorRule } from './decision.ts';
import { literalReads } from './literal.ts';
import { mistakeAt, type PolicyMistake } from './mistake.ts';
import { policySchema } from './schema.ts';
import { type PolicyPiece, splitPolicies } from './split.ts';

declare const compiled: unique symbol;

/** A policy text that has been checked. Only compilePolicy makes one. */
export type CompiledPolicy = {
  readonly [compiled]: true;
  readonly text: string;
  /** The `@id`s, in the order of the text. */
  readonly rules: readonly string[];
  /** The policies whose scope covers the action, by `@id`: a decision reads no others. */
  readonly byAction: Readonly<Record<PolicyAction, Readonly<Record<string, string>>>>;
};

type NamedPolicy = { readonly id: string; readonly piece: PolicyPiece; readonly json: PolicyJson };

export const maxPolicyTextLength = 1_048_576;
export const maxPolicies = 10_000;
// The parser overflows at 130 open brackets, or at 350 links of a chain; both together must stay below.
const maxDepth = 40;
const maxLinks = 128;
// What an audit event takes as the name of a rule.
const ruleName = /^[\p{L}\p{N}][\p{L}\p{N}._:/@ -]{0,126}$/u;
const reservedNames: readonly string[] = [defaultDenyRule, evaluationErrorRule];
// The one warning of the validator that is no mistake: names of people are written in every script.
const harmlessWarning = /contains mixed scripts/;

export function compilePolicy(text: string): Result<CompiledPolicy, PolicyMistake[]> {
  const pieces = splitPolicies(text);
  const bounds = boundMistakes(text, pieces);
  if (bounds.length > 0) return err(bounds);
  try {
    const result = compilePieces(text, pieces);
    return result.ok ? result : err(result.error.toSorted(byPlace));
  } catch (cause) {
    return err([mistakeAt(text, 0, `the policy engine failed on this text: ${String(cause)}`)]);
  }
}

// Cedar tells the mistakes of several policies in no order of its own.
function byPlace(a: PolicyMistake, b: PolicyMistake): number {
  return a.line - b.line || a.column - b.column;
}

function boundMistakes(text: string, pieces: readonly PolicyPiece[]): PolicyMistake[] {
  if (text.length > maxPolicyTextLength) return [mistakeAt(text, 0, `longer than ${maxPolicyTextLength} characters`)];
  if (pieces.length > maxPolicies) return [mistakeAt(text, 0, `more than ${maxPolicies} policies`)];
  if (!text.isWellFormed()) return [mistakeAt(text, 0, 'not well-formed text (a lone surrogate)')];
  return pieces.flatMap(({ offset, depth, links }) => {
    const hint = 'write it as several policies';
    if (depth > maxDepth)
      return [mistakeAt(text, offset, `brackets are nested ${depth} deep, more than ${maxDepth}`, hint)];
    if (links > maxLinks)
      return [mistakeAt(text, offset, `${links} operators in one policy, more than ${maxLinks}`, hint)];
    return [];
  });
}

function compilePieces(text: string, pieces: readonly PolicyPiece[]): Result<CompiledPolicy, PolicyMistake[]> {
  const parsed = parsePieces(text, pieces);
  if (!parsed.ok) return parsed;
  const mistakes = [...nameMistakes(text, parsed.value), ...literalMistakes(text, parsed.value)];
  if (mistakes.length > 0) return err(mistakes);
  const invalid = validationMistakes(text, parsed.value);
  if (invalid.length > 0) return err(invalid);
  const rules = parsed.value.map(({ id }) => id);
  const byAction = Object.fromEntries(policyActions.map((action) => [action, policiesFor(action, parsed.value)]));
  return ok({ text, rules, byAction } as unknown as CompiledPolicy);
}

function parsePieces(text: string, pieces: readonly PolicyPiece[]): Result<NamedPolicy[], PolicyMistake[]> {
  const policies: NamedPolicy[] = [];
  const mistakes: PolicyMistake[] = [];
  for (const piece of pieces) {
    const answer = policyToJson(piece.text);
    if (answer.type === 'failure') mistakes.push(...answer.errors.map((error) => parseMistake(text, piece, error)));
    else policies.push({ id: answer.json.annotations?.['id'] ?? '', piece, json: answer.json });
  }
  if (mistakes.length > 0) return err(mistakes);
  // The pieces must be what Cedar itself reads in the whole text, or something would be decided that nobody wrote.
  const whole = policySetTextToParts(text);
  if (whole.type === 'failure') return err(whole.errors.map((error) => parseMistake(text, { offset: 0, text }, error)));
  if (whole.policy_templates.length > 0 || whole.policies.length !== pieces.length) {
    return err([
      mistakeAt(text, 0, `${pieces.length} policies were counted, but Cedar reads ${whole.policies.length}`),
    ]);
  }
  return ok(policies);
}

function nameMistakes(text: string, policies: readonly NamedPolicy[]): PolicyMistake[] {
  const seen = new Map<string, PolicyPiece>();
  return policies.flatMap(({ id, piece }) => {
    const mistake = (message: string, hint?: string): PolicyMistake[] => [mistakeAt(text, piece.offset, message, hint)];
    if (id === '') return mistake('this policy has no @id', 'write @id("a-name") before permit or forbid');
    if (!ruleName.test(id))
      return mistake(`@id("${id}") is no name`, 'letters, digits and . _ : / @ - and spaces, at most 127');
    if (reservedNames.includes(id))
      return mistake(`@id("${id}") is a name that Sallyport gives itself`, 'take another');
    const first = seen.get(id);
    if (first)
      return mistake(`@id("${id}") is on line ${mistakeAt(text, first.offset, '').line} already`, 'take another');
    seen.set(id, piece);
    return [];
  });
}

function literalMistakes(text: string, policies: readonly NamedPolicy[]): PolicyMistake[] {
  return policies.flatMap(({ piece, json }) =>
    literalReads(json).map((name) =>
      mistakeAt(
        text,
        piece.offset,
        `reads an attribute of ${name}, which a decision does not carry`,
        'compare principal or resource with it instead',
      ),
    ),
  );
}

function validationMistakes(text: string, policies: readonly NamedPolicy[]): PolicyMistake[] {
  const pieces = new Map(policies.map(({ id, piece }) => [id, piece]));
  const staticPolicies = Object.fromEntries(policies.map(({ id, piece }) => [id, piece.text]));
  const answer = validate({
    schema: policySchema,
    policies: { staticPolicies },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') return answer.errors.map(({ message }) => mistakeAt(text, 0, message));
  const toMistake = ({ policyId, error }: ValidationError): PolicyMistake =>
    detailedMistake(text, pieces.get(policyId) ?? { offset: 0, text }, error);
  // A wrong name also makes a policy impossible: the warning that follows would only repeat it.
  const errors = answer.validationErrors.map(toMistake);
  if (errors.length > 0) return errors;
  return answer.validationWarnings.filter(({ error }) => !harmlessWarning.test(error.message)).map(toMistake);
}

function parseMistake(text: string, piece: Pick<PolicyPiece, 'offset' | 'text'>, error: DetailedError): PolicyMistake {
  if (/template/.test(error.message) || /expected.*static policy/i.test(error.message)) {
    return mistakeAt(
      text,
      piece.offset,
      'a template (?principal, ?resource) has no place here',
      'name the principal or the resource',
    );
  }
  const message = error.message.replace(/^failed to parse (policy|policies|template) from string: /, '');
  return detailedMistake(text, piece, {
    ...error,
    message,
    help: error.help ?? error.sourceLocations?.[0]?.label ?? null,
  });
}

/** Cedar counts bytes of UTF-8 from the beginning of the piece. */
function detailedMistake(
  text: string,
  piece: Pick<PolicyPiece, 'offset' | 'text'>,
  error: DetailedError,
): PolicyMistake {
  const startByte = error.sourceLocations?.[0]?.start ?? 0;
  const start = Buffer.from(piece.text).subarray(0, startByte).toString().length;
  const bare = (words: string): string => words.replace(/^for policy `[^`]*`, /, '');
  return mistakeAt(text, piece.offset + start, bare(error.message), error.help === null ? undefined : bare(error.help));
}

function policiesFor(action: PolicyAction, policies: readonly NamedPolicy[]): Record<string, string> {
  return Object.fromEntries(
    policies.filter(({ json }) => covers(json, action)).map(({ id, piece }) => [id, piece.text]),
  );
}

function covers({ action: scope }: PolicyJson, action: PolicyAction): boolean {
  const named = scopeEntities(scope);
  return named === undefined || named.some(({ type, id }) => type === 'Sally::Action' && id === action);
}

/** The actions that a scope names; undefined when it names none, or in a way this does not know, and so covers all. */
function scopeEntities(scope: PolicyJson['action']): TypeAndId[] | undefined {
  if (scope.op === 'All') return undefined;
  if ('entities' in scope) return scope.entities.map(bareUid);
  return 'entity' in scope ? [bareUid(scope.entity)] : undefined;
}

function bareUid(uid: EntityUidJson): TypeAndId {
  return '__entity' in uid ? uid.__entity : uid;
}
