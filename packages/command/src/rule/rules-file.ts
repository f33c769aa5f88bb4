// Rules that a team writes itself, from a JSON file: they add to the shipped ones, replace one under its id, or switch one off.
// A file with any mistake is refused whole, with the place of each mistake.

import { err, ok, type Result } from '@sallyport/core';
import * as z from 'zod/mini';
import { type EffectKind, effectKinds } from '../effect.ts';
import { type Match, type Rule, verdicts } from './rule.ts';

const isKind = (word: string): word is EffectKind => Object.hasOwn(effectKinds, word);
const kind = z.custom<EffectKind>((word) => typeof word === 'string' && isKind(word), {
  error: ({ input }) => `no such effect: ${String(input)}`,
});

/** Long lists of long patterns would make every judgement slow. */
const pattern = z.string().check(z.minLength(1), z.maxLength(512));
const patterns = z.array(pattern).check(z.minLength(1), z.maxLength(256));
const words = z.array(z.string().check(z.maxLength(128))).check(z.minLength(1), z.maxLength(256));

const match = z.strictObject({
  effect: z.union([kind, z.array(kind).check(z.minLength(1))]),
  target: z.optional(patterns),
  exceptTarget: z.optional(patterns),
  detail: z.optional(patterns),
  exceptDetail: z.optional(patterns),
  program: z.optional(words),
  exceptProgram: z.optional(words),
  as: z.optional(words),
  isKnown: z.optional(z.boolean()),
});

const matches = z.array(match).check(z.minLength(1), z.maxLength(64));

const rule = z
  .strictObject({
    id: z.string().check(z.regex(/^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*$/), z.maxLength(64)),
    verdict: z.enum(verdicts),
    techniques: z._default(z.array(z.string().check(z.regex(/^T\d{4}(?:\.\d{3})?$/))), []),
    explanation: z.string().check(z.minLength(1), z.maxLength(512)),
    safer: z._default(z.string().check(z.maxLength(512)), ''),
    any: z.optional(matches),
    all: z.optional(matches),
    atLeast: z.optional(z.int().check(z.minimum(1), z.maximum(64))),
  })
  .check(
    z.refine((value) => value.any !== undefined || value.all !== undefined, {
      error: 'a rule needs `any` or `all`',
    }),
  );

const rulesFile = z.strictObject({
  rules: z._default(z.array(rule).check(z.maxLength(1_000)), []),
  /** Ids of shipped rules that do not apply. */
  disable: z._default(z.array(z.string()), []),
});

export interface RulesMistake {
  /** As in `rules[3].any[0].effect`. */
  readonly path: string;
  readonly message: string;
}

/** 1 MiB holds thousands of rules. */
const maxLength = 1_048_576;

export function parseRules(text: string, shipped: readonly Rule[]): Result<readonly Rule[], readonly RulesMistake[]> {
  if (text.length > maxLength) return err([{ path: '', message: `longer than ${maxLength} characters` }]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return err([{ path: '', message: `not JSON: ${error instanceof Error ? error.message : String(error)}` }]);
  }
  const parsed = rulesFile.safeParse(json);
  if (!parsed.success) {
    return err(parsed.error.issues.map(({ path, message }) => ({ path: pathText(path), message })));
  }
  const { rules, disable } = parsed.data;
  const mistakes = [...unknownIds(disable, shipped), ...repeatedIds(rules.map(({ id }) => id))];
  if (mistakes.length > 0) return err(mistakes);
  const own = rules.map(cleanRule);
  const replaced = new Set([...disable, ...own.map(({ id }) => id)]);
  return ok([...shipped.filter(({ id }) => !replaced.has(id)), ...own]);
}

function unknownIds(disable: readonly string[], shipped: readonly Rule[]): readonly RulesMistake[] {
  return disable.flatMap((id, at) =>
    shipped.some((rule) => rule.id === id) ? [] : [{ path: `disable[${at}]`, message: `no shipped rule ${id}` }],
  );
}

function repeatedIds(ids: readonly string[]): readonly RulesMistake[] {
  return ids.flatMap((id, at) =>
    ids.indexOf(id) === at ? [] : [{ path: `rules[${at}].id`, message: `${id} is there twice` }],
  );
}

type ParsedRule = z.infer<typeof rule>;
type ParsedMatch = z.infer<typeof match>;

function cleanRule({ any, all, atLeast, ...rest }: ParsedRule): Rule {
  return {
    ...rest,
    ...(any === undefined ? {} : { any: any.map(cleanMatch) }),
    ...(all === undefined ? {} : { all: all.map(cleanMatch) }),
    ...(atLeast === undefined ? {} : { atLeast }),
  };
}

function cleanMatch({ effect, isKnown, ...lists }: ParsedMatch): Match {
  const given = Object.entries(lists).filter(([, list]) => list !== undefined);
  return { effect, ...(isKnown === undefined ? {} : { isKnown }), ...Object.fromEntries(given) };
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
