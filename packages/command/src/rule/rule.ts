// A rule: which effects it is about, what it says of them, and what to do instead. Rules see effects only, never the text.

import type { EffectKind } from '../effect.ts';

export const verdicts = ['allow', 'challenge', 'deny'] as const;
export type Verdict = (typeof verdicts)[number];

/**
 * One effect. All fields given must hold; in a list one is enough. Patterns: `*` and `?` inside a name, `**` across folders,
 * `{a,b}`; for targets that are no paths, and for details, `*` stands for anything.
 */
export interface Match {
  readonly effect: EffectKind | readonly EffectKind[];
  readonly target?: readonly string[];
  readonly exceptTarget?: readonly string[];
  readonly detail?: readonly string[];
  readonly exceptDetail?: readonly string[];
  readonly program?: readonly string[];
  readonly exceptProgram?: readonly string[];
  /** The account the effect happens as. */
  readonly as?: readonly string[];
  readonly isKnown?: boolean;
}

export interface Rule {
  readonly id: string;
  readonly verdict: Verdict;
  /** MITRE ATT&CK. */
  readonly techniques: readonly string[];
  readonly explanation: string;
  readonly safer: string;
  /** Any one of these effects. */
  readonly any?: readonly Match[];
  /** An effect for each of these, in one text. */
  readonly all?: readonly Match[];
  /** At least so many different pairs of program and target of `any`, in one text. */
  readonly atLeast?: number;
}
