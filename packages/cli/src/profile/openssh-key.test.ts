// The device key against the real ssh-keygen, both ways.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@sallyport/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeviceKey, formatOpensshKey, opensshPublicKey, parseOpensshKey } from './openssh-key.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sally-key-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newKey(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url') };
}

describe('the device key file', () => {
  it.each(['', 'a', 'ab', 'anna@laptop', 'comment of another length'])(
    'is read by ssh-keygen with the comment "%s" (SES-2)',
    (comment) => {
      const key = newKey();
      const path = join(folder, `key-${comment.length}`);
      writeFileSync(path, formatOpensshKey(key, comment), { mode: 0o600 });
      const printed = execFileSync('ssh-keygen', ['-y', '-P', '', '-f', path]).toString().trim();
      expect(printed).toBe(`${opensshPublicKey(key.publicKey)}${comment === '' ? '' : ` ${comment}`}`);
    },
  );

  it('reads back what it writes, and the key signs (SES-2)', () => {
    const key = newKey();
    const read = expectOk(parseOpensshKey(formatOpensshKey(key, 'x')));
    expect(read.publicKey).toEqual(key.publicKey);
    expect(verify(null, Buffer.from('m'), key.privateKey, sign(null, Buffer.from('m'), read.privateKey))).toBe(true);
  });

  it('reads a key that ssh-keygen made (SES-2)', () => {
    const path = join(folder, 'stock');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'stock', '-f', path]);
    const read = expectOk(parseOpensshKey(readFileSync(path, 'utf8')));
    expect(readFileSync(`${path}.pub`, 'utf8')).toContain(opensshPublicKey(read.publicKey));
  });

  it('refuses a key with a passphrase and one of another kind, each with its reason (HND-5)', () => {
    const [locked, other] = [join(folder, 'locked'), join(folder, 'other')];
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked]);
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', other]);
    expect(parseOpensshKey(readFileSync(locked, 'utf8'))).toMatchObject({
      error: 'the key is encrypted with a passphrase',
    });
    expect(parseOpensshKey(readFileSync(other, 'utf8'))).toMatchObject({ error: 'not an Ed25519 key' });
  });

  it('refuses every file that is cut short or has a wrong byte in its key (HND-5)', () => {
    const whole = formatOpensshKey(newKey(), 'c');
    const body = Buffer.from(whole.split('\n').slice(1, -2).join(''), 'base64');
    const wrap = (bytes: Buffer): string =>
      `${whole.split('\n')[0]}\n${bytes.toString('base64')}\n${whole.split('\n').at(-2)}\n`;
    expect(parseOpensshKey(wrap(body)).ok).toBe(true);
    for (let length = 0; length < body.byteLength - 8; length += 5)
      expect(parseOpensshKey(wrap(body.subarray(0, length))).ok).toBe(false);
    for (const at of [0, 20, 70, 110, 150, 170]) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(parseOpensshKey(wrap(changed)), `byte ${at}`).toMatchObject({ ok: false });
    }
  });
});
