// How a command speaks: results on stdout, everything about them on stderr, words in the person's language, JSON when asked for.

import type { Failure } from '../failure.ts';
import type { Text } from '../text/text.ts';
import type { World } from '../world.ts';
import { type Paint, painter } from './colour.ts';
import { exitStatusOf, failureLines, wordsOf } from './failure-words.ts';
import { plainJson } from './plain.ts';
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

export function createDisplay(world: World, text: Text, isJson: boolean): Display {
  const { stdout, stderr, clock } = world;
  const paintError = painter(world.env, stderr);
  const line = (words: string): void => void stdout.write(`${words}\n`);
  return {
    isJson,
    paint: painter(world.env, stdout),
    line,
    json: (value) => line(plainJson(JSON.stringify(value, undefined, 2))),
    table: (columns, rows) => {
      for (const words of tableLines(columns, rows, stdout.isTTY === true ? (stdout.columns ?? 80) : undefined))
        line(words);
    },
    note: (words) => void stderr.write(`${words}\n`),
    failure: (failure) => {
      stderr.write(
        isJson
          ? `${plainJson(JSON.stringify({ error: jsonOf(failure, text) }))}\n`
          : failureLines(failure, text, paintError),
      );
      return exitStatusOf(failure);
    },
    progress: (label, work) => withProgress(clock, stderr, label, work),
  };
}

function jsonOf(failure: Failure, text: Text): object {
  if (failure.kind !== 'refused' && failure.kind !== 'agent') return { kind: failure.kind, ...wordsOf(failure, text) };
  const { code, message, rule, hint } = failure.refusal;
  return { kind: failure.kind, code, message, rule, hint };
}
