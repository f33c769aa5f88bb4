// All entries under their names. A new program is one entry in the file of its subject.

import { pathPattern, pathsMeet, patternExpression } from '../shell/glob.ts';
import { accountPrograms } from './account.ts';
import { archivePrograms } from './archive.ts';
import { containerPrograms } from './container.ts';
import { editors } from './editor.ts';
import { filePrograms } from './file.ts';
import { interpreters } from './interpreter.ts';
import { networkPrograms } from './network.ts';
import { printers } from './output.ts';
import type { Program } from './program.ts';
import { remotePrograms } from './remote.ts';
import { searchPrograms } from './search.ts';
import { servicePrograms } from './service.ts';
import { shellBuiltins } from './shell-builtin.ts';
import { softwarePrograms } from './software.ts';
import { systemPrograms } from './system.ts';
import { wrappers } from './wrapper.ts';

const programs: ReadonlyMap<string, Program> = new Map(
  [
    shellBuiltins,
    printers,
    wrappers,
    interpreters,
    editors,
    filePrograms,
    searchPrograms,
    archivePrograms,
    networkPrograms,
    remotePrograms,
    accountPrograms,
    servicePrograms,
    systemPrograms,
    containerPrograms,
    softwarePrograms,
  ].flatMap((entries) => Object.entries(entries)),
);

const families = [...programs]
  .filter(([name]) => name.includes('*'))
  .map(([name, entry]) => ({ expression: patternExpression(name), entry }));

export function entryOf(name: string): Program | undefined {
  return (
    programs.get(name) ??
    (name.includes('.') ? families.find(({ expression }) => expression.test(name))?.entry : undefined)
  );
}

/** Names that a pattern (`c?t`, `/bin/[w]get`) could stand for, the first few. */
export function namesLike(pattern: string): readonly string[] {
  if (!/[^*]/.test(pattern) || pattern.length > 64) return [];
  return [...programs.keys()].filter((name) => pathsMeet(pathPattern(name), [pattern])).slice(0, 8);
}
