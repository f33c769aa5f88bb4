// Which variables a workspace lets its clients set.
import { describe, expect, it } from 'vitest';
import { usualVariables, variableMatcher, variablePattern } from './variable-name.ts';

describe('a list of variables that may be set', () => {
  it.each([
    [usualVariables, 'LANG', true],
    [usualVariables, 'LC_ALL', true],
    [usualVariables, 'LANGUAGE', false],
    [usualVariables, 'XLC_ALL', false],
    [['GIT_AUTHOR_*'], 'GIT_AUTHOR_NAME', true],
    [['GIT_AUTHOR_*'], 'GIT_SSH_COMMAND', false],
    [['A?C'], 'ABC', true],
    [['A?C'], 'AC', false],
    [['A.C'], 'ABC', false],
    [[], 'LANG', false],
  ])('of %j takes %s: %s (SES-2)', (patterns, name, isTaken) => {
    expect(variableMatcher(patterns)(name)).toBe(isTaken);
  });

  it('is searched in no time, whatever is written (SES-2)', () => {
    const startedAt = performance.now();
    expect(variableMatcher([`${'*'.repeat(120)}x`])('A'.repeat(128))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it.each(['', 'A B', 'A=B', 'A.B', '(', 'x'.repeat(129)])('refuses the pattern %j (SES-2)', (pattern) => {
    expect(variablePattern.safeParse(pattern).success).toBe(false);
  });
});
