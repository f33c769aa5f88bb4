// Labels as people type and read them: name=value.

import { err, ok, type Result } from '@sallyport/core';
import { type Labels, labels } from '@sallyport/protocol';

/** The labels, or the word that is none. */
export function parseLabels(words: readonly string[]): Result<Labels, string> {
  const pairs: [string, string][] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    const pair: [string, string] = [word.slice(0, Math.max(at, 0)), word.slice(at + 1)];
    if (at < 1 || !labels.safeParse(Object.fromEntries([pair])).success) return err(word);
    pairs.push(pair);
  }
  const read = labels.safeParse(Object.fromEntries(pairs));
  return read.success ? ok(read.data) : err(words.join(' '));
}

export function labelsText(all: Labels): string {
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');
}
