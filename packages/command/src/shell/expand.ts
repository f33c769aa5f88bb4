// A word as written becomes the words a program gets: quotes, escapes, variables, substitutions, braces, splitting. What the text
// does not give stays unknown; nothing is ever run to find it out.

import { type DoubleQuotedChild, type ParsedScript, parse, type Word, type WordPart } from 'unbash';
import { limits } from '../limits.ts';
import { braceWords } from './brace.ts';
import { expandedParameter, isList, namedParameter, type ParameterContext, type ParameterValue } from './parameter.ts';
import { type Scope, variable } from './scope.ts';
import { empty, join, known, mergedOrigins, unknown, type Value } from './value.ts';

/** What expansion asks of the walk around it. */
export interface Substitution {
  /** What a nested script prints. */
  output(script: ParsedScript | undefined, text: string, scope: Scope): Value;
  /** A name that gives, or takes, what a nested script prints or reads. */
  process(script: ParsedScript | undefined, text: string, direction: '<' | '>', scope: Scope): Value;
  choose(values: readonly Value[]): Value;
  /** False when no more words may be made; the length is that of the text or value handled. */
  spendWord(length: number): boolean;
}

interface Piece {
  readonly values: readonly Value[];
  readonly isQuoted: boolean;
  /** Came out of an expansion: split at IFS unless quoted. */
  readonly isExpanded: boolean;
}

const literal = (text: string, isQuoted: boolean): Piece => ({ values: [known(text)], isQuoted, isExpanded: false });
const expansion = (value: ParameterValue, isQuoted: boolean): Piece => ({
  values: isList(value) ? value : [value],
  isQuoted,
  isExpanded: true,
});

/** The words that one written word becomes: none for an empty `$x`, several for `{a,b}`, `$@` and what splits. */
export function expandWord(word: Word, scope: Scope, shell: Substitution): readonly Value[] {
  if (!shell.spendWord(word.text.length)) return [unknown(word.text, 'computed')];
  const { parts } = word;
  if (parts === undefined) return [known(untilded(word.value, scope))];
  if (parts.some(({ type }) => type === 'BraceExpansion')) {
    const texts = word.text.length > 4_096 ? undefined : braceWords(word.text);
    if (texts === undefined) return [unknown(word.text, 'computed')];
    if (texts.length > 1 || texts[0] !== word.text) return texts.flatMap((text) => reparsed(text, scope, shell));
  }
  return split(pieces(parts, scope, shell, false), scope);
}

function reparsed(text: string, scope: Scope, shell: Substitution): readonly Value[] {
  const [statement] = parse(`: ${text}`).commands;
  const command = statement?.command;
  if (command?.type !== 'Command') return [unknown(text, 'computed')];
  return command.suffix.flatMap((word) => {
    if (word.type !== 'Word') return [unknown(text, 'computed')];
    if (!shell.spendWord(text.length)) return [unknown(text, 'computed')];
    const { parts } = word;
    return parts === undefined
      ? [known(untilded(word.value, scope))]
      : split(pieces(parts, scope, shell, false), scope);
  });
}

/** One text, nothing split: for assignments, redirections, here-strings, patterns. */
export function expandText(word: Word, scope: Scope, shell: Substitution): Value {
  if (!shell.spendWord(word.text.length)) return unknown(word.text, 'computed');
  const { parts } = word;
  if (parts === undefined) return known(untilded(word.value, scope));
  return joined(pieces(parts, scope, shell, false));
}

/** The body of a here-document whose delimiter is not quoted. */
export function expandParts(parts: readonly WordPart[], scope: Scope, shell: Substitution): Value {
  return joined(pieces(parts, scope, shell, true));
}

function joined(found: readonly Piece[]): Value {
  return join(found.map(({ values }) => (values.length === 1 ? (values[0] ?? empty) : join(values, ' '))));
}

function untilded(text: string, scope: Scope): string {
  if (!text.startsWith('~')) return text;
  const found = /^~([a-z_][a-z0-9_-]*|\+|-)?(?=\/|$)/i.exec(text);
  if (found === null) return text;
  return `${homeOf(found[1], scope)}${text.slice(found[0].length)}`;
}

function homeOf(name: string | undefined, scope: Scope): string {
  if (name === undefined) return variable(scope, 'HOME')?.at(-1)?.text ?? scope.home;
  if (name === '+') return scope.cwd;
  if (name === '-') return variable(scope, 'OLDPWD')?.at(-1)?.text ?? '~-';
  return name === 'root' ? '/root' : `/home/${name}`;
}

function pieces(
  parts: readonly (WordPart | DoubleQuotedChild)[],
  scope: Scope,
  shell: Substitution,
  isQuoted: boolean,
): readonly Piece[] {
  const found: Piece[] = [];
  for (const [index, part] of parts.entries()) {
    for (const piece of piecesOf(part, index, scope, shell, isQuoted)) {
      const length = piece.values.reduce((sum, { text }) => sum + text.length, 0);
      if (!shell.spendWord(length)) return [expansion(unknown('', 'computed'), true)];
      found.push(piece);
    }
  }
  return found;
}

function piecesOf(
  part: WordPart | DoubleQuotedChild,
  index: number,
  scope: Scope,
  shell: Substitution,
  isQuoted: boolean,
): readonly Piece[] {
  switch (part.type) {
    case 'Literal':
      return [
        literal(
          index === 0 && !isQuoted && part.text === part.value ? untilded(part.value, scope) : part.value,
          isQuoted,
        ),
      ];
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [literal(part.value, true)];
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.length === 0 ? [literal('', true)] : pieces(part.parts, scope, shell, true);
    case 'Glob':
    case 'ExtendedGlob':
      return [pattern(part.text, isQuoted)];
    case 'BraceExpansion':
      return [expansion(unknown(part.text, 'computed'), isQuoted)];
    case 'ArithmeticExpansion':
      return [expansion(arithmetic(part.text), isQuoted)];
    case 'CommandExpansion':
      return [expansion(shell.output(part.script, part.text, scope), isQuoted)];
    case 'ProcessSubstitution':
      return [
        { values: [shell.process(part.script, part.text, part.operator, scope)], isQuoted: true, isExpanded: false },
      ];
    case 'SimpleExpansion':
      return [expansion(namedParameter(part.text.slice(1), part.text, contextOf(scope, shell)), isQuoted)];
    case 'ParameterExpansion':
      return [expansion(expandedParameter(part, contextOf(scope, shell)), isQuoted)];
  }
}

function pattern(text: string, isQuoted: boolean): Piece {
  const glob = text.replace(/^[?*+@!]\(.*\)$/s, '*');
  return { values: [{ ...known(glob), isPattern: true }], isQuoted, isExpanded: false };
}

/** `$((1+2))` with numbers only; anything with a name in it is left unknown. */
function arithmetic(text: string): Value {
  const inside = /^\$(?:\(\((.*)\)\)|\[(.*)\])$/s.exec(text);
  const [left, operator, right] =
    /^\s*(\d{1,9})\s*(?:([-+*])\s*(\d{1,9})\s*)?$/.exec(inside?.[1] ?? inside?.[2] ?? '')?.slice(1) ?? [];
  if (left === undefined) return unknown(text, 'computed');
  const [a, b] = [Number(left), Number(right ?? 0)];
  if (operator === '*') return known(String(a * b));
  return known(String(operator === '-' ? a - b : a + b));
}

function contextOf(scope: Scope, shell: Substitution): ParameterContext {
  return {
    scope,
    choose: (values) => shell.choose(values),
    textOf: (word) => expandText(word, scope, shell),
  };
}

/** Field splitting (POSIX XCU 2.6.5) over the pieces of one word. */
function split(found: readonly Piece[], scope: Scope): readonly Value[] {
  const separators = variable(scope, 'IFS')?.at(-1) ?? known(' \t\n');
  const fields: Value[][] = [];
  let current: Value[] | undefined;
  const push = (value: Value): void => {
    current ??= [];
    current.push(value);
  };
  const close = (): void => {
    if (current !== undefined) fields.push(current);
    current = undefined;
  };
  for (const piece of found) {
    for (const [index, value] of piece.values.entries()) {
      if (index > 0) close();
      if (!piece.isExpanded || piece.isQuoted || !canSplit(value, separators)) {
        push(value);
        continue;
      }
      splitInto(value, separators.text, push, close);
    }
  }
  close();
  return fields.slice(0, limits.words).map((field) => join(field));
}

function canSplit(value: Value, separators: Value): boolean {
  return value.text !== '' || value.isKnown ? value.isKnown && separators.isKnown : false;
}

function splitInto(value: Value, separators: string, push: (value: Value) => void, close: () => void): void {
  let word = '';
  let hasWord = false;
  for (const char of value.text) {
    if (!separators.includes(char)) {
      word += char;
      hasWord = true;
      continue;
    }
    if (hasWord) push(fieldOf(word, value));
    close();
    word = '';
    hasWord = false;
  }
  if (hasWord) push(fieldOf(word, value));
}

function fieldOf(text: string, value: Value): Value {
  return { text, isKnown: true, isPattern: /[*?[]/.test(text), origins: mergedOrigins([value]) };
}
