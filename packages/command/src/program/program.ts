// What is known of a program, one entry each: which options take a value, what its operands and options mean, and for the few
// that need it a function. Entries say what a program does; they never judge it.

import type { EffectKind } from '../effect.ts';
import type { Scope } from '../shell/scope.ts';
import type { Origin, Value } from '../shell/value.ts';

/** What a file operand or the value of an option is to the program. */
export type Role = 'read' | 'list' | 'write' | 'delete' | 'change' | 'execute' | 'archive' | 'encrypt' | 'ignore';

/** An effect by itself: kind, target, detail. */
type Fixed = readonly [kind: EffectKind, target: string, detail?: string];

export interface Program {
  /** Options that take a value, separated by blanks: `o output`. */
  readonly values?: string;
  /** Options end at the first operand, as in wrappers. */
  readonly stopsAtOperand?: true;
  /** Words with one dash are long options (`-exec`, `-keyout`). */
  readonly hasLongDash?: true;
  readonly operands?: Role;
  readonly first?: Role;
  readonly last?: Role;
  readonly on?: Readonly<Record<string, Role>>;
  readonly does?: readonly Fixed[];
  /** Effects of single options. */
  readonly when?: Readonly<Record<string, Fixed>>;
  /** Programs in a program: the first operand chooses (`git push`). */
  readonly subcommands?: Readonly<Record<string, Program>>;
  readonly effects?: (call: Call) => Value | undefined;
  /** What it prints, for what reads it: what it was given, or something of a new origin. */
  readonly prints?: Origin;
}

export type Programs = Readonly<Record<string, Program>>;

export interface RunChange {
  readonly login?: string;
  readonly stdin?: Value;
  readonly cwd?: string;
  readonly isElsewhere?: true;
}

/** One start of a program. */
export interface Call {
  readonly name: string;
  /** Everything after the name. */
  readonly words: readonly Value[];
  readonly operands: readonly Value[];
  readonly stdin: Value;
  readonly scope: Scope;
  /** Given as `-x`, `--xyz`, in any spelling; names without dashes. */
  has(...names: readonly string[]): boolean;
  value(...names: readonly string[]): Value | undefined;
  valuesOf(...names: readonly string[]): readonly Value[];
  /** Adds an effect; targets of path kinds are made absolute. */
  emit(kind: EffectKind, target: Value | string, detail?: string): undefined;
  /** Starts a program with these words; answers what it prints. */
  run(words: readonly Value[], change?: RunChange): Value;
  /** Runs text in a shell; `positional` are `$0`, `$1` … */
  shell(text: Value, positional?: readonly Value[], change?: RunChange): Value;
  /** Counts characters that are gone through; false when there is nothing left to spend. */
  spend(length: number): boolean;
  /** The first items; more than that are not followed, and then the whole text is not judged by them. */
  bounded<T>(items: Iterable<T>): readonly T[];
  /** Text that is kept to run later under a name. */
  define(text: Value): void;
  /** Runs text in the shell itself (`eval`, `.`), which keeps what it sets. */
  here(text: Value, stdin?: Value): Value;
  /** What stands in a file, as far as this text wrote it. */
  contents(path: Value): Value;
  /** Says what a file holds from now on. */
  holds(path: Value, content: Value): void;
}

/** Names without dashes of the words an entry's `values` lists. */
export function wordSet(list: string | undefined): ReadonlySet<string> {
  return new Set((list ?? '').split(' ').filter((word) => word !== ''));
}

/** Whether a word is a plain option or subcommand of this text. */
export function isWord(value: Value | undefined, ...texts: readonly string[]): boolean {
  return value?.isKnown === true && texts.includes(value.text);
}

/** All words of a call as one line, for looking for something in it. */
export function lineOf(words: readonly Value[]): string {
  return words.map(({ text }) => text).join(' ');
}
