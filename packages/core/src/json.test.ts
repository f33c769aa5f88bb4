// Texts that are JSON, and texts that are not.
import { describe, expect, it } from 'vitest';
import { errorCode } from './error-code.ts';
import { parseJson } from './json.ts';

describe('a text that may be JSON', () => {
  it.each([
    ['{"a":[1,null]}', { a: [1, null] }],
    ['', undefined],
    ['{', undefined],
    ['{} {}', undefined],
    [Buffer.from('"é"'), 'é'],
    [Buffer.from([0x22, 0xff]), undefined],
  ])('%j is %j', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });
});

describe('the code of an error', () => {
  it.each([
    [Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'],
    [Object.assign(new Error('x'), { code: 7 }), undefined],
    [new Error('x'), undefined],
    [{ code: 'ENOENT' }, undefined],
    ['ENOENT', undefined],
  ])('of %o is %j', (error, code) => {
    expect(errorCode(error)).toBe(code);
  });
});
