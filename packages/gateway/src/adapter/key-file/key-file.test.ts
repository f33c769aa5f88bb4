// The key file and what it seals: made private, refused when it is not, and bound to the name of each key.
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expectOk, Redacted, toBase64Url } from '@sallyport/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentOwner, readPrivateFile } from '../private-file.ts';
import { createKeyFile, readKeyFile, sealingKeyBytes } from './key-file.ts';
import { keySeal } from './seal.ts';

const random = (byteCount: number) => randomBytes(byteCount);
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-key-'));
  path = join(folder, 'data', 'workspace.key');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a key file (SEC-1, HND-5)', () => {
  beforeEach(async () => {
    expectOk(await createKeyFile(path, random));
  });

  it('is 32 random bytes, for its owner alone', async () => {
    const key = expectOk(await readKeyFile(path));
    expect(key.expose()).toHaveLength(sealingKeyBytes);
    expect(await readFile(path, 'utf8')).toBe(`${toBase64Url(key.expose())}\n`);
    expect(((await stat(path)).mode & 0o7777).toString(8)).toBe('600');
    expect(((await stat(join(folder, 'data'))).mode & 0o7777).toString(8)).toBe('700');
    expect(inspect(key)).not.toContain(toBase64Url(key.expose()));
  });

  it('is never made anew over one that is there', async () => {
    const before = await readFile(path, 'utf8');
    expect(await createKeyFile(path, random)).toMatchObject({
      ok: false,
      error: { message: `${path} cannot be used: it exists already` },
    });
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('is not made through a symbolic link, nor in a folder that others may enter', async () => {
    const linked = join(folder, 'data', 'linked.key');
    await symlink(join(folder, 'elsewhere'), linked);
    expect((await createKeyFile(linked, random)).ok).toBe(false);
    await mkdir(join(folder, 'open'));
    await chmod(join(folder, 'open'), 0o755);
    const open = join(folder, 'open', 'workspace.key');
    expect(await createKeyFile(open, random)).toMatchObject({
      ok: false,
      error: { hint: `chmod 700 ${join(folder, 'open')}` },
    });
    await expect(stat(open)).rejects.toThrow(/ENOENT/);
    await expect(stat(join(folder, 'elsewhere'))).rejects.toThrow(/ENOENT/);
  });

  it('may be read-only to its owner', async () => {
    await chmod(path, 0o400);
    expect((await readKeyFile(path)).ok).toBe(true);
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o700, 0o4600, 0o000, 0o200])(
    'with another mode is refused, with the chmod to run: %i',
    async (mode) => {
      await chmod(path, mode);
      const octal = mode.toString(8).padStart(4, '0');
      expect(await readKeyFile(path)).toEqual({
        ok: false,
        error: {
          kind: 'not-private',
          message: `${path} has mode ${octal}, and must be 0600 or 0400`,
          hint: `chmod 600 ${path}`,
        },
      });
    },
  );

  it.each<[string, () => Promise<void>, object]>([
    ['that is absent', () => rm(path), { kind: 'absent', message: expect.stringContaining('does not exist') }],
    [
      'that is a symbolic link',
      () => moveAndLink(),
      { kind: 'not-private', message: expect.stringContaining('is a symbolic link') },
    ],
    [
      'that has a second name',
      () => link(path, join(folder, 'copy')),
      { kind: 'not-private', message: expect.stringContaining('has 2 names (hard links)') },
    ],
    [
      'that is a folder',
      () => rm(path).then(() => mkdir(path)),
      { kind: 'not-private', message: expect.stringContaining('is not a regular file') },
    ],
    [
      'in an open folder',
      () => chmod(join(folder, 'data'), 0o750),
      { kind: 'not-private', hint: expect.stringMatching(/^chmod 700 /) },
    ],
    [
      'that is cut short',
      () => truncate(path, 20),
      { kind: 'not-a-key', message: expect.stringContaining('does not hold 32 bytes') },
    ],
    ['that is empty', () => truncate(path, 0), { kind: 'not-a-key' }],
    ['with other letters', () => writeFile(path, `${'+'.repeat(43)}\n`), { kind: 'not-a-key' }],
    ['with two spellings of one key', () => writeFile(path, `${'A'.repeat(42)}B\n`), { kind: 'not-a-key' }],
    ['with something behind the key', () => writeFile(path, `${'A'.repeat(43)}\n\n`), { kind: 'not-a-key' }],
    [
      'that is far too long',
      () => writeFile(path, 'A'.repeat(100_000)),
      { kind: 'unreadable', message: expect.stringContaining('longer than 128 bytes') },
    ],
  ])('%s is refused', async (_what, spoil, error) => {
    await spoil();
    expect(await readKeyFile(path)).toMatchObject({ ok: false, error });
  });

  it('of another user is refused, with the chown to run', async () => {
    const { uid } = currentOwner();
    const other = { uid: uid + 1 };
    expect(await readKeyFile(path, other)).toMatchObject({
      ok: false,
      error: {
        kind: 'not-private',
        message: `${path} belongs to user ${uid}, and this program runs as user ${uid + 1}`,
        hint: `chown ${uid + 1} ${path}`,
      },
    });
  });

  it('that was given away is refused by the file, not by its name', async (context) => {
    context.skip(currentOwner().uid !== 0, 'only root can give a file away');
    await chown(path, 65_534, 65_534);
    expect(await readKeyFile(path)).toMatchObject({ ok: false, error: { hint: `chown 0 ${path}` } });
  });

  it('with a path that a shell would read otherwise is quoted in the command', async () => {
    const strange = join(folder, "it's; rm -rf $HOME");
    await writeFile(strange, 'x', { mode: 0o644 });
    await chmod(strange, 0o644);
    expect(await readPrivateFile(strange, currentOwner(), 10)).toMatchObject({
      ok: false,
      error: { hint: `chmod 600 '${folder}/it'\\''s; rm -rf $HOME'` },
    });
  });

  async function moveAndLink(): Promise<void> {
    await rename(path, join(folder, 'data', 'real'));
    await symlink(join(folder, 'data', 'real'), path);
  }
});

describe('the seal (SEC-1)', () => {
  const key = new Redacted<Uint8Array>(randomBytes(32));
  const seal = keySeal(key, random);
  const secret = Buffer.from('a private key');
  const sealed = seal.seal('grant', secret);

  it('gives back what was sealed, and seals it otherwise each time', () => {
    expect(seal.open('grant', sealed)).toEqual(secret);
    expect(seal.open('ca', seal.seal('ca', Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
    expect(Buffer.from(seal.seal('grant', secret))).not.toEqual(Buffer.from(sealed));
    expect(Buffer.from(sealed).includes(secret)).toBe(false);
    expect(sealed).toHaveLength(1 + 12 + secret.length + 16);
  });

  it('does not open under another name, with another key file, or when one bit differs', () => {
    expect(seal.open('ca', sealed)).toBeUndefined();
    expect(keySeal(new Redacted<Uint8Array>(randomBytes(32)), random).open('grant', sealed)).toBeUndefined();
    for (let at = 0; at < sealed.length * 8; at += 1) {
      const changed = Uint8Array.from(sealed);
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect(seal.open('grant', changed)).toBeUndefined();
    }
  });

  it.each([0, 1, 12, 28, sealed.length - 1])('does not open when only %i bytes are left', (length) => {
    expect(seal.open('grant', sealed.subarray(0, length))).toBeUndefined();
  });

  it('needs a key of 32 bytes', () => {
    expect(() => keySeal(new Redacted<Uint8Array>(randomBytes(16)), random)).toThrow(RangeError);
  });
});
