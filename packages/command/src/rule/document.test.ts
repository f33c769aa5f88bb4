// Holds docs/command-rules.md to the tables: `npm test -- packages/command -u` writes it anew.
import { expect, it } from 'vitest';
import { effectKinds } from '../effect.ts';
import { defaultRules, ruleGroups } from './defaults.ts';
import { ownRules, rulesDocument } from './document.ts';
import { parseRules } from './rules-file.ts';

it('matches docs/command-rules.md (CMD-1)', async () => {
  await expect(rulesDocument(ruleGroups)).toMatchFileSnapshot('../../../../docs/command-rules.md');
});

it('says of every shipped rule what it means and what to do instead (CMD-1)', () => {
  for (const rule of defaultRules) {
    expect(rule.explanation, rule.id).toMatch(/\.$/);
    expect(rule.safer, rule.id).toMatch(/\.$/);
    expect(rule.techniques.length, rule.id).toBeGreaterThan(0);
    for (const technique of rule.techniques) expect(technique).toMatch(/^T\d{4}(?:\.\d{3})?$/);
    for (const { effect } of [...(rule.any ?? []), ...(rule.all ?? [])]) {
      for (const kind of [effect].flat()) expect(Object.keys(effectKinds)).toContain(kind);
    }
  }
});

it('gives every shipped rule an id of its own', () => {
  const ids = defaultRules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('shows an example of own rules that is accepted', () => {
  expect(parseRules(ownRules, defaultRules).ok).toBe(true);
});
