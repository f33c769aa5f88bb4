// Text from elsewhere on a terminal.

import { expect, it } from 'vitest';
import { plain, plainJson } from './plain.ts';

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

it.each(['web-1', 'a\u001b[2Jb', '\u009b2J\u009d0;title\u009c', 'abc\u202ecod\u200b', '\u007f', 'a\r\nb', '한국어 ✓'])(
  'writes JSON of %j that is harmless for a terminal and still the same (SES-5)',
  (text) => {
    const json = plainJson(JSON.stringify({ text, [text]: [text] }, undefined, 2));
    expect(JSON.parse(json)).toEqual({ text, [text]: [text] });
    expect(json.replaceAll('\n', '')).toBe(plain(json.replaceAll('\n', '')));
  },
);
