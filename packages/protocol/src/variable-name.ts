// Names of environment variables that a workspace lets its clients set in a session, as sshd_config's AcceptEnv spells them.
// It says what a gateway grants; what no server takes, whoever grants it, the host decides.

import * as z from 'zod/mini';

const maxPatterns = 64;

/** `*` stands for any characters, `?` for one (sshd_config(5), AcceptEnv). */
export const variablePattern = z.string().check(z.regex(/^[A-Za-z0-9_*?]{1,128}$/, 'not a pattern of variable names'));
export const variablePatterns = z.array(variablePattern).check(z.maxLength(maxPatterns));

/** Debian's sshd_config: the language, and what terminals can show. */
export const usualVariables: readonly string[] = ['LANG', 'LC_*', 'COLORTERM', 'NO_COLOR'];

export function variableMatcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const escaped = pattern.replace(/[^A-Za-z0-9_*?]/g, '\\$&');
    // Neighbouring stars are one: each more would make the search slower, and mean the same.
    return new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`);
  });
  return (name) => expressions.some((expression) => expression.test(name));
}
