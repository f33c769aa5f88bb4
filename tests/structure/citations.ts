// Tests cite only ids that the specification has, and say why when they skip.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { citedIds, readSpecIds } from '../../scripts/spec-ids.ts';
import { holdsTests, readTestTitles } from '../../scripts/test-titles.ts';
import { isTest, lineOf, type Project, type Rule, type SourceFile, visit } from './project.ts';

const unknownIds = ({ root, files }: Project): readonly string[] => {
  if (!existsSync(join(root, 'docs/spec-ids.txt'))) return ['docs/spec-ids.txt is missing'];
  const known = readSpecIds(root);
  return files
    .filter(({ path }) => holdsTests(path))
    .flatMap(({ path, text }) => readTestTitles(path, text))
    .flatMap(({ file, name, cited }) =>
      citedIds(cited, known)
        .filter((id) => !known.some((entry) => entry.id === id))
        .map((id) => `${file} › ${name} cites ${id}, which the specification does not have`),
    );
};

const silentSkips = (file: SourceFile): readonly string[] => {
  const found: string[] = [];
  visit(file.tree, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !['skipIf', 'runIf', 'todo'].includes(node.name.text)) return;
    if (!/^(it|test|describe)\b/.test(node.getText())) return;
    found.push(`${file.path}:${lineOf(file.tree, node)} skips in silence; use context.skip(condition, reason)`);
  });
  return found;
};

export const citationRules: readonly Rule[] = [
  { name: 'tests cite only ids of the specification', violations: unknownIds },
  {
    name: 'a skipped test gives its reason',
    violations: ({ files }) => files.filter(({ path }) => isTest(path) || holdsTests(path)).flatMap(silentSkips),
  },
];
