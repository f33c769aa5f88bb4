// The lockfile must be one that `npm ci` accepts on every supported platform, and names no registry; manifests pin exact versions.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Project, Rule } from './project.ts';

const versions = z.optional(z.record(z.string(), z.string()));

const manifestShape = z.object({
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
});

const entryShape = z.extend(manifestShape, {
  version: z.optional(z.string()),
  integrity: z.optional(z.string()),
  resolved: z.optional(z.string()),
  link: z.optional(z.boolean()),
});

const lockShape = z.object({ packages: z.record(z.string(), entryShape) });

const readJson = (root: string, path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** Where npm puts a dependency of the package at this path: beside it, or in any node_modules further up. */
const isLocked = (paths: ReadonlySet<string>, from: string, name: string): boolean => {
  const above = from.split('/').map((_part, index, parts) => parts.slice(0, parts.length - index).join('/'));
  return [...above, ''].some((folder) =>
    paths.has(folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`),
  );
};

const lockProblems = ({ root }: Project): readonly string[] => {
  if (!existsSync(join(root, 'package-lock.json'))) return ['package-lock.json is missing'];
  const { packages } = z.parse(lockShape, readJson(root, 'package-lock.json'));
  const paths = new Set(Object.keys(packages));
  return Object.entries(packages).flatMap(([path, entry]) => {
    const problems: string[] = [];
    if (entry.resolved !== undefined && entry.link !== true)
      problems.push(`package-lock.json: ${path} names a registry`);
    const isForeign = path.includes('node_modules/') && entry.link !== true;
    if (isForeign && entry.integrity === undefined) problems.push(`package-lock.json: ${path} has no integrity`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!isLocked(paths, path, name)) problems.push(`package-lock.json: ${name}, wanted by ${path}, is not in it`);
    }
    return problems;
  });
};

const isExact = (name: string, version: string): boolean =>
  name.startsWith('@sallyport/') ? version === '*' : /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);

const looseVersions = ({ root }: Project): readonly string[] =>
  globSync(['package.json', 'packages/*/package.json'], { cwd: root }).flatMap((path) => {
    const manifest = z.parse(manifestShape, readJson(root, path));
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    return Object.entries(wanted)
      .filter(([name, version]) => !isExact(name, version))
      .map(([name, version]) => `${path}: ${name} is "${version}", not an exact version`);
  });

export const dependencyRules: readonly Rule[] = [
  { name: 'the lockfile is complete for every platform and names no registry', violations: lockProblems },
  { name: 'manifests pin exact versions', violations: looseVersions },
];
