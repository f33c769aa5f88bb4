// The text of join tokens: one spelling, and no secret in what is said about a bad one.
import { base32, expectOk, parseId } from '@sallyport/core';
import { describe, expect, it } from 'vitest';
import { formatJoinToken, parseJoinToken } from './join-token.ts';

const token = expectOk(parseId('token', 'tok_0123456789abcdef'));
const secret = base32(Buffer.alloc(32, 7));
const caFingerprint = 'ab'.repeat(32);

describe('a join token', () => {
  it.each([
    ['with a pin', { token, secret, caFingerprint }],
    ['without a pin', { token, secret, caFingerprint: undefined }],
  ])('reads back as it was written, %s (CON-2)', (_, parts) => {
    expect(parseJoinToken(formatJoinToken(parts))).toEqual({ ok: true, value: parts });
  });

  const good = formatJoinToken({ token, secret, caFingerprint });
  it.each([
    ['nothing', '', 'empty'],
    ['a token of something else', 'ghp_abc', 'does not begin with sjt_'],
    ['a token cut short', good.slice(0, -1), 'not whole'],
    ['a token with more behind it', `${good}0`, 'not whole'],
    ['a pin in capitals', good.toUpperCase().replace('SJT', 'sjt'), 'not whole'],
    ['a line break in it', `${good.slice(0, 30)}\n${good.slice(30)}`, 'white space'],
  ])('is refused when it is %s, without repeating it (CON-2)', (_, text, reason) => {
    const parsed = parseJoinToken(text);
    expect(parsed).toEqual({ ok: false, error: expect.stringContaining(reason) });
    expect(JSON.stringify(parsed)).not.toContain(secret.slice(0, 20));
  });

  it('cannot be made of parts that would not read back (CON-2)', () => {
    expect(() => formatJoinToken({ token, secret: 'short', caFingerprint })).toThrow(RangeError);
  });
});
