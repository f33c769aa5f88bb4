// Who may import whom between packages, only through the door `src/index.ts`, and never in a circle.
import { type Import, isTest, isTestSupport, type Project, packageOf, type Rule, type SourceFile } from './project.ts';

const everyPackage = [
  ...['core', 'protocol', 'policy', 'command', 'audit', 'recording', 'session'],
  ...['tunnel', 'host', 'gateway', 'agent', 'cli', 'console', 'testkit'],
] as const;

const allBut = (...left: readonly string[]): readonly string[] => everyPackage.filter((name) => !left.includes(name));

/** The arrows of the design, one row a package. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  protocol: ['core'],
  policy: ['core', 'protocol'],
  command: ['core'],
  audit: ['core', 'protocol'],
  recording: ['core', 'protocol'],
  session: ['core', 'protocol', 'command', 'recording'],
  tunnel: ['core', 'protocol', 'session'],
  host: ['core', 'protocol', 'command', 'session'],
  gateway: allBut('host', 'agent', 'cli', 'console', 'testkit'),
  agent: allBut('gateway', 'cli', 'console', 'testkit'),
  cli: ['core', 'protocol', 'tunnel', 'policy', 'command', 'audit', 'recording', 'agent', 'gateway'],
  console: ['protocol'],
  testkit: everyPackage,
};

/** The CLI starts whole programs only when their command is run: its own start must stay short. */
const lazyOnly: Readonly<Record<string, readonly string[]>> = { cli: ['agent', 'gateway'] };

const importedPackage = (specifier: string): string | undefined => /^@sallyport\/([^/]+)/.exec(specifier)?.[1];

const arrowProblem = (file: SourceFile, from: string, to: string, imported: Import): string | undefined => {
  if (from === to) return `${from} imports itself by name; use a relative path`;
  const allowed = mayImport[from];
  if (allowed === undefined) return `package ${from} has no row in the table of arrows`;
  const isTestkitInTest = to === 'testkit' && isTest(file.path);
  if (!allowed.includes(to) && !isTestkitInTest) return `${from} may not import ${to}`;
  const isStatic = !imported.isDynamic && !imported.isTypeOnly;
  if (isStatic && !isTest(file.path) && lazyOnly[from]?.includes(to) === true) {
    return `${from} must load ${to} lazily, with await import()`;
  }
  return undefined;
};

const doorProblem = (file: SourceFile, imported: Import): string | undefined => {
  const named = importedPackage(imported.specifier);
  if (named !== undefined && imported.specifier !== `@sallyport/${named}`) return `reaches past the door of ${named}`;
  if (imported.target === undefined) return undefined;
  const to = packageOf(imported.target);
  const from = packageOf(file.path);
  if (from !== undefined && to !== from) return `leaves the package ${from} by a relative path`;
  if (from === undefined && to !== undefined) return `reaches into ${to}; import @sallyport/${to}`;
  return undefined;
};

const arrows = ({ files }: Project): readonly string[] =>
  files.flatMap((file) =>
    file.imports.flatMap((imported) => {
      const from = packageOf(file.path);
      const to = importedPackage(imported.specifier);
      const arrow = from !== undefined && to !== undefined ? arrowProblem(file, from, to, imported) : undefined;
      const problems = [arrow, doorProblem(file, imported)].filter((problem) => problem !== undefined);
      return problems.map((problem) => `${file.path}:${imported.line} ${problem} (${imported.specifier})`);
    }),
  );

/** Support for tests reads the world, and takes what product code may not: it must never be part of the product. */
const testSupportInProduct = ({ files }: Project): readonly string[] =>
  files
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target !== undefined && (isTestSupport(target) || target.endsWith('.test.ts')))
        .map(({ line, specifier }) => `${path}:${line} is no test and imports what only tests may (${specifier})`),
    );

const doorOf = (specifier: string): string | undefined => {
  const name = importedPackage(specifier);
  return name === undefined ? undefined : `packages/${name}/src/index.ts`;
};

const cycles = ({ files }: Project): readonly string[] => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push(`circle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`);
      return;
    }
    if (finished.has(path)) return;
    for (const imported of byPath.get(path)?.imports ?? []) {
      const next = imported.target ?? doorOf(imported.specifier);
      if (next !== undefined && byPath.has(next)) walk(next, [...trail, path]);
    }
    finished.add(path);
  };
  for (const file of files) walk(file.path, []);
  return found;
};

export const packageRules: readonly Rule[] = [
  { name: 'packages import only along the arrows of the design, through the door', violations: arrows },
  { name: 'only tests import tests and what supports them', violations: testSupportInProduct },
  { name: 'no source file imports itself, directly or around a circle', violations: cycles },
];
