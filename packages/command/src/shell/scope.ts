// What a shell knows at one point of the text: variables, functions, aliases, folder, login. A subshell gets a child of it.

import type { CompoundCommand, CompoundList, Redirected } from 'unbash';
import type { CommandContext } from '../context.ts';
import { limits } from '../limits.ts';
import { known, mergedOrigins, unknown, type Value } from './value.ts';

export type FunctionBody = CompoundCommand | Redirected | CompoundList;

export interface Scope {
  readonly parent: Scope | undefined;
  /** Each variable with every value it may have here: several where a branch or a loop sets it. */
  readonly variables: Map<string, readonly Value[]>;
  readonly functions: Map<string, FunctionBody>;
  readonly aliases: Map<string, string>;
  /** `$0`, `$1` …; undefined where the text does not give them. */
  positional: readonly Value[] | undefined;
  cwd: string;
  readonly home: string;
  readonly login: string;
  readonly shell: string;
  /** Wrappers around the commands of this scope, outermost first. */
  readonly through: readonly string[];
  readonly depth: number;
  /** Above 0 inside a branch or a loop: what is set there may or may not have been set. */
  maybe: number;
  /** Names of the functions being called. */
  readonly calls: readonly string[];
}

export function topScope(context: CommandContext): Scope {
  const { cwd, home, login, shell } = context;
  const given: readonly (readonly [string, string])[] = [
    ['HOME', home],
    ['PWD', cwd],
    ['USER', login],
    ['LOGNAME', login],
    ['SHELL', shell],
    ['IFS', ' \t\n'],
    ['OSTYPE', 'linux-gnu'],
    ['TMPDIR', '/tmp'],
  ];
  return {
    parent: undefined,
    variables: new Map(given.map(([name, text]) => [name, [known(text)]])),
    functions: new Map(),
    aliases: new Map(),
    positional: undefined,
    cwd,
    home,
    login,
    shell,
    through: [],
    depth: 0,
    maybe: 0,
    calls: [],
  };
}

export type ScopeChange = Partial<Pick<Scope, 'positional' | 'login' | 'home' | 'cwd' | 'through' | 'calls'>>;

export function childOf(scope: Scope, change: ScopeChange = {}): Scope {
  return {
    ...scope,
    parent: scope,
    variables: new Map(),
    functions: new Map(),
    aliases: new Map(),
    depth: scope.depth + 1,
    maybe: 0,
    ...change,
  };
}

function lookup<T>(scope: Scope, pick: (scope: Scope) => ReadonlyMap<string, T>, name: string): T | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const found = pick(at).get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function variable(scope: Scope, name: string): readonly Value[] | undefined {
  return lookup(scope, ({ variables }) => variables, name);
}

export function functionBody(scope: Scope, name: string): FunctionBody | undefined {
  return lookup(scope, ({ functions }) => functions, name);
}

export function alias(scope: Scope, name: string): string | undefined {
  return lookup(scope, ({ aliases }) => aliases, name);
}

/** The values that are followed; when there are more, one stands for all others and says that it is not known. */
function boundedValues(values: readonly Value[], name: string): readonly Value[] {
  if (values.length <= limits.candidates) return values;
  return [...values.slice(0, limits.candidates - 1), unknown(`$${name}`, ...mergedOrigins(values), 'computed')];
}

/** Inside a branch the value before stays possible. */
export function assign(scope: Scope, name: string, values: readonly Value[]): void {
  const before = scope.maybe > 0 ? (variable(scope, name) ?? []) : [];
  const all = [...before.filter(({ text }) => values.every((value) => value.text !== text)), ...values];
  scope.variables.set(name, boundedValues(all, name));
}

/** A call of a function runs in the caller's variables, with its own arguments. */
export function callScope(scope: Scope, name: string, positional: readonly Value[]): Scope {
  return {
    ...scope,
    positional,
    calls: [...scope.calls, name],
    depth: scope.depth + 1,
  };
}
