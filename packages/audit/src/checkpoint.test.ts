// Signed notes and checkpoints, checked against published examples and against openssl.

import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@sallyport/core';
import { describe, expect, it } from 'vitest';
import { type NoteInFile, notesIn, readCheckpoint, signCheckpoint } from './checkpoint.ts';
import { noteKeyId, parseNote, parseVerifierKey, verifierKeyText, verifyNote } from './signed-note.ts';

const key = generateKeyPairSync('ed25519');
const root = Buffer.alloc(32, 7);
const note = signCheckpoint({ origin: 'sally.example/acme', size: 42, root }, key);

// The examples of c2sp.org/signed-note and of Go's golang.org/x/mod/sumdb/note, whose verifier key is published.
const goKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const goNote =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n" +
  '\n' +
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

describe('a signed note', () => {
  it("verifies the published example of Go's note package (AUD-2)", () => {
    const verifier = expectOk(parseVerifierKey(goKey));
    expect(verifyNote(expectOk(parseNote(goNote)), verifier.keyName, verifier.publicKey)).toEqual({ ok: true });
    expect(verifierKeyText(verifier.keyName, verifier.publicKey)).toBe(goKey);
    expect(noteKeyId(verifier.keyName, verifier.publicKey).toString('hex')).toBe('c74f20a3');
  });

  it("reads the form of C2SP's example (AUD-2)", () => {
    const example =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
    const parsed = expectOk(parseNote(example));
    expect(parsed.text.split('\n')[1]).toBe('20852163');
    expect(parsed.signatures[0]?.keyId.toString('hex')).toBe('033de0ae');
  });

  it('has a signature that openssl verifies by itself (AUD-2)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sally-note-'));
    const [text = '', lines = ''] = note.split('\n\n');
    writeFileSync(join(folder, 'text'), `${text}\n`);
    writeFileSync(join(folder, 'signature'), Buffer.from(lines.split(' ')[2] ?? '', 'base64').subarray(4));
    writeFileSync(join(folder, 'key.pem'), key.publicKey.export({ type: 'spki', format: 'pem' }));
    const args = [
      'pkeyutl',
      '-verify',
      '-pubin',
      '-inkey',
      'key.pem',
      '-rawin',
      '-in',
      'text',
      '-sigfile',
      'signature',
    ];
    expect(execFileSync('openssl', args, { cwd: folder }).toString()).toContain('Signature Verified Successfully');
    rmSync(folder, { recursive: true });
  });

  it.each([
    { form: 'no signature', text: 'a\n1\nb\n', why: 'a text, an empty line and signature lines' },
    { form: 'a control character', text: note.replace('42', '4\u00002'), why: 'no control characters' },
    { form: 'a carriage return', text: note.replace('42\n', '42\r\n'), why: 'no control characters' },
    { form: 'a hyphen for the em dash', text: note.replace('\u2014', '-'), why: 'em dash' },
    { form: 'no newline at the end', text: note.trimEnd(), why: 'an empty line and signature lines' },
  ])('is refused with $form (AUD-2)', ({ text, why }) => {
    const parsed = parseNote(text);
    expect(parsed.ok ? '' : parsed.error).toContain(why);
  });

  it.each([
    '',
    'a+b',
    'a+b+c',
    goKey.replace('c74f', 'c74e'),
    goKey.replace('PeterN', 'Peter N'),
    goKey.replace('ARpc', 'BRpc'),
  ])('is not verified with the verifier key %j (AUD-2)', (text) => expect(parseVerifierKey(text).ok).toBe(false));
});

describe('a checkpoint', () => {
  it('reads back what was signed (AUD-2)', () => {
    expect(expectOk(readCheckpoint(note, key.publicKey, 'sally.example/acme'))).toEqual({
      origin: 'sally.example/acme',
      size: 42,
      root,
    });
  });

  const other = generateKeyPairSync('ed25519');
  it.each([
    { change: 'another size', text: note.replace('42', '43'), is: 'forged', why: 'does not check' },
    {
      change: 'another key',
      text: signCheckpoint({ origin: 'sally.example/acme', size: 42, root }, other),
      is: 'forged',
      why: 'not signed by',
    },
    {
      change: 'another log',
      text: signCheckpoint({ origin: 'other', size: 42, root }, key),
      is: 'forged',
      why: 'it is of other',
    },
    { change: 'a leading zero', text: note.replace('42', '042'), is: 'malformed', why: 'a line each' },
    {
      change: 'a short root',
      text: note.replace(root.toString('base64'), 'AAAA'),
      is: 'malformed',
      why: 'a line each',
    },
  ])('is refused with $change (AUD-2)', ({ text, is, why }) => {
    const read = readCheckpoint(text, key.publicKey, 'sally.example/acme');
    expect(read.ok ? {} : { is: read.error.is, why: read.error.why.includes(why) }).toEqual({ is, why: true });
  });

  it('takes a witness cosignature beside its own (AUD-2)', () => {
    const cosigned = `${note}\u2014 witness.example ${randomBytes(76).toString('base64')}\n`;
    expect(readCheckpoint(cosigned, createPublicKey(key.privateKey)).ok).toBe(true);
  });
});

async function notesOf(text: string, chunkBytes: number): Promise<NoteInFile[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const notes: NoteInFile[] = [];
  for await (const one of notesIn(chunks())) notes.push(one);
  return notes;
}

describe('a file of checkpoints', () => {
  const cosigned = `${note}\u2014 witness.example ${Buffer.alloc(76, 1).toString('base64')}\n`;

  it.each([1, 3, 64, 10_000])('is read in pieces of %i bytes, each note with its line (AUD-2)', async (chunkBytes) => {
    const notes = await notesOf(note + cosigned + note, chunkBytes);
    expect(notes.map((one) => one.note)).toEqual([note, cosigned, note]);
    expect(notes.map((one) => one.line)).toEqual([1, 6, 12]);
    expect(notes.every((one) => one.isWhole)).toBe(true);
  });

  it.each([1, 2, 30, 90, note.length - 1])(
    'tells a note that a crash cut after %i characters (AUD-2)',
    async (length) => {
      const notes = await notesOf(note + note.slice(0, length), 64);
      expect(notes[0]?.note).toBe(note);
      expect(notes.map((one) => one.isWhole)).toEqual([true, false]);
      expect(notes[1]?.start).toBe(Buffer.byteLength(note));
    },
  );
});
