// How the gateway is laid out: domains hold the rules, doors speak protocols, adapters hold technology, main.ts joins them.
import { type Import, isTest, type Project, type Rule, type SourceFile } from './project.ts';

const base = 'packages/gateway/src/';
const vagueWords = /^(utils?|helpers?|managers?|types?|info|data|impl|common|misc|shared)$/;
const kebabCase = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

interface Place {
  readonly layer: string;
  /** The subject of a domain, the name of a door or an adapter. */
  readonly part: string;
  readonly rest: readonly string[];
}

const placeOf = (path: string): Place | undefined => {
  if (!path.startsWith(base)) return undefined;
  const [layer = '', part = '', ...rest] = path.slice(base.length).split('/');
  return { layer, part: part.replace(/(\.test)?\.ts$/, ''), rest };
};

const layoutProblems = ({ path }: SourceFile): readonly string[] => {
  const place = placeOf(path);
  if (place === undefined || place.part === '') return [];
  // What the tests of several domains share.
  if (place.layer === 'testing') return [];
  if (!['domain', 'door', 'adapter'].includes(place.layer)) return [`${path} is in none of domain/, door/, adapter/`];
  if (place.layer !== 'domain') return [];
  if (place.rest.length !== 1) return [`${path} must be domain/<subject>/<file>.ts, without deeper folders`];
  const [fileName = ''] = place.rest;
  const name = fileName.replace(/(\.test)?\.ts$/, '');
  const problems: string[] = [];
  if (!kebabCase.test(name)) problems.push(`${path} is not named in kebab-case`);
  if (name.split('-').some((word) => vagueWords.test(word))) {
    problems.push(`${path} has a name that says nothing: use <noun>.ts, <verb>.ts, service, ports, state or refusals`);
  }
  return problems;
};

const directionProblem = (from: Place, to: Place, target: string): string | undefined => {
  if (from.layer === 'domain' && to.layer !== 'domain') return `a domain imports ${to.layer}/`;
  // A file right in door/ is no door: it is what several doors share, and imports none of them.
  const isDoor = to.layer === 'door' && to.rest.length > 0;
  if (from.layer === 'door' && isDoor && from.part !== to.part) return 'a door imports another door';
  if (from.layer === 'door' && to.layer === 'adapter') return 'a door imports an adapter';
  if (from.layer === 'adapter' && to.layer === 'door') return 'an adapter imports a door';
  if (from.layer === 'adapter' && target.endsWith('/service.ts')) return 'an adapter imports a service';
  if (to.layer === 'main.ts' && !['main.ts', 'index.ts'].includes(from.layer)) return 'only the door imports main.ts';
  const isRootFile = from.part === '';
  if (isRootFile && from.layer !== 'main.ts' && to.layer === 'adapter') return 'only main.ts joins adapters';
  return undefined;
};

const importProblem = (file: SourceFile, { target }: Import): string | undefined => {
  const from = placeOf(file.path);
  const to = target === undefined ? undefined : placeOf(target);
  if (from === undefined || to === undefined || target === undefined) return undefined;
  return directionProblem(from, to, target);
};

const directions = ({ files }: Project): readonly string[] =>
  files
    .filter((file) => !isTest(file.path))
    .flatMap((file) =>
      file.imports.flatMap((imported) => {
        const problem = importProblem(file, imported);
        return problem === undefined ? [] : [`${file.path}:${imported.line} ${problem} (${imported.specifier})`];
      }),
    );

export const gatewayRules: readonly Rule[] = [
  {
    name: 'gateway domains are flat folders of plainly named files',
    violations: ({ files }) => files.flatMap(layoutProblems),
  },
  {
    name: 'gateway doors, adapters and domains import only inwards, and main.ts alone joins them',
    violations: directions,
  },
];
