// Cuts a policy text into single policies and measures how deep each one goes, before the Cedar parser sees it: the parser is
// recursive, and one that overflows its stack takes the whole engine of this process down (measured: 150 brackets, 350 `||`).

export type PolicyPiece = {
  readonly text: string;
  /** Where it begins in the whole text, in UTF-16 code units. */
  readonly offset: number;
  /** How many brackets are open at the deepest place. */
  readonly depth: number;
  /** Operators, member accesses and conditions: each can be one more level of the expression tree. */
  readonly links: number;
};

// A token of Cedar's grammar; strings and comments swallow everything that only looks like one.
const token = /\/\/[^\n\r]*|"(?:[^"\\]|\\[\s\S])*"?|[()[\]{};]|&&|\|\||[=!<>]=|[-+*!<>.]|[A-Za-z_]\w*|[^\s]/g;
const linking = new Set([
  '&&',
  '||',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '!',
  '.',
  'if',
  'in',
  'is',
  'has',
  'like',
  'when',
  'unless',
]);

export function splitPolicies(text: string): PolicyPiece[] {
  const pieces: PolicyPiece[] = [];
  let start: number | undefined;
  let open = 0;
  let depth = 0;
  let links = 0;
  const finish = (end: number): void => {
    if (start !== undefined) pieces.push({ text: text.slice(start, end), offset: start, depth, links });
    [start, open, depth, links] = [undefined, 0, 0, 0];
  };
  for (const { 0: word, index } of text.matchAll(token)) {
    if (word.startsWith('//')) continue;
    start ??= index;
    if ('([{'.includes(word)) depth = Math.max(depth, ++open);
    else if (')]}'.includes(word)) open -= 1;
    else if (linking.has(word)) links += 1;
    else if (word === ';') finish(index + 1);
  }
  finish(text.length);
  return pieces;
}
