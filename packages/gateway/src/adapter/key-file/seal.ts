// Seals the workspace's private keys under the key file: AES-256-GCM with a fresh nonce, bound to the key's name and to this format,
// so that one sealed key cannot be put in another's place.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random, Redacted } from '@sallyport/core';
import type { KeyName, KeySeal } from '../../domain/workspace/ports.ts';
import { sealingKeyBytes } from './key-file.ts';

const formatVersion = 1;
const nonceBytes = 12; // NIST SP 800-38D §8.2.2: random 96-bit nonces; a workspace seals far fewer than 2^32 times.
const tagBytes = 16;
const headBytes = 1 + nonceBytes;

/** Sealed form: version (1 byte) | nonce (12) | ciphertext | tag (16). */
export function keySeal(sealingKey: Redacted<Uint8Array>, random: Random): KeySeal {
  if (sealingKey.expose().byteLength !== sealingKeyBytes)
    throw new RangeError(`a sealing key has ${sealingKeyBytes} bytes`);
  return {
    seal(name, secret) {
      const nonce = random(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealingKey.expose(), nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(name));
      return Buffer.concat([
        Uint8Array.of(formatVersion),
        nonce,
        cipher.update(secret),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },
    open(name, sealed) {
      if (sealed.byteLength < headBytes + tagBytes || sealed[0] !== formatVersion) return undefined;
      const nonce = sealed.subarray(1, headBytes);
      const decipher = createDecipheriv('aes-256-gcm', sealingKey.expose(), nonce, { authTagLength: tagBytes });
      decipher.setAAD(boundTo(name));
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      const secret = decipher.update(sealed.subarray(headBytes, -tagBytes));
      try {
        decipher.final();
      } catch {
        secret.fill(0);
        return undefined;
      }
      return secret;
    },
  };
}

function boundTo(name: KeyName): Buffer {
  return Buffer.from(`sally sealed key v${formatVersion}\n${name}\n`);
}
