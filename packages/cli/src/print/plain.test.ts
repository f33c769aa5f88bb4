// Text from elsewhere on a terminal.

import { expect, it } from 'vitest';
import { plain } from './plain.ts';

it.each([
  ['web-1', 'web-1'],
  ['한국어 ✓', '한국어 ✓'],
  ['a\x1b[2Jb', 'a\\u{1b}[2Jb'],
  ['a\r\nb', 'a\\u{d}\\u{a}b'],
  ['\u009b31m', '\\u{9b}31m'],
  ['abc\u202Ecod', 'abc\\u{202e}cod'],
])('makes %j harmless for a terminal (SES-5)', (text, shown) => {
  expect(plain(text)).toBe(shown);
});
