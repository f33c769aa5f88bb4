// `npm run spec -- --json` is read by programs: its shape, and that a test counts for every id that it cites.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { citedIds, readSpecIds } from '../scripts/spec-ids.ts';
import { readTestTitles } from '../scripts/test-titles.ts';

const root = join(import.meta.dirname, '..');
const coverage = z.array(z.strictObject({ id: z.string(), tests: z.array(z.string()) }));

it('prints one JSON array and nothing else: every id of the specification in its order, with the tests that cite it', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'scripts/spec.ts'), '--json'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  const rows = z.parse(coverage, JSON.parse(stdout));
  expect(rows.map(({ id }) => id)).toEqual(readSpecIds(root).map(({ id }) => id));
  expect(rows.flatMap(({ tests }) => tests).length).toBeGreaterThan(500);
});

it('counts a test for each id that its title, its suite or its rows cite', () => {
  const known = readSpecIds(root);
  const [first, second, third, fourth] = known.map(({ id }) => id);
  const source = `describe('suite (${first})', () => { it.each([['${second}']])('works (${third}, ${fourth})', () => {}); });`;
  const titles = readTestTitles('a.test.ts', source);
  expect(titles.map(({ cited }) => citedIds(cited, known).toSorted())).toEqual([
    [first, second, third, fourth].toSorted(),
  ]);
});
