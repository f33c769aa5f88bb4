// The pages about the log say what is so: classes, fields, faults, and commands that are run as they stand.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditClasses, auditEvent } from '@sallyport/protocol';
import { describe, expect, it } from 'vitest';
import { verifierKeyText } from './signed-note.ts';
import { appendMany, openLog, origin, scratch, signingKey } from './testing/fixture.ts';

const page = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** The first column of the tables under a heading. */
function documented(text: string, heading: string): string[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((row) => row[1] ?? '');
}

describe('docs/audit-events.md', () => {
  it('has every class and no other, in the order of the code (AUD-1)', () => {
    expect(documented(page('audit-events.md'), 'Classes')).toEqual([...auditClasses]);
  });

  it('has every field and no other, in the order of the code (AUD-1)', () => {
    expect(documented(page('audit-events.md'), 'Fields')).toEqual(Object.keys(auditEvent.shape));
  });
});

/** Exactly the commands of the page, in a real log's folder. */
function byHand(folder: string): { status: number | null; printed: string } {
  const section = page('audit-log.md').split('\n## By hand\n')[1]?.split('\n## ')[0] ?? '';
  const commands = [...section.matchAll(/```sh\n(.*?)```/gs)].map((block) => block[1]).join('\n');
  const env = { ...process.env, VERIFIER_KEY: verifierKeyText(origin, signingKey.publicKey) };
  const { status, stdout, stderr } = spawnSync('sh', ['-eu'], { cwd: folder, input: commands, env, encoding: 'utf8' });
  return { status, printed: stdout + stderr };
}

describe('docs/audit-log.md', () => {
  it('verifies a real log by hand with its commands, and finds a change (AUD-2)', { timeout: 30_000 }, async () => {
    using at = scratch();
    const log = await openLog(at.folder, { segmentBytes: 2000 });
    for (const count of [5, 1, 5]) await appendMany(log, count);
    await log.close();
    const good = byHand(at.folder);
    expect(good.printed).toContain('Signature Verified Successfully');
    expect(good.printed).toContain('the chain holds for 11 events');
    expect(good.printed).toContain('the root is the signed one');
    expect(good.status).toBe(0);

    const last = join(
      at.folder,
      readdirSync(at.folder)
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .at(-1) ?? '',
    );
    const text = readFileSync(last, 'utf8');
    writeFileSync(last, text.replace(/allow(?!.*\n.*allow)/s, 'allox'));
    const changedLast = byHand(at.folder);
    expect(changedLast.printed).not.toContain('the root is the signed one');
    expect(changedLast.status).toBe(1);
    writeFileSync(last, text.replace('allow', 'allox'));
    expect(byHand(at.folder).printed).toContain('this line does not follow');
  });

  it('names every kind of fault that verifying reports (AUD-2)', () => {
    const report = readFileSync(new URL('report.ts', import.meta.url), 'utf8');
    const hints = report.split('const hintOf')[1] ?? '';
    const kinds = [...hints.matchAll(/^ {2}'?([a-z-]+)'?:/gm)].map((match) => match[1]);
    expect(kinds.length).toBeGreaterThan(14);
    for (const kind of kinds) expect(page('audit-log.md')).toContain(`\`${kind}\``);
  });
});
