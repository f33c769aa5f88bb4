// Common options before the command, and words after `--`.

import { expect, it } from 'vitest';
import { commonLast, splitWords } from './run-command.ts';

it.each([
  [
    ['--lang', 'ko', 'ls'],
    ['ls', '--lang', 'ko'],
  ],
  [
    ['--json', '--profile=work', 'sessions', 'ls', '--open'],
    ['sessions', 'ls', '--open', '--json', '--profile=work'],
  ],
  [['--lang', 'ko', '--help'], ['--help']],
  [
    ['--lang', 'ko', 'help', 'ssh'],
    ['help', 'ssh'],
  ],
  [['--lang', 'ko'], []],
  [
    ['ls', '--json'],
    ['ls', '--json'],
  ],
])('reads %j as %j (SES-5)', (words, own) => {
  expect(commonLast(words)).toEqual(own);
});

it('keeps what stands after -- for the server (SES-5)', () => {
  expect(splitWords(['exec', 'web-1', '--', 'ls', '--', '-l'])).toEqual({
    own: ['exec', 'web-1'],
    rest: ['ls', '--', '-l'],
  });
  expect(splitWords(['ls'])).toEqual({ own: ['ls'], rest: [] });
});
