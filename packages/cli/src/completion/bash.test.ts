// The bash completion in a real bash.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bashCompletion } from './bash.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sally-bash-'));
  writeFileSync(join(folder, 'completion'), bashCompletion);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a real bash would offer behind the line, with a sally that answers these lines; and the words that sally was asked with. */
function offered(line: string, answers: readonly string[]): { offers: string[]; asked: string[] } {
  const script = [
    'source ./completion',
    'sally() { printf "%s\\0" "$@" > asked; cat answers; }',
    '_sally',
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ].join('\n');
  writeFileSync(join(folder, 'answers'), answers.map((answer) => `${answer}\n`).join(''));
  const env = { PATH: process.env['PATH'] ?? '', COMP_LINE: line, COMP_POINT: String(line.length) };
  const offers = execFileSync('bash', ['--norc', '-c', script], { cwd: folder, env })
    .toString()
    .split('\n')
    .filter(Boolean);
  const asked = execFileSync('cat', ['asked'], { cwd: folder }).toString().split('\0').slice(0, -1);
  return { offers, asked };
}

describe('completion in a real bash', () => {
  it.each([
    ['sally ss', ['ssh\topen a shell', 'ssh-config\twrite', ':4'], ['ssh', 'ssh-config'], ['complete', '--', 'ss']],
    ['sally ssh ', ['web-1\t', 'db-1\t', ':4'], ['web-1', 'db-1'], ['complete', '--', 'ssh', '']],
    ['sally ssh root@w', ['root@web-1\t', ':4'], ['@web-1'], ['complete', '--', 'ssh', 'root@w']],
    ['sally ls --la', ['--label\tonly', '--lang\tko', ':4'], ['--label', '--lang'], ['complete', '--', 'ls', '--la']],
  ])('offers behind "%s" (SES-5)', (line, answers, offers, asked) => {
    expect(offered(line, answers)).toEqual({ offers, asked });
  });

  it('evaluates nothing that was typed (SES-5)', () => {
    for (const typed of ['$(touch hacked)', '`touch hacked`', '"; touch hacked; "', `\${x:=$(touch hacked)}`]) {
      expect(offered(`sally ssh ${typed}`, [':4']).asked.join(' ')).toContain('hacked');
      expect(existsSync(join(folder, 'hacked'))).toBe(false);
    }
  });

  it('can be sourced again (SES-5)', () => {
    expect(
      execFileSync('bash', ['--norc', '-c', 'source ./completion && source ./completion && echo done'], {
        cwd: folder,
      }).toString(),
    ).toBe('done\n');
  });
});
