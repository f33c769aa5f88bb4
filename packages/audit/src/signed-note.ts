// C2SP signed notes (c2sp.org/signed-note) with Ed25519: a text, an empty line, signature lines.
// The text of a note must not be believed before verifyNote has said yes.

import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { equalBytes, err, ok, type Result } from '@sallyport/core';

export type SigningKey = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
type NoteSignature = { readonly keyName: string; readonly keyId: Buffer; readonly signature: Buffer };
export type SignedNote = { readonly text: string; readonly signatures: readonly NoteSignature[] };

const ed25519Type = 1; // signature type byte of signed-note, "Signature types"
const keyIdBytes = 4;
const maxSignatures = 64; // verifiers must take at least 16
const emDash = '\u2014';
const keyNamePattern = /^[^\s+\p{Cc}]{1,253}$/u;
const controlExceptNewline = /(?!\n)\p{Cc}/u;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A key name is not empty and has no spaces and no plus ("Format"). */
export function isKeyName(text: string): boolean {
  return keyNamePattern.test(text);
}

export function signNote(text: string, keyName: string, key: SigningKey): string {
  if (!isKeyName(keyName)) throw new TypeError('a key name has no spaces and no plus');
  if (!text.endsWith('\n')) throw new TypeError('the text of a note ends with a newline');
  const signature = Buffer.concat([noteKeyId(keyName, key.publicKey), sign(null, Buffer.from(text), key.privateKey)]);
  return `${text}\n${emDash} ${keyName} ${signature.toString('base64')}\n`;
}

/** SHA-256(key name || 0x0A || 0x01 || public key)[:4] ("Ed25519 signatures"). */
export function noteKeyId(keyName: string, publicKey: KeyObject): Buffer {
  const hash = createHash('sha256').update(`${keyName}\n`).update(Buffer.of(ed25519Type)).update(rawKey(publicKey));
  return hash.digest().subarray(0, keyIdBytes);
}

/** The parts of a note, nothing checked but their form; or what is wrong with the form. */
export function parseNote(note: string): Result<SignedNote, string> {
  if (controlExceptNewline.test(note)) return err('a note holds no control characters');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return err('a note is a text, an empty line and signature lines');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > maxSignatures) return err(`a note has at most ${maxSignatures} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (!signature) return err('a signature line is: em dash, key name, base64 of key id and signature');
    signatures.push(signature);
  }
  return ok({ text: note.slice(0, split + 1), signatures });
}

function parseSignature(line: string): NoteSignature | undefined {
  const [dash, keyName, encoded, ...rest] = line.split(' ');
  if (dash !== emDash || !keyName || !encoded || rest.length > 0) return undefined;
  if (!isKeyName(keyName) || !base64Pattern.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length <= keyIdBytes) return undefined;
  return { keyName, keyId: bytes.subarray(0, keyIdBytes), signature: bytes.subarray(keyIdBytes) };
}

/**
 * What is wrong with the note under this key, or nothing. Signatures of other keys are ignored; every signature of this
 * name and key id must check ("Signatures").
 */
export function verifyNote(note: SignedNote, keyName: string, publicKey: KeyObject): Result<void, string> {
  const keyId = noteKeyId(keyName, publicKey);
  const ours = note.signatures.filter((one) => one.keyName === keyName && equalBytes(one.keyId, keyId));
  if (ours.length === 0) return err(`not signed by ${keyName} with key ${keyId.toString('hex')}`);
  const text = Buffer.from(note.text);
  const isSigned = ours.every((one) => verify(null, text, publicKey, one.signature));
  return isSigned ? ok() : err(`the signature of ${keyName} does not check`);
}

/** A verifier key as Go's note package and its kin read it: name, key id in hex, base64 of type and key, joined by plus. */
export function verifierKeyText(keyName: string, publicKey: KeyObject): string {
  const encoded = Buffer.concat([Buffer.of(ed25519Type), rawKey(publicKey)]).toString('base64');
  return `${keyName}+${noteKeyId(keyName, publicKey).toString('hex')}+${encoded}`;
}

export function parseVerifierKey(text: string): Result<{ keyName: string; publicKey: KeyObject }, string> {
  const [keyName, keyId, encoded, ...rest] = splitVerifierKey(text);
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (!keyName || !isKeyName(keyName) || rest.length > 0) return err('a verifier key is NAME+ID+KEY');
  if (bytes.length !== 33 || bytes[0] !== ed25519Type) return err('not an Ed25519 verifier key');
  const publicKey = ed25519PublicKey(bytes.subarray(1));
  if (noteKeyId(keyName, publicKey).toString('hex') !== keyId) return err('the key id is not of this name and key');
  return ok({ keyName, publicKey });
}

// The base64 part may hold plus signs; the name and the id may not.
function splitVerifierKey(text: string): string[] {
  const [keyName = '', keyId = '', ...encoded] = text.trim().split('+');
  return [keyName, keyId, encoded.join('+')];
}

function ed25519PublicKey(raw: Buffer): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
}

/** The 32 bytes of an Ed25519 public key (RFC 8032 §5.1.5). */
function rawKey(publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new TypeError('a checkpoint key is Ed25519');
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}
