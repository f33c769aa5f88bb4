// The rules that are shipped, in the order of the documentation.

import { concealmentRules } from './concealment.ts';
import { credentialRules } from './credentials.ts';
import { destructiveRules } from './destructive.ts';
import { discoveryRules } from './discovery.ts';
import { executionRules } from './execution.ts';
import { networkRules } from './network.ts';
import { persistenceRules } from './persistence.ts';
import { privilegeRules } from './privilege.ts';
import type { Rule } from './rule.ts';

export interface RuleGroup {
  readonly title: string;
  readonly rules: readonly Rule[];
}

export const ruleGroups: readonly RuleGroup[] = [
  { title: 'What cannot be undone', rules: destructiveRules },
  { title: 'Secrets', rules: credentialRules },
  { title: 'What stays', rules: persistenceRules },
  { title: 'Code and shells', rules: executionRules },
  { title: 'Privilege', rules: privilegeRules },
  { title: 'Not being seen', rules: concealmentRules },
  { title: 'Network', rules: networkRules },
  { title: 'Looking around', rules: discoveryRules },
];

export const defaultRules: readonly Rule[] = ruleGroups.flatMap(({ rules }) => rules);
