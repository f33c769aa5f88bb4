// `sally command judge` from lines on standard input to its answer.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sally } from '../testing/fake-world.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sally-judge-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const judge = (stdin: string, ...argv: string[]) => sally({ homeFolder: folder, stdin }, 'command', 'judge', ...argv);
const rulesFile = (name: string, content: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

describe('sally command judge', () => {
  it('prints one object a line with --json, and exits 0 whatever the verdicts (CMD-1)', async () => {
    const ran = await judge('ls\nreboot\r\n\nrm -rf /', '--json');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const lines = ran.stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      { line: 'ls', verdict: 'allow', rules: [] },
      { line: 'reboot', verdict: 'challenge', rules: [{ id: 'power.off' }] },
      { line: '', verdict: 'allow', effects: [] },
      { line: 'rm -rf /', verdict: 'deny', effects: [{ kind: 'run' }, { kind: 'delete', target: '/' }] },
    ]);
  });

  it('explains in words without --json, with control characters shown as such (CMD-1)', async () => {
    const ran = await judge("history -c # '\u001b[2J'\n");
    expect(ran.stdout).toMatch(/^verdict +line +rules\ndeny +history -c .*\\u\{1b\}\[2J.* +conceal\.history\n/);
    expect(ran.stdout).toContain('Erases the history of commands');
  });

  it('takes account and folder from options (CMD-1)', async () => {
    const ran = await judge('cat shadow', '--json', '--cwd', '/etc', '--login', 'root');
    expect(JSON.parse(ran.stdout)).toMatchObject({ verdict: 'deny', rules: [{ id: 'credentials.hashes' }] });
  });

  it('adds own rules from a file (CMD-1)', async () => {
    const rule = { id: 'own.ls', verdict: 'deny', explanation: 'No.', any: [{ effect: 'run', target: ['ls'] }] };
    const ran = await judge('ls', '--json', '--rules', rulesFile('own.json', { rules: [rule] }));
    expect(JSON.parse(ran.stdout)).toMatchObject({ verdict: 'deny', rules: [{ id: 'own.ls' }] });
  });

  it('refuses a file of rules with a mistake, and names its place (CMD-1)', async () => {
    const path = rulesFile('bad.json', { rules: [{ id: 'own.ls', verdict: 'maybe', explanation: 'No.', any: [] }] });
    const ran = await judge('ls', '--rules', path);
    expect(ran).toMatchObject({ status: 78, stdout: '' });
    expect(ran.stderr).toMatch(/rules\[0\]\.verdict: /);
    expect((await judge('ls', '--rules', join(folder, 'none.json'))).status).toBe(78);
  });
});
