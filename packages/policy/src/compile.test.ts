// What a policy text may say, and what is said about one that may not.
import { describe, expect, it } from 'vitest';
import { compilePolicy } from './compile.ts';
import { decide } from './decide.ts';
import { mistakeText } from './mistake.ts';
import { starterPolicy } from './starter.ts';
import { compiled, onServer } from './testing/questions.ts';

const mistakesOf = (text: string): string[] => {
  const result = compilePolicy(text);
  return result.ok ? [] : result.error.map(mistakeText);
};
const shell = 'principal, action == Sally::Action::"shell", resource';

describe('a policy text is refused whole (POL-3)', () => {
  it.each([
    [
      'an unknown attribute',
      `@id("a") permit(${shell})\nwhen { context.logn == "x" };`,
      'line 2, column 8: attribute `logn` in context for Sally::Action::"shell" not found (did you mean `login`?)',
    ],
    [
      'an unknown action',
      '@id("a") permit(principal, action == Sally::Action::"shel", resource);',
      'line 1, column 38: unrecognized action `Sally::Action::"shel"` (did you mean `Sally::Action::"shell"`?)',
    ],
    [
      'an unknown type',
      '@id("a") permit(principal is Sally::Persn, action, resource);',
      'line 1, column 30: unrecognized entity type `Sally::Persn` (did you mean `Sally::Person`?)',
    ],
    [
      'a label that may be absent',
      `@id("a") permit(${shell}) when { resource.getTag("env") == "prod" };`,
      'unable to guarantee safety of access to tag `"env"` on entity type `Sally::Server` (try testing for the tag\'s presence with `.hasTag("env") && ..`)',
    ],
    [
      'a destination that may be absent',
      `@id("a") forbid(${shell}) when { context.destination == "x" };`,
      '`context has destination && ..`',
    ],
    [
      'a login where there is none',
      '@id("a") forbid(principal, action, resource) when { context.login == "root" };',
      'attribute `login` in context for Sally::Action::"listServers" not found',
    ],
    [
      'an address that is none',
      `@id("a") permit(${shell}) when { context.address.isInRange(ip("10.0.0.0/99")) };`,
      'failed to parse as IP address: `"10.0.0.0/99"`',
    ],
    [
      'a condition of two types',
      `@id("a") permit(${shell}) when { context.login == 7 };`,
      'the types Long and String are not compatible',
    ],
    [
      'a policy that can never apply',
      '@id("a") forbid(principal, action == Sally::Action::"shell", resource is Sally::Workspace);',
      'unable to find an applicable action',
    ],
    [
      'a template',
      '@id("a") permit(principal == ?principal, action, resource);',
      'a template (?principal, ?resource) has no place here',
    ],
    [
      'a literal that no decision carries',
      `@id("a") forbid(${shell}) when { Sally::Person::"per_x".name == "x" };`,
      'reads an attribute of Sally::Person::"per_x", which a decision does not carry',
    ],
    [
      'no @id',
      `\n  permit(${shell});`,
      'line 2, column 3: this policy has no @id (write @id("a-name") before permit or forbid)',
    ],
    ['an empty @id', `@id("") permit(${shell});`, 'this policy has no @id'],
    ['an @id that a log cannot show', `@id("a\\nb") permit(${shell});`, 'is no name'],
    [
      'an @id that Sallyport gives itself',
      `@id("default-deny") permit(${shell});`,
      'is a name that Sallyport gives itself',
    ],
    [
      'an @id twice',
      `@id("a") permit(${shell});\n@id("a") forbid(${shell});`,
      'line 2, column 1: @id("a") is on line 1 already (take another)',
    ],
    ['an @id twice on one policy', `@id("a") @id("b") permit(${shell});`, 'duplicate annotation: @id'],
    ['half a policy', `@id("a") permit(${shell}`, 'unexpected end of input'],
    ['no semicolon', `@id("a") permit(${shell})`, 'unexpected end of input'],
    ['something after the end', `@id("a") permit(${shell}); }`, 'unexpected token `}`'],
    ['a text without an end', '@id("a permit(principal, action, resource);', 'invalid token'],
    ['half a character', '// \ud800', 'not well-formed text'],
    ['JSON', '{"staticPolicies": {}}', 'unexpected token `{`'],
  ])('for %s', (_what, text, message) => {
    const found = mistakesOf(text);
    expect(found.join('\n')).toContain(message);
  });

  it('with every mistake at once, each where it is, whatever is written before it', () => {
    const text = `// 정책 🎉 "한글" ; { (\n@id("하나") permit(${shell}) when { "🎉;}" == context.logn }; @id("둘") permit(principal is Sally::Persn, action, resource);\n`;
    const [, second = ''] = text.split('\n');
    expect(mistakesOf(text)).toEqual([
      expect.stringContaining(`line 2, column ${second.indexOf('context.logn') + 1}: attribute \`logn\``),
      expect.stringContaining(`line 2, column ${second.indexOf('Sally::Persn') + 1}: unrecognized entity type`),
    ]);
  });

  it('and what was in force stays', () => {
    const inForce = compiled(`@id("a") permit(${shell});`);
    expect(compilePolicy('permit(').ok).toBe(false);
    expect(decide(inForce, onServer('shell')).rules).toEqual(['a']);
  });
});

describe('a policy text is accepted (POL-3)', () => {
  it.each([
    ['nothing', '', []],
    ['a comment alone', '// nothing ; permit(', []],
    [
      'semicolons and brackets in texts and comments',
      `@id("a") permit(${shell}) when { context.login == "\\";})" // ;}\n};`,
      ['a'],
    ],
    ['two on one line', `@id("a") permit(${shell});@id("b") forbid(${shell});`, ['a', 'b']],
    ['other annotations', `@reason("because ; of") @id("a") permit(${shell});`, ['a']],
    [
      'names in every script',
      `@id("서버-접속") permit(${shell}) when { principal.name == "김 seoyeon" };`,
      ['서버-접속'],
    ],
    ['Windows line ends', `// x\r\n@id("a")\r\npermit(${shell});\r\n`, ['a']],
    [
      'the order of the text',
      Array.from({ length: 12 }, (_, at) => `@id("r${11 - at}") permit(${shell});`).join('\n'),
      Array.from({ length: 12 }, (_, at) => `r${11 - at}`),
    ],
  ])('with %s', (_what, text, rules) => {
    expect(compiled(text).rules).toEqual(rules);
  });
});

describe('a text that would break the engine is refused before it is read (POL-3)', () => {
  const when = (condition: string) => `@id("a") permit(${shell}) when { ${condition} };`;
  it.each([
    ['brackets', when(`${'('.repeat(5000)}true${')'.repeat(5000)}`), 'brackets are nested 5001 deep, more than 40'],
    ['brackets that do not close', when('['.repeat(5000)), 'brackets are nested'],
    ['records', when(`${'{a:'.repeat(50)}1${'}'.repeat(50)} == 1`), 'brackets are nested'],
    [
      'a long chain',
      when(`true${' && true'.repeat(5000)}`),
      '5000 operators in one policy, more than 128'.replace('5000', '5002'),
    ],
    ['members of members', when(`context${'.a'.repeat(5000)}`), 'operators in one policy'],
    ['conditions', `@id("a") permit(${shell}) ${'when { true } '.repeat(500)};`, 'operators in one policy'],
    ['a negation of negations', when(`${'!'.repeat(5000)}true`), 'operators in one policy'],
    ['ifs in ifs', when(`${'if true then '.repeat(500)}true${' else true'.repeat(500)}`), 'operators in one policy'],
    ['length', `// ${'x'.repeat(1_048_576)}`, 'longer than 1048576 characters'],
    ['number', ';'.repeat(10_001), 'more than 10000 policies'],
  ])('for its %s', (_what, text, message) => {
    expect(mistakesOf(text).join('\n')).toContain(message);
    expect(decide(compiled(starterPolicy), onServer('shell', { roles: ['owner'] })).verdict).toBe('allow');
  });

  it.each([
    ['brackets', when(`${'('.repeat(37)}true${')'.repeat(37)}`)],
    ['chain', when(`context.login == "a"${' || context.login == "b"'.repeat(40)}`)],
    ['both', when(`${'('.repeat(37)}context.login == "a"${' || context.login == "b"'.repeat(40)}${')'.repeat(37)}`)],
    ['calls in brackets', when(`${'('.repeat(37)}[1]${'.contains(1))'.repeat(1)}${')'.repeat(36)}`)],
    ['long list', when(`[${Array.from({ length: 5000 }, (_, at) => `"l${at}"`).join(', ')}].contains(context.login)`)],
  ])('and the deepest %s that is allowed is read', (_what, text) => {
    expect(mistakesOf(text)).toEqual([]);
    expect(decide(compiled(text), onServer('shell')).errors).toEqual([]);
  });
});
