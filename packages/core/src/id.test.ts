// Identifiers: shape, brand by kind, and refusal of anything else.
import { describe, expect, it } from 'vitest';
import { base32, isId, newId, parseId } from './id.ts';

describe('identifiers', () => {
  it('carry their kind and 80 bits', () => {
    const id = newId('server', (count) => new Uint8Array(count).fill(255));
    expect(id).toBe('srv_zzzzzzzzzzzzzzzz');
    expect(isId('server', id)).toBe(true);
    expect(isId('session', id)).toBe(false);
  });

  it.each([
    '',
    'srv_',
    'srv_zzzzzzzzzzzzzzz',
    'srv_zzzzzzzzzzzzzzzzz',
    'srv_zzzzzzzzzzzzzzzu',
    'ses_zzzzzzzzzzzzzzzz',
    'srv_zzzzzzzz\nzzzzzzz',
  ])('refuses %j as a server id', (text) => {
    expect(parseId('server', text)).toEqual({ ok: false, error: expect.stringContaining('not a server id') });
  });

  it('writes base 32 most significant bit first', () => {
    expect(base32(Uint8Array.of(0, 1))).toBe('000g');
    expect(base32(Uint8Array.of(0xff))).toBe('zw');
  });
});
