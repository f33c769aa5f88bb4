// What a shell text would do, and what the rules say of it. Text only: nothing is run and no file is read.

export { analyse } from './analyse.ts';
export { type CommandContext, unknownContext } from './context.ts';
export { type Analysis, type Effect, type EffectKind, effectKinds } from './effect.ts';
export { type Judgement, judge, judgeEffects, type MatchedRule } from './judge.ts';
export { type CompiledRules, compileRules } from './rule/compile.ts';
export { defaultRules, type RuleGroup, ruleGroups } from './rule/defaults.ts';
export { rulesDocument } from './rule/document.ts';
export { type Match, type Rule, type Verdict, verdicts } from './rule/rule.ts';
export { parseRules, type RulesMistake } from './rule/rules-file.ts';
