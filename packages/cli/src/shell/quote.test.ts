// Quoting against a real shell.

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quoteCommand } from './quote.ts';

it.each([
  [['ls', '-l', '/tmp'], 'ls -l /tmp'],
  [['echo', ''], "echo ''"],
  [['echo', "it's"], "echo 'it'\\''s'"],
  [['echo', '$(id)', '`id`', '~', '*'], "echo '$(id)' '`id`' '~' '*'"],
  [['A=b'], "'A=b'"],
  [['env', 'A=b'], 'env A=b'],
  [['=ls'], "'=ls'"],
])('quotes %j as %s (SES-5)', (words, line) => {
  expect(quoteCommand(words)).toBe(line);
});

it('is read back by a real shell as the very same words (SES-5)', () => {
  const word = fc
    .string({ unit: 'binary', maxLength: 12 })
    .filter((text) => !text.includes('\0') && text.isWellFormed());
  const nasty = fc.string({
    unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '!', '*', '~', '=', '한', 'a', ';'),
    maxLength: 10,
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(word, nasty), { minLength: 1, maxLength: 5 }), (words) => {
      const script = `printf '%s\\0' ${quoteCommand(words)}`;
      expect(execFileSync('sh', ['-c', script]).toString()).toBe(words.map((text) => `${text}\0`).join(''));
    }),
    { numRuns: 150 },
  );
});
