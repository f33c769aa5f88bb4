// The page of documentation about rules and effects, made from the tables so that it cannot be wrong.

import { effectKinds } from '../effect.ts';
import type { RuleGroup } from './defaults.ts';
import type { Match, Rule } from './rule.ts';

export function rulesDocument(groups: readonly RuleGroup[]): string {
  return [
    '# Command rules',
    '',
    'Made from the rule tables in `packages/command/src/rule`; a test holds the two together.',
    '',
    'A command line is read into effects, in every branch, through wrappers, quotes, substitutions and encodings; nothing is run.',
    'A rule names effects and says allow, challenge or deny. The worst verdict of all rules that hold is the verdict on the line.',
    'Deny beats allow, allow beats challenge. `sally command judge` shows what a line would do and why.',
    '',
    'This is the text layer. It cannot know what a program does inside, nor what a variable of the session holds: programs are seen',
    'again by the shell gate and the kernel gate, and containment does not rest on any of them.',
    '',
    ...groups.flatMap(({ title, rules }) => [`## ${title}`, '', ...rules.flatMap(ruleLines)]),
    '## Own rules',
    '',
    'A JSON file adds rules, replaces a shipped one under its id, or switches one off. A file with a mistake is refused whole.',
    '',
    '```json',
    ownRules,
    '```',
    '',
    'A rule holds when one effect matches `any`, or one each matches `all`; `atLeast` asks for that many different ones of `any`. In a',
    'match all fields must hold, and in a list one entry is enough. `*` and `?` stay inside a name, `**` crosses folders, `{a,b}` is a',
    'choice, `\\*` a plain star; in details, and in targets that are no paths, `*` stands for anything.',
    '',
    '## Effects',
    '',
    '| effect | what it means |',
    '| --- | --- |',
    ...Object.entries(effectKinds).map(([kind, meaning]) => `| \`${kind}\` | ${meaning} |`),
    '',
  ].join('\n');
}

export const ownRules = `{
  "disable": ["power.off"],
  "rules": [
    {
      "id": "own.payroll",
      "verdict": "deny",
      "techniques": ["T1005"],
      "explanation": "The payroll is read on its own server only.",
      "safer": "Ask the payroll team for a report.",
      "any": [{ "effect": ["read", "archive"], "target": ["/srv/payroll/**"] }]
    },
    {
      "id": "own.deploy-folder",
      "verdict": "allow",
      "explanation": "Deployments may run what they unpacked.",
      "any": [{ "effect": "execute", "target": ["/tmp/deploy/**"], "as": ["deploy"] }]
    }
  ]
}`;

function ruleLines({ id, verdict, techniques, explanation, safer, any, all, atLeast }: Rule): readonly string[] {
  const kinds = [...new Set([...(any ?? []), ...(all ?? [])].flatMap(({ effect }: Match) => effect))];
  const together = all === undefined ? '' : ' together';
  const count = atLeast === undefined ? '' : `, ${atLeast} of them`;
  return [
    `### ${id}`,
    '',
    `**${verdict}** · ${techniques.join(', ')} · on ${kinds.map((kind) => `\`${kind}\``).join(', ')}${together}${count}`,
    '',
    `${explanation}\\
*Safer:* ${safer}`,
    '',
  ];
}
