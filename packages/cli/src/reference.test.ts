// Holds docs/cli.md to the tree of commands.

import { expect, it } from 'vitest';
import { buildProgram } from './program.ts';
import { cliReference } from './reference.ts';
import { commandWords } from './testing/command-words.ts';
import { en } from './text/en.ts';

it('is what docs/cli.md says (SES-5)', async () => {
  const program = buildProgram(en, async () => undefined, { version: '', width: undefined, write: () => undefined });
  await expect(cliReference(program, (path) => commandWords(en)[path])).toMatchFileSnapshot('../../../docs/cli.md');
});
