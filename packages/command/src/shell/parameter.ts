// Parameter expansion (POSIX XCU 2.6.2, and bash's extras), computed where the variable is known and left unknown where it is not.

import type { ParameterExpansionPart, ParameterOperation, Word } from 'unbash';
import { patternExpression } from './glob.ts';
import { type Scope, variable } from './scope.ts';
import { empty, join, known, mapKnown, unknown, type Value } from './value.ts';

/** What parameter expansion needs of the expansion around it. */
export interface ParameterContext {
  readonly scope: Scope;
  /** Which of several possible values to take this time. */
  choose(values: readonly Value[]): Value;
  /** A word inside the braces, without splitting. */
  textOf(word: Word): Value;
}

/** One value, or for `$@` and `${a[@]}` one for each word. */
export type ParameterValue = Value | readonly Value[];

export function isList(value: ParameterValue): value is readonly Value[] {
  return Array.isArray(value);
}

export function namedParameter(name: string, text: string, context: ParameterContext): ParameterValue {
  const { scope } = context;
  if (name === '@' || name === '*') return scope.positional?.slice(1) ?? [unknown(text, 'argument')];
  if (/^\d+$/.test(name)) {
    const { positional } = scope;
    if (positional === undefined) return name === '0' ? known(scope.shell) : unknown(text, 'argument');
    return positional[Number(name)] ?? empty;
  }
  if (name === '_') return unknown(text, 'computed');
  const values = variable(scope, name);
  return values === undefined || values.length === 0 ? unknown(text, 'argument') : context.choose(values);
}

export function expandedParameter(part: ParameterExpansionPart, context: ParameterContext): ParameterValue {
  const { parameter, prefix, index, operation, text } = part;
  if (prefix === '#') return unknown(text, 'computed');
  const subscript = index === undefined ? undefined : context.textOf(index).text;
  let value: ParameterValue;
  if (subscript === undefined) value = namedParameter(parameter, text, context);
  else value = element(parameter, subscript, text, context);
  if (prefix === '!') value = indirect(value, text, operation, context);
  if (operation === undefined) return value;
  if (isList(value)) return operation.type === 'Slice' ? slicedList(value, operation, context) : value;
  return operated(value, operation, text, context);
}

function element(name: string, subscript: string, text: string, context: ParameterContext): ParameterValue {
  const all = variable(context.scope, `${name}[@]`);
  if (all === undefined) return subscript === '0' ? namedParameter(name, text, context) : unknown(text, 'argument');
  if (subscript === '@' || subscript === '*') return all;
  const at = Number(subscript);
  return (Number.isInteger(at) ? all.at(at) : undefined) ?? unknown(text, 'argument');
}

function indirect(
  value: ParameterValue,
  text: string,
  operation: ParameterOperation | undefined,
  context: ParameterContext,
): ParameterValue {
  if (isList(value) || !value.isKnown || operation?.type === 'Names') return unknown(text, 'computed');
  return namedParameter(value.text, text, context);
}

function isUnset(value: Value, text: string): boolean {
  return !value.isKnown && value.text === text;
}

function slicedList(
  values: readonly Value[],
  operation: Extract<ParameterOperation, { type: 'Slice' }>,
  context: ParameterContext,
): readonly Value[] {
  const from = Number(context.textOf(operation.offset).text);
  const count = operation.length === undefined ? undefined : Number(context.textOf(operation.length).text);
  if (!Number.isInteger(from) || from < 1) return values;
  return values.slice(from - 1, count === undefined || Number.isNaN(count) ? undefined : from - 1 + count);
}

function operated(value: Value, operation: ParameterOperation, text: string, context: ParameterContext): Value {
  switch (operation.type) {
    case 'Default':
      return defaulted(value, operation, text, context);
    case 'Slice':
      return sliced(value, operation, text, context);
    case 'Remove':
      return removed(value, operation.operator, context.textOf(operation.operand), text);
    case 'Replace':
      return replaced(value, operation, text, context);
    case 'CaseModification': {
      const { operator } = operation;
      const change = operator.startsWith('^') ? upper : lower;
      if (!value.isKnown) return value;
      return mapKnown(value, (known) =>
        operator.length === 2 ? change(known) : `${change(known.slice(0, 1))}${known.slice(1)}`,
      );
    }
    default:
      return unknown(text, ...value.origins, 'computed');
  }
}

const upper = (text: string): string => text.toUpperCase();
const lower = (text: string): string => text.toLowerCase();

function defaulted(
  value: Value,
  operation: Extract<ParameterOperation, { type: 'Default' }>,
  text: string,
  context: ParameterContext,
): Value {
  const wasGiven = !isUnset(value, text) && !(value.isKnown && value.text === '');
  const operand = context.textOf(operation.operand);
  if (operation.operator.endsWith('+')) return wasGiven || isUnset(value, text) ? operand : empty;
  if (operation.operator.endsWith('?')) return value;
  // Unset in this text does not mean unset in the shell; the default is the reading that the text gives.
  return wasGiven ? value : operand;
}

function sliced(
  value: Value,
  operation: Extract<ParameterOperation, { type: 'Slice' }>,
  text: string,
  context: ParameterContext,
): Value {
  const from = Number(context.textOf(operation.offset).text.trim());
  const count = operation.length === undefined ? undefined : Number(context.textOf(operation.length).text.trim());
  if (!value.isKnown || !Number.isInteger(from) || Number.isNaN(count ?? 0))
    return unknown(text, ...value.origins, 'computed');
  const rest = value.text.slice(from);
  return known(count === undefined ? rest : rest.slice(0, count));
}

/** More stars than that, or longer text, cost too much to try. */
const maxStars = 2;
const maxTrimmed = 1_024;

function removed(value: Value, operator: '#' | '##' | '%' | '%%', pattern: Value, text: string): Value {
  const stars = pattern.text.split('*').length - 1;
  const isCheap = stars <= maxStars && value.text.length <= maxTrimmed && pattern.text.length <= maxTrimmed;
  if (!value.isKnown || !pattern.isKnown || !isCheap) return unknown(text, ...value.origins, 'computed');
  const source = patternExpression(pattern.text.replaceAll('*', '**')).source.slice(1, -1);
  const isLongest = operator.length === 2;
  const expression = operator.startsWith('#')
    ? new RegExp(`^(?:${isLongest ? source : source.replaceAll('.*', '.*?')})(.*)$`, 's')
    : new RegExp(`^(${isLongest ? '.*?' : '.*'})(?:${source})$`, 's');
  const kept = expression.exec(value.text);
  return kept === null ? value : known(kept[1] ?? '');
}

function replaced(
  value: Value,
  operation: Extract<ParameterOperation, { type: 'Replace' }>,
  text: string,
  context: ParameterContext,
): Value {
  const pattern = context.textOf(operation.pattern);
  const replacement = context.textOf(operation.replacement);
  const isPlain = pattern.isKnown && !/[*?[]/.test(pattern.text) && pattern.text !== '';
  if (!value.isKnown || !isPlain || value.text.length > maxTrimmed) return unknown(text, ...value.origins, 'computed');
  const all = operation.operator === '//';
  const changed = join([replacement]);
  if (!changed.isKnown) return unknown(text, ...changed.origins, 'computed');
  if (all) return known(value.text.split(pattern.text).join(changed.text).slice(0, 8_192));
  return known(value.text.replace(pattern.text, () => changed.text));
}
