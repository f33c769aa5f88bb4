// The ids of the specification (`docs/spec-ids.txt`, one a line with a short title) and where a text cites them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SpecId {
  readonly id: string;
  readonly title: string;
}

export const readSpecIds = (root: string): readonly SpecId[] =>
  readFileSync(join(root, 'docs/spec-ids.txt'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [id = '', ...title] = line.split(' ');
      return { id, title: title.join(' ') };
    });

/**
 * Everything in the text that is meant as an id: a known group with a number (`CON-99`), and each item of a
 * bracketed list of ids (`(CON-2, XYZ-1)`), known or not. `AES-256` outside such a list is no id.
 */
export const citedIds = (text: string, known: readonly SpecId[]): readonly string[] => {
  const groups = new Set(known.map(({ id }) => id.split('-')[0]));
  const words = text.match(/\b[A-Z]{3}-\d+\b/g) ?? [];
  const lists = text.match(/\([A-Z]{3}-\d+(?:, [A-Z]{3}-\d+)*\)/g) ?? [];
  const listed = lists.flatMap((list) => list.slice(1, -1).split(', '));
  return [...new Set([...words.filter((word) => groups.has(word.split('-')[0])), ...listed])];
};
