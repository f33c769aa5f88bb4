// The state folder: private or refused, and whole after a crash. Real files in a temporary folder.
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateAgentKey, storeKey } from './identity.ts';
import { openStateFolder, readPrivateFile, type StateFolder, writePrivateFile } from './state-folder.ts';

let root = '';
let folder: StateFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-state-'));
  folder = { path: join(root, 'agent'), uid: process.getuid?.() ?? 0, random: randomBytes };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);

describe('the state folder', () => {
  it('is made 0700 and its files 0600 (CON-2)', async () => {
    expect((await openStateFolder(folder, true)).ok).toBe(true);
    expect((await storeKey(folder, generateAgentKey().privateKey)).ok).toBe(true);
    expect(modeOf(folder.path)).toBe('700');
    expect(readdirSync(folder.path).map((name) => modeOf(join(folder.path, name)))).toEqual(['600']);
  });

  it('that is not there is told apart from one that is refused (CON-2)', async () => {
    expect(await openStateFolder(folder)).toEqual({ ok: true, value: undefined });
  });

  it.each([
    ['others may list it', 0o755, 'chmod 0700'],
    ['the group may write it', 0o770, 'chmod 0700'],
  ])('is refused when %s, with the chmod to run (CON-2)', async (_, mode, mend) => {
    mkdirSync(folder.path);
    chmodSync(folder.path, mode);
    const refused = await openStateFolder(folder, true);
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'STATE_UNSAFE', hint: expect.stringContaining(`${mend} ${folder.path}`) },
    });
    expect(modeOf(folder.path)).toBe(mode.toString(8));
  });

  it('is refused when another user owns it, with the chown (CON-2)', async () => {
    mkdirSync(folder.path, { mode: 0o700 });
    const other = { ...folder, uid: folder.uid + 1 };
    expect(await openStateFolder(other)).toMatchObject({
      error: { code: 'STATE_UNSAFE', hint: expect.stringContaining('chown') },
    });
  });

  it('is refused when it is a link to a folder (CON-2)', async () => {
    mkdirSync(join(root, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(root, 'elsewhere'), folder.path);
    expect(await openStateFolder(folder)).toMatchObject({ error: { code: 'STATE_UNSAFE' } });
  });
});

describe('a private file', () => {
  beforeEach(() => mkdirSync(folder.path, { mode: 0o700 }));
  const path = (): string => join(folder.path, 'secret');

  it.each([
    ['others may read it', () => chmodSync(path(), 0o604), 'chmod 0600'],
    ['the group may read it', () => chmodSync(path(), 0o640), 'chmod 0600'],
    ['it is too long', () => writeFileSync(path(), 'x'.repeat(300_000)), 'rm'],
  ])('is refused when %s (CON-2)', async (_, change, mend) => {
    writeFileSync(path(), 'text', { mode: 0o600 });
    change();
    const refused = await readPrivateFile(folder, 'secret');
    expect(refused).toMatchObject({ ok: false, error: { code: 'STATE_UNSAFE', hint: expect.stringContaining(mend) } });
  });

  it('is refused when it is a symbolic link (CON-2)', async () => {
    writeFileSync(join(root, 'elsewhere'), 'text', { mode: 0o600 });
    symlinkSync(join(root, 'elsewhere'), path());
    expect(await readPrivateFile(folder, 'secret')).toMatchObject({
      error: { code: 'STATE_UNSAFE', message: expect.stringContaining('link') },
    });
  });

  it('is refused when it is a folder or a pipe, without waiting for a writer (CON-2)', async () => {
    mkdirSync(path());
    expect(await readPrivateFile(folder, 'secret')).toMatchObject({ error: { code: 'STATE_UNSAFE' } });
  });

  it('is replaced as a whole, and a link in its place is replaced, not followed (CON-2)', async () => {
    writeFileSync(join(root, 'elsewhere'), 'untouched', { mode: 0o600 });
    symlinkSync(join(root, 'elsewhere'), path());
    expect((await writePrivateFile(folder, 'secret', 'new')).ok).toBe(true);
    expect(await readPrivateFile(folder, 'secret')).toEqual({ ok: true, value: 'new' });
    expect(await readPrivateFile({ ...folder, path: root }, 'elsewhere')).toEqual({ ok: true, value: 'untouched' });
    expect(readdirSync(folder.path)).toEqual(['secret']);
  });

  it('that cannot be written leaves nothing behind and says why (CON-6)', async () => {
    mkdirSync(path());
    expect(await writePrivateFile(folder, 'secret', 'text')).toMatchObject({ error: { code: 'STATE_BROKEN' } });
    expect(readdirSync(folder.path)).toEqual(['secret']);
  });
});
