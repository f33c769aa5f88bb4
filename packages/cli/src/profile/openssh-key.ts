// An Ed25519 private key in OpenSSH's own file format (PROTOCOL.key), unencrypted, so that stock ssh reads the device key as an
// IdentityFile. Files of any other kind or with a passphrase are refused, never guessed at.

import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { equalBytes, err, ok, type Result } from '@sallyport/core';

const magic = 'openssh-key-v1\0';
const keyType = 'ssh-ed25519';
const cipherBlockBytes = 8; // of the cipher "none"
const base64Columns = 70;
const maxFileLength = 16_384;
const begin = '-----BEGIN OPENSSH PRIVATE KEY-----';
const end = '-----END OPENSSH PRIVATE KEY-----';

export type DeviceKey = {
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Buffer;
};

export function formatOpensshKey({ privateKey, publicKey }: DeviceKey, comment: string): string {
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const check = randomBytes(4);
  const section = [check, check, text(keyType), text(publicKey), text(Buffer.concat([seed, publicKey])), text(comment)];
  const unpadded = Buffer.concat(section);
  const paddingBytes = -unpadded.byteLength & (cipherBlockBytes - 1);
  const padding = Buffer.from(Array.from({ length: paddingBytes }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from(magic),
    ...[text('none'), text('none'), text(''), uint32(1)],
    text(publicBlob(publicKey)),
    text(Buffer.concat([unpadded, padding])),
  ]);
  const lines = file.toString('base64').match(new RegExp(`.{1,${base64Columns}}`, 'g')) ?? [];
  return `${[begin, ...lines, end].join('\n')}\n`;
}

/** The key in the file's text, or what is wrong with it; the message never repeats any of it. */
export function parseOpensshKey(fileText: string): Result<DeviceKey, string> {
  const lines = fileText.length <= maxFileLength ? fileText.trim().split(/\r?\n/) : [];
  if (lines.at(0) !== begin || lines.at(-1) !== end) return err('not an OpenSSH private key file');
  const file = reader(Buffer.from(lines.slice(1, -1).join(''), 'base64'));
  if (file.take(magic.length).toString('latin1') !== magic) return err('not an openssh-key-v1 file');
  if (file.string().toString() !== 'none') return err('the key is encrypted with a passphrase');
  file.string(); // KDF name
  file.string(); // KDF options
  if (file.uint32() !== 1) return err('not a file of exactly one key');
  const blob = file.string();
  const section = reader(file.string());
  const [check, checkAgain] = [section.uint32(), section.uint32()];
  if (check !== checkAgain) return err('the key file is damaged: its check numbers differ');
  if (section.string().toString() !== keyType) return err('not an Ed25519 key');
  const [publicKey, secret] = [section.string(), section.string()];
  if (file.isShort() || section.isShort() || publicKey.byteLength !== 32 || secret.byteLength !== 64)
    return err('the key file is damaged: cut short');
  return keyOf(publicKey, secret.subarray(0, 32), blob);
}

function keyOf(publicKey: Buffer, seed: Buffer, blob: Buffer): Result<DeviceKey, string> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: publicKey.toString('base64url') };
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  const derived = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
  if (!equalBytes(derived, publicKey) || !equalBytes(blob, publicBlob(publicKey)))
    return err('the key file is damaged: its two halves do not belong together');
  return ok({ privateKey, publicKey });
}

/** The public key as authorized_keys has it: type and base64 blob (RFC 8709 §4). */
export function opensshPublicKey(publicKey: Buffer): string {
  return `${keyType} ${publicBlob(publicKey).toString('base64')}`;
}

function publicBlob(publicKey: Buffer): Buffer {
  return Buffer.concat([text(keyType), text(publicKey)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** An SSH string (RFC 4251 §5): length, then bytes. */
function text(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.byteLength), bytes]);
}

/** Reads fields in order; past the end it gives empty bytes and zeros, and isShort tells. */
function reader(bytes: Buffer) {
  let offset = 0;
  let hasRunOut = false;
  const take = (length: number): Buffer => {
    hasRunOut ||= offset + length > bytes.byteLength;
    const part = hasRunOut ? Buffer.alloc(0) : bytes.subarray(offset, offset + length);
    offset += part.byteLength;
    return part;
  };
  const uint32At = (): number => {
    const field = take(4);
    return field.byteLength === 4 ? field.readUInt32BE() : 0;
  };
  return { take, uint32: uint32At, string: () => take(uint32At()), isShort: () => hasRunOut };
}
