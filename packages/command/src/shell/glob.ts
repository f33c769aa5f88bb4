// Patterns of names: what a pattern in a rule matches, and whether a pattern in a command could stand for what a rule names.
// `*` and `?` stay inside one name, `**` crosses names, `{a,b}` is a choice in rules only, and so is `\*` a plain star.

import { limits } from '../limits.ts';

export function patternExpression(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    if (char === '\\') {
      at += 1;
      source += escaped(pattern.charAt(at));
    } else if (pattern.startsWith('**/', at)) {
      source += '(?:.*/)?';
      at += 2;
    } else if (pattern.startsWith('**', at)) {
      source += '.*';
      at += 1;
    } else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '{') source += '(?:';
    else if (char === '}') source += ')';
    else if (char === ',' && isInChoice(pattern, at)) source += '|';
    else source += escaped(char);
  }
  return new RegExp(`^${source}$`, 's');
}

const escaped = (char: string): string => char.replace(/[\\^$.+*?(){}|[\]]/, '\\$&');

function isInChoice(pattern: string, at: number): boolean {
  return pattern.lastIndexOf('{', at) > pattern.lastIndexOf('}', at) && pattern.includes('}', at);
}

/** `a{b,c}d` as `abd`, `acd`: choices in rules are not nested. */
export function choices(pattern: string): readonly string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (found === null) return [pattern];
  const [, before = '', inside = '', after = ''] = found;
  return inside.split(',').flatMap((choice) => choices(`${before}${choice}${after}`));
}

type Atom =
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'set'; readonly has: (char: string) => boolean };

function atoms(segment: string): readonly Atom[] {
  const found: Atom[] = [];
  for (let at = 0; at < segment.length; at += 1) {
    const char = segment.charAt(at);
    const close = char === '[' ? segment.indexOf(']', at + 2) : -1;
    if (char === '*') found.push({ kind: 'any' });
    else if (char === '?') found.push({ kind: 'one' });
    else if (close > 0) {
      found.push({ kind: 'set', has: bracket(segment.slice(at + 1, close)) });
      at = close;
    } else found.push({ kind: 'set', has: (other) => other === char });
  }
  return found;
}

function bracket(inside: string): (char: string) => boolean {
  const isNegated = /^[!^]/.test(inside);
  const body = isNegated ? inside.slice(1) : inside;
  if (body.includes('[:')) return () => true;
  return (char) => {
    for (let at = 0; at < body.length; at += 1) {
      if (body[at + 1] === '-' && at + 2 < body.length) {
        if (char >= body.charAt(at) && char <= body.charAt(at + 2)) return !isNegated;
        at += 2;
      } else if (body[at] === char) return !isNegated;
    }
    return isNegated;
  };
}

/** One name in a rule's pattern, compiled once. */
interface Segment {
  readonly text: string;
  readonly isWild: boolean;
  readonly expression?: RegExp;
}

function segmentOf(text: string): Segment {
  const isWild = /[*?]/.test(text.replaceAll(/\\./g, ''));
  return isWild ? { text, isWild, expression: patternExpression(text) } : { text: text.replaceAll('\\', ''), isWild };
}

/** Whether a name exists that both a rule's segment (`*`, `?` only) and a command's segment stand for. */
function segmentsMeet(rule: Segment, target: string): boolean {
  if (!/[*?[]/.test(target)) return rule.expression?.test(target) ?? rule.text === target;
  // The shell's `*` does not stand for hidden names.
  if (rule.text.startsWith('.') && /^[*?[]/.test(target)) return false;
  // Two patterns nearly always have a name in common; they are about the same only if neither end is left open by one alone.
  if (rule.isWild && /^[^*?]/.test(rule.text) && target.startsWith('*')) return false;
  if (rule.isWild && /[^*?]$/.test(rule.text) && target.endsWith('*')) return false;
  const right = atoms(target);
  let row: readonly boolean[] = reach(right, [true]);
  for (const char of rule.text) row = step(char, right, row, rule.isWild);
  return row[right.length] === true;
}

/** Positions reached in the target after skipping stars that stand for nothing. */
function reach(right: readonly Atom[], row: readonly boolean[]): readonly boolean[] {
  const next = Array.from({ length: right.length + 1 }, (_, at) => row[at] === true);
  for (const [at, atom] of right.entries()) if (next[at] === true && atom.kind === 'any') next[at + 1] = true;
  return next;
}

function step(char: string, right: readonly Atom[], row: readonly boolean[], isWild: boolean): readonly boolean[] {
  const next = Array.from({ length: right.length + 1 }, () => false);
  if (isWild && char === '*') {
    let isOpen = false;
    for (let at = 0; at <= right.length; at += 1) {
      isOpen ||= row[at] === true;
      next[at] = isOpen;
    }
    return next;
  }
  for (const [at, atom] of right.entries()) {
    if (row[at] !== true) continue;
    if (atom.kind === 'any') next[at] = true;
    else if ((isWild && char === '?') || atom.kind === 'one' || atom.has(char)) next[at + 1] = true;
  }
  return reach(right, next);
}

const isAnything = ({ text, isWild }: Segment): boolean => text === '' || (isWild && /^\*+$/.test(text));
/** A segment that names something: a letter outside of brackets, or `?`, which nobody types for «anything». */
const isSpecific = (segment: string): boolean =>
  /[^*]/.test(
    segment
      .replace(/^\./, '')
      .replace(/\[[!^][^\]]*\]/g, '*')
      .replace(/\[[^\]]*\]/g, 'x'),
  );

/** A rule's path pattern without choices, ready to be met by patterns of commands. */
export interface PathPattern {
  readonly segments: readonly Segment[];
  /** What it begins with before anything in it is open. */
  readonly prefix: string;
  /** It names everything in a folder. */
  readonly isOpen: boolean;
  /** It names one file, whose name has so many letters. */
  readonly namedLength: number | undefined;
}

export function pathPattern(pattern: string): PathPattern {
  const segments = pattern.split('/').map(segmentOf);
  const open = segments.findIndex(({ isWild }) => isWild);
  const last = segments.at(-1);
  const named = segments.slice(0, open < 0 ? undefined : open);
  return {
    segments,
    prefix: named.map(({ text }) => text).join('/'),
    isOpen: last === undefined || isAnything(last),
    namedLength: last?.isWild === false ? last.text.length : undefined,
  };
}

/**
 * Whether a path pattern in a command, cut at its slashes, could stand for a path that a rule names. A bare `*` names nothing in
 * particular, so it meets only what the rule leaves open: `/etc/*` does not meet `/etc/shadow`, `/etc/sh*` and `/e?c/shado[w]` do.
 */
export function pathsMeet(pattern: PathPattern, target: readonly string[]): boolean {
  const { segments, isOpen } = pattern;
  const [, first] = segments;
  const [, start = ''] = target;
  const startsElsewhere = first?.isWild === false && !/[*?[]/.test(start) && first.text !== start;
  if (startsElsewhere || target.length > limits.braceWords || !isAbout(pattern, target)) return false;
  const isNamed = pattern.namedLength !== undefined;
  const failed = new Set<number>();
  const walk = (i: number, j: number): boolean => {
    if (i === segments.length) return j === target.length;
    const key = i * (target.length + 1) + j;
    if (failed.has(key)) return false;
    failed.add(key);
    return meetAt(i, j);
  };
  const meetAt = (i: number, j: number): boolean => {
    const a = segments[i];
    const b = target[j];
    if (a === undefined) return false;
    if (a.text === '**') return walk(i + 1, j) || (b !== undefined && walk(i, j + 1));
    if (b === undefined) return false;
    if (b === '**') return walk(i, j + 1) || (isNamed && walk(i + 1, j));
    const mustName = (i === segments.length - 1 || isOpen) && !isAnything(a);
    if (mustName && !isSpecific(b)) return false;
    return segmentsMeet(a, b) && walk(i + 1, j + 1);
  };
  return walk(0, 0);
}

/** What is found somewhere below a folder is about a rule's file only if its name says so, and about a folder if it lies there. */
function isAbout({ prefix, isOpen, namedLength }: PathPattern, target: readonly string[]): boolean {
  if (!target.includes('**')) return true;
  if (isOpen && (prefix === '' || !target.join('/').startsWith(prefix))) return false;
  // `*.db` somewhere below is about no file in particular; `*shadow*` is.
  const letters = (target.at(-1) ?? '').replaceAll(/[*?[\]]/g, '').length;
  return namedLength === undefined || 4 * letters >= 3 * namedLength;
}
