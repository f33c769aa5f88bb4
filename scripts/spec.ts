// `npm run spec`: which tests cite which id of the specification; `--json` prints one JSON array and nothing else.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { citedIds, readSpecIds } from './spec-ids.ts';
import { holdsTests, readTestTitles } from './test-titles.ts';

const root = join(import.meta.dirname, '..');

interface Coverage {
  readonly id: string;
  readonly title: string;
  readonly tests: readonly string[];
}

const readCoverage = (): readonly Coverage[] => {
  const known = readSpecIds(root);
  const files = globSync('{packages/*/src,tests}/**/*.ts', { cwd: root }).filter(holdsTests);
  const tests = files.sort().flatMap((file) => readTestTitles(file, readFileSync(join(root, file), 'utf8')));
  const cited = tests.map((test) => ({ label: `${test.file} › ${test.name}`, ids: citedIds(test.cited, known) }));
  return known.map(({ id, title }) => ({
    id,
    title,
    tests: [...new Set(cited.filter(({ ids }) => ids.includes(id)).map(({ label }) => label))],
  }));
};

const printTable = (rows: readonly Coverage[]): void => {
  for (const { id, title, tests } of rows) {
    console.log(`${id.padEnd(7)} ${String(tests.length).padStart(3)}  ${title}`);
    for (const test of tests) console.log(`             ${test}`);
  }
  console.log(`${rows.filter(({ tests }) => tests.length > 0).length} of ${rows.length} ids have a test`);
};

const rows = readCoverage();
if (process.argv.includes('--json')) console.log(JSON.stringify(rows.map(({ id, tests }) => ({ id, tests }))));
else printTable(rows);
