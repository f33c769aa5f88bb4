// Holds the version to package.json.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { programVersion } from './version.ts';

it('is the version of the package (OPS-6)', () => {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  expect(programVersion).toBe(version);
});
