// A text as far as it is known. Unknown parts stand in it as they were written, so that what is around them still says something.

import { limits } from '../limits.ts';

/**
 * Where the parts of a value come from that the text itself does not give. `generated` is the output of a program that the tables
 * do not know and that was given nothing: to run it is to trust the program as one did by starting it.
 */
export type Origin =
  | 'argument'
  | 'input'
  | 'file'
  | 'network'
  | 'decoded'
  | 'computed'
  | 'listing'
  | 'written'
  | 'generated';

export interface Value {
  readonly text: string;
  readonly isKnown: boolean;
  /** An unquoted `*`, `?` or `[` is in it: it stands for names. */
  readonly isPattern: boolean;
  readonly origins: readonly Origin[];
  /** For `<(…)`: what the program reads from that name. */
  readonly stream?: Value;
}

export function known(text: string): Value {
  return { text, isKnown: true, isPattern: false, origins: [] };
}

export function unknown(text: string, ...origins: readonly Origin[]): Value {
  return { text, isKnown: false, isPattern: false, origins };
}

export const empty: Value = known('');

/** What a terminal or an unseen pipe would give. */
export const unseenInput: Value = unknown('', 'input');

export function mergedOrigins(values: readonly Value[]): readonly Origin[] {
  if (values.every(({ origins }) => origins.length === 0)) return [];
  return [...new Set(values.flatMap(({ origins }) => origins))];
}

export function join(values: readonly Value[], separator = ''): Value {
  const [only] = values;
  if (only !== undefined && values.length === 1) return only;
  // Text that doubles at each step grows without a bound.
  const length = values.reduce((sum, { text }) => sum + text.length, 0);
  if (length > limits.textLength) return unknown('', ...mergedOrigins(values), 'computed');
  return {
    text: values.map(({ text }) => text).join(separator),
    isKnown: values.every(({ isKnown }) => isKnown),
    isPattern: values.some(({ isPattern }) => isPattern),
    origins: mergedOrigins(values),
  };
}

/** The same value with a known text computed anew; an unknown one keeps its text. */
export function mapKnown(value: Value, change: (text: string) => string): Value {
  return value.isKnown ? { ...value, text: change(value.text) } : value;
}

export function withOrigin(value: Value, origin: Origin): Value {
  return value.origins.includes(origin) ? value : { ...value, origins: [...value.origins, origin] };
}
