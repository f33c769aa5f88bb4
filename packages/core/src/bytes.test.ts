// One spelling for one value, and comparison that does not throw on lengths.
import { describe, expect, it } from 'vitest';
import { equalBytes, fromBase64Url, sha256Hex, toBase64Url } from './bytes.ts';

describe('bytes', () => {
  it.each(['Zh', 'Zg==', 'Z g', 'Zg\n', '*'])('refuses the second spelling %j', (spelling) => {
    expect(fromBase64Url(spelling)).toBeUndefined();
  });

  it('round-trips base64url', () => {
    const bytes = Uint8Array.of(251, 255, 0, 1);
    expect(fromBase64Url(toBase64Url(bytes))).toEqual(Buffer.from(bytes));
  });

  it('compares without throwing on different lengths', () => {
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  });

  it('hashes as FIPS 180-4 says', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
