// Every document can be found: docs/README.md links each one, and what it links is there.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Project, Rule } from './project.ts';

const index = 'docs/README.md';

const linksOf = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

const unlinked = ({ root }: Project): readonly string[] => {
  if (!existsSync(join(root, index))) return [];
  const linked = new Set(linksOf(readFileSync(join(root, index), 'utf8')).map((link) => posix.join('docs', link)));
  return globSync('docs/**/*.{md,txt}', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path !== index && !linked.has(path))
    .map((path) => `${index} does not link ${path}`);
};

const broken = ({ root }: Project): readonly string[] =>
  globSync(['*.md', 'docs/**/*.md'], { cwd: root }).flatMap((path) =>
    linksOf(readFileSync(join(root, path), 'utf8'))
      .filter((link) => !existsSync(join(root, posix.dirname(path), link)))
      .map((link) => `${path} links ${link}, which is not there`),
  );

export const documentRules: readonly Rule[] = [
  { name: 'docs/README.md links every document', violations: unlinked },
  { name: 'documents link only what is there', violations: broken },
];
