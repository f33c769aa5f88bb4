// Options of a command line in the ways programs read them: `-ab`, `-ofile`, `-o file`, `--out=file`, `--out file`, `--`.

import { known, type Value } from '../shell/value.ts';

export interface Options {
  readonly flags: ReadonlyMap<string, readonly Value[]>;
  readonly operands: readonly Value[];
}

export interface OptionShape {
  readonly values: ReadonlySet<string>;
  readonly stopsAtOperand: boolean;
  readonly hasLongDash: boolean;
}

export function readOptions(words: readonly Value[], shape: OptionShape): Options {
  const flags = new Map<string, Value[]>();
  const operands: Value[] = [];
  const add = (name: string, value?: Value): void => {
    const before = flags.get(name) ?? [];
    if (value !== undefined) before.push(value);
    flags.set(name, before);
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const { text } = word;
    if (text === '--') {
      for (const rest of words.slice(at + 1)) operands.push(rest);
      break;
    }
    const isOption = text.length > 1 && text.startsWith('-') && !/^-\$|^-\d+$/.test(text);
    if (!isOption) {
      operands.push(word);
      if (!shape.stopsAtOperand) continue;
      for (const rest of words.slice(at + 1)) operands.push(rest);
      break;
    }
    at += readOption(word, words[at + 1], shape, add);
  }
  return { flags, operands };
}

/** How many words after the option were its value: 0 or 1. */
function readOption(
  word: Value,
  next: Value | undefined,
  shape: OptionShape,
  add: (name: string, value?: Value) => void,
): number {
  const { text } = word;
  if (text.startsWith('--') || shape.hasLongDash) {
    const body = text.replace(/^--?/, '');
    const equals = body.indexOf('=');
    if (equals > 0) {
      add(body.slice(0, equals), { ...word, text: body.slice(equals + 1) });
      return 0;
    }
    if (!shape.values.has(body) || next === undefined) {
      add(body);
      return 0;
    }
    add(body, next);
    return 1;
  }
  for (let at = 1; at < text.length && at < 64; at += 1) {
    const letter = text.charAt(at);
    if (!shape.values.has(letter)) {
      add(letter);
      continue;
    }
    const rest = text.slice(at + 1);
    if (rest !== '') {
      add(letter, word.isKnown ? known(rest) : { ...word, text: rest });
      return 0;
    }
    if (next === undefined) break;
    add(letter, next);
    return 1;
  }
  return 0;
}
