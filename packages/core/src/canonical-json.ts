// JSON Canonicalization Scheme (RFC 8785): one text for one value, so that hashes and signatures agree everywhere.
// It must never accept a value that JSON cannot carry: what is signed is what the other side reads.

import type { JsonValue } from './json.ts';

/** The canonical text of a JSON value (RFC 8785 §3.2). Throws TypeError on NaN, infinities and lone surrogates (§3.2.2). */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number`);
  if (typeof value === 'string' && !value.isWellFormed())
    throw new TypeError('a string with a lone surrogate has no canonical form');
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort(byUtf16CodeUnits)
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${canonicalJson(key)}:${canonicalJson(member)}`];
    });
  return `{${members.join(',')}}`;
}

// Array.isArray narrows a readonly array to any[]; this keeps the element type.
function isArray(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

// RFC 8785 §3.2.3: names are ordered by UTF-16 code units, which is what < compares.
function byUtf16CodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
