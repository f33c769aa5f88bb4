// Turns rules into something quick to ask: each pattern is compiled once, and a rule is only asked about effects of its kinds.

import { type Effect, type EffectKind, pathKinds } from '../effect.ts';
import { choices, pathPattern, pathsMeet, patternExpression } from '../shell/glob.ts';
import type { Match, Rule } from './rule.ts';

type Test = (effect: Effect) => boolean;

interface CompiledRule {
  readonly rule: Rule;
  readonly kinds: ReadonlySet<EffectKind>;
  /** The effects of a text that make the rule hold; empty when it does not hold. */
  readonly match: (effects: readonly Effect[]) => readonly Effect[];
}

export type CompiledRules = readonly CompiledRule[];

export function compileRules(rules: readonly Rule[]): CompiledRules {
  return rules.map((rule) => {
    const any = (rule.any ?? []).map(compileMatch);
    const all = (rule.all ?? []).map(compileMatch);
    const kinds = new Set([...(rule.any ?? []), ...(rule.all ?? [])].flatMap(({ effect }) => effect));
    return { rule, kinds, match: (effects) => matched(effects, any, all, rule.atLeast ?? 1) };
  });
}

function matched(
  effects: readonly Effect[],
  any: readonly Test[],
  all: readonly Test[],
  atLeast: number,
): readonly Effect[] {
  const found = effects.filter((effect) => any.some((test) => test(effect)));
  if (any.length > 0 && new Set(found.map(({ program, target }) => `${program} ${target}`)).size < atLeast) return [];
  const together: Effect[] = [];
  for (const test of all) {
    const effect = effects.find(test);
    if (effect === undefined) return [];
    together.push(effect);
  }
  return [...found, ...together];
}

function compileMatch(match: Match): Test {
  const kinds: readonly EffectKind[] = typeof match.effect === 'string' ? [match.effect] : match.effect;
  const isPath = kinds.every((kind) => pathKinds.has(kind));
  const target = targetTest(match.target, isPath);
  const exceptTarget = match.exceptTarget === undefined ? undefined : plainTest(match.exceptTarget, isPath);
  const detail = textTest(match.detail);
  const exceptDetail = match.exceptDetail === undefined ? undefined : textTest(match.exceptDetail);
  return (effect) =>
    kinds.includes(effect.kind) &&
    (match.isKnown === undefined || match.isKnown === effect.isKnown) &&
    (match.program === undefined || match.program.includes(effect.program)) &&
    match.exceptProgram?.includes(effect.program) !== true &&
    (match.as === undefined || match.as.includes(effect.as)) &&
    detail(effect.detail ?? '') &&
    exceptDetail?.(effect.detail ?? '') !== true &&
    target(effect) &&
    exceptTarget?.(effect) !== true;
}

function textTest(patterns: readonly string[] | undefined): (text: string) => boolean {
  if (patterns === undefined) return () => true;
  const expressions = patterns.map((pattern) => patternExpression(pattern.replaceAll(/\*+/g, '**')));
  return (text) => expressions.some((expression) => expression.test(text));
}

/** An exception holds for what is surely meant, not for what a pattern could mean. */
function plainTest(patterns: readonly string[], isPath: boolean): Test {
  const test = targetTest(patterns, isPath);
  return (effect) => test({ ...effect, isPattern: false });
}

function targetTest(patterns: readonly string[] | undefined, isPath: boolean): Test {
  if (patterns === undefined) return () => true;
  if (!isPath) {
    const test = textTest(patterns);
    return ({ target }) => test(target);
  }
  const plain = patterns.map(patternExpression);
  const spelled = patterns.flatMap(choices).map(pathPattern);
  return ({ target, isPattern }) => {
    if (plain.some((expression) => expression.test(target))) return true;
    if (!isPattern || target.length > maxPattern) return false;
    const segments = target.split('/');
    return spelled.some((pattern) => pathsMeet(pattern, segments));
  };
}

/** A longer pattern of names is no path. */
const maxPattern = 1_024;
