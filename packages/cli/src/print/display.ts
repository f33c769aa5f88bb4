// How a command speaks: results on stdout, everything about them on stderr, words in the person's language, JSON when asked for.

import { type Refusal, refusalMeanings } from '@sallyport/protocol';
import { exitStatuses } from '../exit-status.ts';
import type { Failure } from '../failure.ts';
import type { Language } from '../text/language.ts';
import type { Text } from '../text/text.ts';
import type { World } from '../world.ts';
import { type Paint, painter } from './colour.ts';
import { plain } from './plain.ts';
import { withProgress } from './progress.ts';
import { type Cell, type Column, tableLines } from './table.ts';

export interface Display {
  readonly isJson: boolean;
  readonly paint: Paint;
  /** A line of the result. Text from elsewhere goes through plain() first. */
  line(text: string): void;
  json(value: unknown): void;
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void;
  /** A line for the person that is no part of the result. */
  note(text: string): void;
  /** Says why it failed and what to do; returns the exit status. */
  failure(failure: Failure): number;
  progress<T>(label: string, work: Promise<T>): Promise<T>;
}

export function createDisplay(world: World, text: Text, language: Language, isJson: boolean): Display {
  const { stdout, stderr, clock } = world;
  const paintError = painter(world.env, stderr);
  const line = (words: string): void => void stdout.write(`${words}\n`);
  return {
    isJson,
    paint: painter(world.env, stdout),
    line,
    json: (value) => line(JSON.stringify(value, undefined, 2)),
    table: (columns, rows) => {
      for (const words of tableLines(columns, rows, stdout.isTTY === true ? (stdout.columns ?? 80) : undefined)) line(words);
    },
    note: (words) => void stderr.write(`${words}\n`),
    failure: (failure) => {
      const { message, hint } = wordsOf(failure, text, language);
      if (isJson) stderr.write(`${JSON.stringify({ error: jsonOf(failure, message, hint) })}\n`);
      else stderr.write(`${paintError('red', text.say.error)} ${plain(message)}\n${paintError('cyan', text.say.hint)} ${plain(hint)}\n`);
      return exitStatusOf(failure);
    },
    progress: (label, work) => withProgress(clock, stderr, label, work),
  };
}

export function exitStatusOf(failure: Failure): number {
  switch (failure.kind) {
    case 'refused':
      return refusalMeanings[failure.refusal.code].exitStatus;
    case 'unreachable':
      return exitStatuses.unavailable;
    case 'local':
      return failure.exitStatus;
  }
}

/** Error and hint as the person reads them. What a refusal's code says is translated; the server's own words stay beside it. */
export function wordsOf(failure: Failure, text: Text, language: Language): { message: string; hint: string } {
  if (failure.kind !== 'refused') return failure.kind === 'local' ? failure : { message: text.say.unreachable(failure.step, failure.message), hint: failure.hint };
  const { code, message, rule, hint } = failure.refusal;
  const suffix = `(${code}, ${text.say.rule}: ${rule})`;
  if (language === 'en') return { message: `${message} ${suffix}`, hint };
  const known = text.refusal[code];
  return { message: `${known.message} — ${message} ${suffix}`, hint: known.hint };
}

function jsonOf(failure: Failure, message: string, hint: string): object {
  if (failure.kind === 'refused') {
    const { code, rule }: Refusal = failure.refusal;
    return { kind: failure.kind, code, message: failure.refusal.message, rule, hint: failure.refusal.hint };
  }
  return failure.kind === 'local' ? { kind: failure.kind, message, hint } : { kind: failure.kind, step: failure.step, message, hint };
}
