// The architecture as failing tests: every rule holds for this project, and every rule is shown to fail on a small bad one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { citationRules } from './structure/citations.ts';
import { dependencyRules } from './structure/dependencies.ts';
import { documentRules } from './structure/documents.ts';
import { fileRules } from './structure/files.ts';
import { gatewayRules } from './structure/gateway.ts';
import { packageRules } from './structure/packages.ts';
import { loadProject } from './structure/project.ts';

const rules = [
  ...[...packageRules, ...gatewayRules, ...fileRules],
  ...[...citationRules, ...dependencyRules, ...documentRules],
];
const root = join(import.meta.dirname, '..');

/** A project in a temporary folder; every file opens with a comment unless it is given with its own. */
const violationsOf = (files: Readonly<Record<string, string>>): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-structure-'));
  try {
    const ids = 'CON-1 first\nCON-2 second\n';
    const all = { 'docs/spec-ids.txt': ids, 'package-lock.json': '{ "packages": {} }', ...files };
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const project = loadProject(folder);
    return rules.flatMap((rule) => rule.violations(project));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const gateway = (path: string): string => `packages/gateway/src/${path}`;
const file = (...lines: readonly string[]): string => ['// A file.', ...lines, ''].join('\n');
const empty = file('export const one = 1;');

describe('this project', () => {
  const project = loadProject(root);

  it('is read at all: files, imports and tests are found', () => {
    expect(project.files.length).toBeGreaterThan(20);
    expect(project.files.flatMap(({ imports }) => imports).length).toBeGreaterThan(40);
    expect(project.files.some(({ path }) => path.startsWith('packages/core/src/'))).toBe(true);
  });

  it.each(rules)('$name', (rule) => {
    expect(rule.violations(project)).toEqual([]);
  });
});

describe('packages', () => {
  it.each([
    [
      'an arrow that the design lacks',
      'core',
      "import { x } from '@sallyport/protocol';",
      'core may not import protocol',
    ],
    [
      'a type across a missing arrow',
      'core',
      "import type { X } from '@sallyport/policy';",
      'core may not import policy',
    ],
    [
      'a re-export across a missing arrow',
      'audit',
      "export * from '@sallyport/gateway';",
      'audit may not import gateway',
    ],
    ['an import type expression', 'core', "export type X = import('@sallyport/host').X;", 'core may not import host'],
    [
      'a lazy import across a missing arrow',
      'agent',
      "await import('@sallyport/gateway');",
      'agent may not import gateway',
    ],
    ['testkit in product code', 'session', "import '@sallyport/testkit';", 'session may not import testkit'],
    ['a whole program loaded at the start of the CLI', 'cli', "import { x } from '@sallyport/gateway';", 'lazily'],
    ['a deep import', 'policy', "import { x } from '@sallyport/core/src/id.ts';", 'past the door of core'],
    ['a relative path out of the package', 'policy', "import { x } from '../../core/src/id.ts';", 'leaves the package'],
    ['itself by name', 'core', "import { x } from '@sallyport/core';", 'imports itself by name'],
    ['a package without a row', 'extra', "import { x } from '@sallyport/core';", 'no row in the table'],
  ])('refuses %s', (_case, from, line, reason) => {
    const found = violationsOf({ [`packages/${from}/src/a.ts`]: file(line) });
    expect(found).toEqual([expect.stringContaining(reason)]);
  });

  it('refuses a script or test that reaches past a door', () => {
    const found = violationsOf({ 'tests/a.ts': file("import '../packages/core/src/id.ts';") });
    expect(found).toEqual([expect.stringContaining('import @sallyport/core')]);
  });

  it('accepts the arrows of the design, testkit in tests and lazy programs in the CLI', () => {
    const found = violationsOf({
      'packages/protocol/src/a.ts': file("import { x } from '@sallyport/core';"),
      'packages/core/src/a.test.ts': file("import { x } from '@sallyport/testkit';"),
      'packages/cli/src/a.ts': file("await import('@sallyport/agent');", "import type { X } from '@sallyport/agent';"),
    });
    expect(found).toEqual([]);
  });

  it('accepts testkit in the folder that supports tests, and refuses that folder to everything but tests', () => {
    const support = { 'packages/core/src/testing/a.ts': file("import { x } from '@sallyport/testkit';") };
    const used = file("import { x } from './testing/a.ts';");
    expect(violationsOf({ ...support, 'packages/core/src/b.test.ts': used })).toEqual([]);
    const refused = [expect.stringContaining('is no test and imports what only tests may')];
    expect(violationsOf({ ...support, 'packages/core/src/b.ts': used })).toEqual(refused);
    const lazily = file("await import('./testing/a.ts');");
    expect(violationsOf({ ...support, 'packages/core/src/b.ts': lazily })).toEqual(refused);
    const aTest = { 'packages/core/src/a.test.ts': empty, 'packages/core/src/b.ts': file("import './a.test.ts';") };
    expect(violationsOf(aTest)).toEqual(refused);
  });

  it('refuses circles of files and of packages', () => {
    const files = violationsOf({
      'packages/core/src/a.ts': file("import './b.ts';"),
      'packages/core/src/b.ts': file("import type { A } from './a.ts';"),
    });
    expect(files).toEqual(['circle: packages/core/src/a.ts → packages/core/src/b.ts → packages/core/src/a.ts']);
    const packages = violationsOf({
      'packages/testkit/src/index.ts': file("import '@sallyport/audit';"),
      'packages/audit/src/index.ts': file("import '@sallyport/testkit';"),
    });
    expect(packages).toContainEqual(expect.stringMatching(/^circle: packages\/audit/));
  });
});

describe('the gateway', () => {
  it.each([
    ['a door that imports another door', 'door/ssh/open.ts', '../web/open.ts', 'another door'],
    ['a file that doors share and that imports one', 'door/connection.ts', './ssh/open.ts', 'another door'],
    ['a door that imports an adapter', 'door/ssh.ts', '../adapter/postgres.ts', 'a door imports an adapter'],
    ['an adapter that imports a service', 'adapter/store/a.ts', '../../domain/session/service.ts', 'a service'],
    ['an adapter that imports a door', 'adapter/store/a.ts', '../../door/ssh.ts', 'an adapter imports a door'],
    [
      'a domain that imports an adapter',
      'domain/session/open.ts',
      '../../adapter/store.ts',
      'a domain imports adapter/',
    ],
    ['a domain that imports a door', 'domain/session/open.ts', '../../door/ssh.ts', 'a domain imports door/'],
    ['a second composition root', 'start.ts', './adapter/store.ts', 'only main.ts joins adapters'],
    ['a door that imports main.ts', 'door/ssh.ts', '../main.ts', 'only the door imports main.ts'],
  ])('refuses %s', (_case, path, target, reason) => {
    const found = violationsOf({ [gateway(path)]: file(`import '${target}';`) });
    expect(found).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ['a folder inside a subject', 'domain/session/open/steps.ts', 'without deeper folders'],
    ['a file without a subject', 'domain/session.ts', 'must be domain/<subject>/<file>.ts'],
    ['camelCase', 'domain/session/openSession.ts', 'kebab-case'],
    ['a name that says nothing', 'domain/session/session-helper.ts', 'says nothing'],
    ['a bag of types', 'domain/session/types.ts', 'says nothing'],
    ['a fourth layer', 'lib/session.ts', 'none of domain/, door/, adapter/'],
  ])('refuses %s', (_case, path, reason) => {
    expect(violationsOf({ [gateway(path)]: empty })).toEqual([expect.stringContaining(reason)]);
  });

  it('accepts the layout of the design', () => {
    const found = violationsOf({
      [gateway('domain/session/service.ts')]: empty,
      [gateway('domain/session/ports.ts')]: empty,
      [gateway('domain/session/open.test.ts')]: empty,
      [gateway('adapter/store.ts')]: file("import type { X } from '../domain/session/ports.ts';"),
      [gateway('door/ssh/open.ts')]: file(
        "import { x } from '../../domain/session/service.ts';",
        "import '../connection.ts';",
      ),
      [gateway('door/connection.ts')]: empty,
      [gateway('main.ts')]: file("import './adapter/store.ts';", "import './door/ssh/open.ts';"),
      [gateway('index.ts')]: file("export { x } from './main.ts';"),
    });
    expect(found).toEqual([]);
  });
});

describe('files', () => {
  const lines = (count: number): string => Array.from({ length: count }, () => '  f();').join('\n');

  it('refuses a file of 401 lines, tests included, and accepts 400', () => {
    const text = (count: number): string => file(...Array.from({ length: count - 1 }, () => 'f();'));
    expect(violationsOf({ 'packages/core/src/a.ts': text(400) })).toEqual([]);
    expect(violationsOf({ 'packages/core/src/a.test.ts': text(401) })).toEqual([expect.stringContaining('401 lines')]);
  });

  it.each([
    ['declaration', (body: string) => `export function f() {\n${body}\n}`],
    ['arrow', (body: string) => `export const f = () => {\n${body}\n};`],
    ['method', (body: string) => `export class C { m() {\n${body}\n} }`],
  ])('refuses a function of 61 lines (%s) and accepts 60', (_kind, wrap) => {
    expect(violationsOf({ 'packages/core/src/a.ts': file(wrap(lines(58))) })).toEqual([]);
    expect(violationsOf({ 'packages/core/src/a.ts': file(wrap(lines(59))) })).toEqual([
      'packages/core/src/a.ts:2 function of 61 lines',
    ]);
  });

  it('measures tests one by one, not the suite around them', () => {
    const suite = (name: string): string => file(`${name}('x', () => {\n${lines(80)}\n});`);
    expect(violationsOf({ 'packages/core/src/a.test.ts': suite('describe') })).toEqual([]);
    expect(violationsOf({ 'packages/core/src/a.test.ts': suite('it') })).toHaveLength(1);
    const contract = file(`export const c = () => {\n  it('x', () => {});\n${lines(80)}\n};`);
    expect(violationsOf({ 'packages/testkit/src/a.ts': contract })).toEqual([]);
    expect(violationsOf({ 'packages/core/src/a.ts': contract })).toHaveLength(1);
  });

  it('refuses a file that does not say what it is', () => {
    expect(violationsOf({ 'packages/core/src/a.ts': 'export const x = 1;\n' })).toEqual([
      expect.stringContaining('does not open with a comment'),
    ]);
    expect(violationsOf({ 'scripts/a.mjs': `#!/usr/bin/env node\n${empty}` })).toEqual([]);
  });

  it.each([
    ['process.env', 'f(process.env);'],
    ['process.env', "import { env } from 'node:process';"],
    ['Date.now', 'f(Date.now());'],
    ['Date.now', 'f(Date.now);'],
    ['new Date()', 'f(new Date());'],
    ['Math.random', 'f(Math.random());'],
  ])('refuses %s outside a program: %s', (name, line) => {
    const bad = { 'packages/core/src/a.ts': file(line), 'packages/cli/src/command/main.ts': file(line) };
    const reads = expect.stringContaining(`reads ${name}`);
    expect(violationsOf(bad)).toEqual([reads, reads]);
    const good = {
      'packages/core/src/clock.ts': file(line),
      'packages/cli/src/main.ts': file(line),
      'packages/core/src/a.test.ts': file(line),
      'scripts/a.ts': file(line),
      'bench/a.ts': file(line),
    };
    expect(violationsOf(good)).toEqual([]);
  });

  it('accepts a date that is made from a value', () => {
    expect(violationsOf({ 'packages/core/src/a.ts': file('f(new Date(atMs));') })).toEqual([]);
  });
});

/** Kept apart from the tests below, so that these ids do not count as cited by them. */
const badCitations = [
  ['in a title', "it('works (CON-3)', () => {});", 'CON-3'],
  ['in a suite', "describe('x (CON-99)', () => { it('works', () => {}); });", 'CON-99'],
  ['in a list with an unknown group', "it('works (CON-1, XYZ-1)', () => {});", 'XYZ-1'],
  ['in the rows of a table', "it.each([['CON-9']])('works %s', () => {});", 'CON-9'],
  ['in a template', 'it.each(rows)(`works (CON-7)`, () => {});', 'CON-7'],
] as const;

describe('tests', () => {
  const cites = (text: string): readonly string[] => violationsOf({ 'packages/core/src/a.test.ts': file(text) });

  it.each(badCitations)('refuses an unknown id %s', (_case, text, id) => {
    expect(cites(text)).toEqual([expect.stringContaining(`cites ${id},`)]);
  });

  it('accepts known ids and words that only look like ids', () => {
    expect(cites("it('seals with AES-256 and SHA-256 (CON-1, CON-2)', () => {});")).toEqual([]);
  });

  it.each(['it.skipIf(true)', 'describe.runIf(false)', 'it.todo'])('refuses a silent skip: %s', (call) => {
    expect(cites(`${call}('x', () => {});`)).toEqual([expect.stringContaining('skips in silence')]);
  });
});

describe('dependencies', () => {
  const lock = (packages: object): readonly string[] =>
    violationsOf({ 'package-lock.json': JSON.stringify({ packages }) });

  it.each([
    [
      'that names a registry',
      { resolved: 'https://registry.example/a.tgz', integrity: 'sha512-x' },
      'names a registry',
    ],
    ['without integrity', { version: '1.0.0' }, 'has no integrity'],
    [
      'without a platform package',
      { integrity: 'sha512-x', optionalDependencies: { 'a-mac': '1.0.0' } },
      'a-mac, wanted by',
    ],
  ])('refuses a lockfile entry %s', (_case, entry, reason) => {
    expect(lock({ 'node_modules/a': entry })).toEqual([expect.stringContaining(reason)]);
  });

  it('accepts workspaces, and platform packages beside their owner or above it', () => {
    const owner = { integrity: 'sha512-x', optionalDependencies: { 'a-mac': '1.0.0' } };
    const found = lock({
      'packages/core': { version: '0.1.0' },
      'node_modules/@sallyport/core': { resolved: 'packages/core', link: true },
      'node_modules/a': owner,
      'packages/core/node_modules/a': owner,
      'node_modules/a-mac': { integrity: 'sha512-y' },
    });
    expect(found).toEqual([]);
  });

  it.each(['^1.0.0', '1.x', 'latest', '*'])('refuses the version %s in a manifest', (version) => {
    const manifest = JSON.stringify({ dependencies: { ws: version, '@sallyport/core': '*' } });
    const found = violationsOf({ 'packages/tunnel/package.json': manifest });
    expect(found).toEqual([expect.stringContaining('not an exact version')]);
  });
});

describe('documents', () => {
  const index = (text: string) => ({ 'docs/README.md': `[ids](spec-ids.txt)\n${text}` });

  it('refuses one that the index does not link, decisions included', () => {
    const found = violationsOf({
      ...index('[a](a.md)'),
      'docs/a.md': 'x',
      'docs/b.md': 'x',
      'docs/decisions/1.md': 'x',
    });
    expect(found.toSorted()).toEqual([
      'docs/README.md does not link docs/b.md',
      'docs/README.md does not link docs/decisions/1.md',
    ]);
  });

  it('refuses a link to what is not there, and accepts addresses and places in a page', () => {
    const found = violationsOf({ ...index('[a](a.md#here) [b](https://b.example)'), 'docs/a.md': '[gone](gone.md)' });
    expect(found).toEqual(['docs/a.md links gone.md, which is not there']);
  });
});
