// The verdict on a text: its effects, asked of every rule. What cannot be analysed is never allowed.

import { analyse } from './analyse.ts';
import type { CommandContext } from './context.ts';
import type { Effect } from './effect.ts';
import type { CompiledRules } from './rule/compile.ts';
import { type Rule, type Verdict, verdicts } from './rule/rule.ts';

export interface MatchedRule extends Pick<Rule, 'id' | 'verdict' | 'techniques' | 'explanation' | 'safer'> {
  /** The effects that made it hold. */
  readonly because: readonly Effect[];
}

export interface Judgement {
  readonly verdict: Verdict;
  /** 0 nothing of note to 100: what continuous monitoring adds to a session's risk. */
  readonly risk: number;
  readonly effects: readonly Effect[];
  readonly rules: readonly MatchedRule[];
}

/** What one matched rule adds: several weigh more than one, none reaches 100 alone. */
const weights: Readonly<Record<Verdict, number>> = { allow: 0, challenge: 0.35, deny: 0.7 };

export function judge(text: string, rules: CompiledRules, context: CommandContext): Judgement {
  const { effects, isComplete } = analyse(text, context);
  const matched = judgeEffects(effects, rules);
  const verdict = worst(matched.map((rule) => rule.verdict));
  // A rule set without a rule for it does not make an unreadable text harmless.
  const sure = isComplete || verdict === 'deny' ? verdict : 'deny';
  return { verdict: sure, risk: riskOf(matched), effects, rules: matched };
}

/**
 * Deny beats allow, allow beats challenge: an effect that an allow rule matches is not challenged. A shipped deny is lifted by
 * replacing or disabling it under its id, so that nobody lifts one by accident.
 */
export function judgeEffects(effects: readonly Effect[], rules: CompiledRules): readonly MatchedRule[] {
  const present = new Set(effects.map(({ kind }) => kind));
  const asked = rules.filter(({ kinds }) => [...kinds].some((kind) => present.has(kind)));
  const held = asked.flatMap(({ rule, match }) => {
    const because = match(effects);
    return because.length === 0 ? [] : [{ rule, because }];
  });
  const allowed = new Set(held.filter(({ rule }) => rule.verdict === 'allow').flatMap(({ because }) => because));
  return held
    .filter(({ rule, because }) => rule.verdict !== 'challenge' || because.some((effect) => !allowed.has(effect)))
    .map(({ rule: { id, verdict, techniques, explanation, safer }, because }) => ({
      id,
      verdict,
      techniques,
      explanation,
      safer,
      because,
    }));
}

function worst(found: readonly Verdict[]): Verdict {
  return found.reduce<Verdict>(
    (most, verdict) => (verdicts.indexOf(verdict) > verdicts.indexOf(most) ? verdict : most),
    'allow',
  );
}

function riskOf(matched: readonly MatchedRule[]): number {
  const safe = matched.reduce((left, { verdict }) => left * (1 - weights[verdict]), 1);
  return Math.round(100 * (1 - safe));
}
