// Brace expansion of one word, `{a,b}` and `{1..9}`, on the text before anything else is expanded. It is bounded: a word that
// would make too many is left as it is and said to be unknown.

import { limits } from '../limits.ts';

/** The words a text makes, or undefined when they would be too many. Quotes and `$…` are kept for the expansion that follows. */
export function braceWords(text: string): readonly string[] | undefined {
  const budget = { left: limits.braceWords };
  const words = expand(text, budget);
  return budget.left < 0 ? undefined : words;
}

interface Group {
  readonly before: string;
  readonly choices: readonly string[];
  readonly after: string;
}

function expand(text: string, budget: { left: number }): readonly string[] {
  if (budget.left < 0) return [];
  const group = firstGroup(text);
  if (group === undefined) return [text];
  const made: string[] = [];
  const tails = expand(group.after, budget);
  for (const choice of group.choices) {
    for (const head of expand(choice, budget)) {
      for (const tail of tails) {
        budget.left -= 1;
        if (budget.left < 0) return made;
        made.push(`${group.before}${head}${tail}`);
      }
    }
  }
  return made;
}

/** Where the quote, substitution or escape that begins at `at` ends; `at` itself for an ordinary character. */
function skipQuoted(text: string, at: number): number {
  const char = text.charAt(at);
  if (char === '\\') return at + 1;
  if (char === "'" || char === '"' || char === '`') {
    let end = at + 1;
    while (end < text.length && text.charAt(end) !== char) end += char !== "'" && text.charAt(end) === '\\' ? 2 : 1;
    return end;
  }
  const open = text.slice(at, at + 2);
  if (open === '$(' || open === '${' || open === '<(' || open === '>(') {
    const [up, down] = open === '${' ? ['{', '}'] : ['(', ')'];
    let level = 0;
    for (let end = at + 1; end < text.length; end += 1) {
      if (text.charAt(end) === up) level += 1;
      else if (text.charAt(end) === down && --level === 0) return end;
    }
    return text.length;
  }
  return at;
}

function firstGroup(text: string): Group | undefined {
  for (let at = 0; at < text.length; at += 1) {
    const skipped = skipQuoted(text, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    if (text.charAt(at) !== '{') continue;
    const group = groupAt(text, at);
    if (group !== undefined) return group;
  }
  return undefined;
}

function groupAt(text: string, open: number): Group | undefined {
  const cuts: number[] = [];
  let level = 0;
  for (let at = open; at < text.length; at += 1) {
    const skipped = skipQuoted(text, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const char = text.charAt(at);
    if (char === '{') level += 1;
    else if (char === ',' && level === 1) cuts.push(at);
    else if (char === '}' && --level === 0) return closeGroup(text, open, at, cuts);
    if (cuts.length > limits.braceWords) return { before: text.slice(0, open), choices: cuts.map(() => ''), after: '' };
  }
  return undefined;
}

function closeGroup(text: string, open: number, close: number, cuts: readonly number[]): Group | undefined {
  const before = text.slice(0, open);
  const after = text.slice(close + 1);
  if (cuts.length === 0) {
    const range = sequence(text.slice(open + 1, close));
    return range === undefined ? undefined : { before, choices: range, after };
  }
  const edges = [open, ...cuts, close];
  const choices = edges.slice(1).map((edge, index) => text.slice((edges[index] ?? open) + 1, edge));
  return { before, choices, after };
}

function sequence(inside: string): readonly string[] | undefined {
  const found = /^(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.(-?\d{1,9}))?$/.exec(inside);
  if (found === null) return undefined;
  const [, first = '', last = '', by] = found;
  const isNumber = /\d/.test(first) && /\d/.test(last);
  if (!isNumber && (/\d/.test(first) || /\d/.test(last))) return undefined;
  const [from, to] = isNumber ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)];
  const stride = Math.max(1, Math.abs(Number(by ?? 1)));
  const made: string[] = [];
  const sign = from <= to ? 1 : -1;
  for (let at = from; sign * at <= sign * to; at += sign * stride) {
    made.push(isNumber ? String(at) : String.fromCharCode(at));
    if (made.length > limits.braceWords) return made;
  }
  return made;
}
