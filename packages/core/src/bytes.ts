// Bytes and their texts, hashes and comparisons. Anything secret is compared by equalBytes, never by ===.

import { createHash, timingSafeEqual } from 'node:crypto';

/** Hash of the bytes or UTF-8 text, 32 bytes (FIPS 180-4). */
export function sha256(data: Uint8Array | string): Buffer {
  return createHash('sha256').update(data).digest();
}

export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Equality whose time depends on the lengths only; a difference in length is not hidden. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

/** base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** The bytes, or undefined unless the text is exactly what toBase64Url writes: one spelling for one value. */
export function fromBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
