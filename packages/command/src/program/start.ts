// Starts one command: finds its entry in the tables, reads its options, and turns what the entry says into effects.

import { type EffectKind, pathKinds } from '../effect.ts';
import { limits } from '../limits.ts';
import type { Recorder } from '../recorder.ts';
import { baseName, normalisePath } from '../shell/path.ts';
import { childOf, type Scope } from '../shell/scope.ts';
import { empty, known, mergedOrigins, unknown, unseenInput, type Value } from '../shell/value.ts';
import { readOptions } from './option.ts';
import { type Call, type Program, type Role, type RunChange, wordSet } from './program.ts';

/** The shell that a started program calls back into. */
export interface Interpreter {
  readonly recorder: Recorder;
  entryOf(name: string): Program | undefined;
  /** Text run as a shell script in this scope. */
  script(text: Value, scope: Scope, stdin: Value): Value;
  /** Words started as a program in this scope; functions are not known to it. */
  command(words: readonly Value[], scope: Scope, stdin: Value): Value;
}

export function effectAdder(recorder: Recorder, scope: Scope, program: string): Call['emit'] {
  return (kind, target, detail) => {
    const value = typeof target === 'string' ? known(target) : target;
    const isPath = pathKinds.has(kind);
    const text = isPath ? normalisePath(value.text, scope.cwd) : value.text;
    recorder.add({
      kind,
      target: text,
      program,
      as: scope.login,
      isKnown: value.isKnown && (!isPath || text.startsWith('/')),
      isPattern: value.isPattern,
      ...(detail === undefined ? {} : { detail }),
    });
    return undefined;
  };
}

export function startProgram(
  name: string,
  entry: Program,
  words: readonly Value[],
  scope: Scope,
  stdin: Value,
  shell: Interpreter,
): Value {
  const call = callOf(name, entry, words, scope, stdin, shell);
  for (const [kind, target, detail] of entry.does ?? []) call.emit(kind, target, detail);
  for (const [option, [kind, target, detail]] of Object.entries(entry.when ?? {})) {
    if (call.has(option)) call.emit(kind, target, detail);
  }
  for (const [option, role] of Object.entries(entry.on ?? {})) {
    for (const value of call.valuesOf(option)) emitRole(call, role, value);
  }
  emitOperands(call, entry);
  const printed = entry.effects?.(call);
  const nested = subcommand(entry, call, scope, stdin, shell);
  return printed ?? nested ?? printedBy(entry, call);
}

function subcommand(entry: Program, call: Call, scope: Scope, stdin: Value, shell: Interpreter): Value | undefined {
  const [first, ...rest] = call.operands;
  if (first === undefined || entry.subcommands === undefined) return undefined;
  const under = Object.hasOwn(entry.subcommands, first.text) ? entry.subcommands[first.text] : undefined;
  if (under === undefined) return undefined;
  const at = call.words.indexOf(first);
  const after = at < 0 ? rest : call.words.slice(at + 1);
  return startProgram(call.name, under, after, scope, stdin, shell);
}

function emitOperands(call: Call, entry: Program): undefined {
  const { operands } = call;
  for (const [at, value] of operands.entries()) {
    const isFirst = at === 0 && entry.first !== undefined;
    const isLast = at === operands.length - 1 && operands.length > 1 && entry.last !== undefined;
    let role = entry.operands;
    if (isFirst) role = entry.first;
    if (isLast) role = entry.last;
    if (role !== undefined) emitRole(call, role, value);
  }
}

function emitRole(call: Call, role: Role, value: Value): undefined {
  if (role === 'ignore' || value.text === '' || value.text === '-') return;
  if (value.stream !== undefined) return;
  call.emit(role, value);
}

function printedBy(entry: Program, call: Call): Value {
  const read = entry.operands === 'read' ? call.operands.map((value) => call.contents(value)) : [];
  const origins = mergedOrigins([call.stdin, ...call.words, ...read]);
  return unknown('', ...origins, entry.prints ?? 'computed');
}

function callOf(
  name: string,
  entry: Program,
  words: readonly Value[],
  scope: Scope,
  stdin: Value,
  shell: Interpreter,
): Call {
  const { flags, operands } = readOptions(words, {
    values: wordSet(entry.values),
    stopsAtOperand: entry.stopsAtOperand === true,
    hasLongDash: entry.hasLongDash === true,
  });
  const { recorder } = shell;
  const emit = effectAdder(recorder, scope, name);
  const within = (change: RunChange | undefined): Scope => nestedScope(scope, name, change);
  const valuesOf = (...names: readonly string[]): readonly Value[] =>
    names.flatMap((option) => flags.get(option) ?? []);
  const nested = (text: Value, inner: Scope, input: Value): Value => {
    if (inner.depth > limits.depth) recorder.giveUp('too many shells inside shells');
    else if (recorder.spendNested(text.text.length)) return shell.script(text, inner, input);
    return unknown('', 'computed');
  };
  return {
    name,
    words,
    operands,
    stdin,
    scope,
    has: (...names) => names.some((option) => flags.has(option)),
    value: (...names) => valuesOf(...names).at(-1),
    valuesOf,
    emit: (kind: EffectKind, target, detail) => emit(kind, target, detail),
    run: (argv, change) => (argv.length === 0 ? empty : shell.command(argv, within(change), change?.stdin ?? stdin)),
    shell: (text, positional, change) =>
      nested(text, { ...within(change), ...(positional === undefined ? {} : { positional }) }, change?.stdin ?? stdin),
    spend: (length) => recorder.spendNested(length),
    bounded: (items) => firstOf(items, recorder),
    define: (text) => recorder.whileDefining(() => void nested(text, within(undefined), unseenInput)),
    here: (text, input) => {
      const inner = { ...scope, depth: scope.depth + 1 };
      const printed = nested(text, inner, input ?? stdin);
      scope.cwd = inner.cwd;
      return printed;
    },
    contents: (path) => path.stream ?? recorder.files.get(normalisePath(path.text, scope.cwd)) ?? unknown('', 'file'),
    holds: (path, content) => void recorder.files.set(normalisePath(path.text, scope.cwd), content),
  };
}

function firstOf<T>(items: Iterable<T>, recorder: Recorder): readonly T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length >= limits.items) {
      recorder.giveUp('too many items');
      break;
    }
    found.push(item);
  }
  return found;
}

function nestedScope(scope: Scope, name: string, change: RunChange | undefined): Scope {
  const login = change?.login;
  const home = login === 'root' ? '/root' : `/home/${login ?? ''}`;
  return childOf(scope, {
    through: [...scope.through, name].slice(-limits.depth),
    ...(login === undefined ? {} : { login, home }),
    ...(change?.cwd === undefined ? {} : { cwd: change.cwd }),
  });
}

/** The name under which a program stands in the tables: without its folder, version, or package variant. */
export function programName(path: string, isListed: (name: string) => boolean): string {
  const base = baseName(path);
  if (isListed(base)) return base;
  if (/^ld(?:-linux|-musl)?[-.\w]*\.so(?:\.\d+)*$/.test(base)) return 'ld.so';
  const plain = base.replace(/\.(?:traditional|openbsd|basic|tiny|static|exe|real|distrib)$/, '');
  const bare = plain.replace(/(?<=[a-z+])[-.]?\d+(?:\.\d+)*$/, '');
  return [plain, bare].find(isListed) ?? base;
}
