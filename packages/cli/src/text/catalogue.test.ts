// The catalogue is whole in every language, and its examples are commands that parse.

import { describe, expect, it } from 'vitest';
import { widthOf } from '../print/width.ts';
import { buildProgram, everyCommand } from '../program.ts';
import { pathOf } from '../reference.ts';
import { splitWords } from '../run-command.ts';
import { commandWords } from '../testing/command-words.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { askedLanguage, languageOf } from './language.ts';

const silent = { version: '', width: undefined, write: () => undefined };

/** Every text of a catalogue with its path; functions are called with harmless values. */
function textsOf(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return textsOf(value('X', 2, 'Y', 'Z'), path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => textsOf(part, `${path}.${key}`));
}

describe('the catalogue', () => {
  it('is Korean wherever it is not a name, a command or a symbol (OPS-4)', () => {
    const sameInBoth = /\.run$|other\.message$|completion\.examples|fact\.version|column\.id$/;
    const untranslated = textsOf(ko, 'ko').filter(
      ([path, text]) => text !== '' && !/[가-힣]/.test(text) && !sameInBoth.test(path),
    );
    expect(untranslated.map(([path]) => path)).toEqual([]);
  });

  it('has the same examples in both languages (OPS-4)', () => {
    const runs = (text: typeof en) => Object.values(text.command).map(({ examples }) => examples.map(({ run }) => run));
    expect(runs(ko)).toEqual(runs(en));
  });

  it.each(['en', 'ko'])(
    'prints the help of every command in %s, within 80 columns where it can break lines (OPS-4)',
    (language) => {
      const text = language === 'en' ? en : ko;
      for (const command of everyCommand(buildProgram(text, async () => undefined, silent))) {
        const help = command.helpInformation();
        expect(help, pathOf(command)).toContain(text.say.help.usage);
        expect(help).not.toContain('default:');
        const tooWide = help.split('\n').filter((line) => widthOf(line) > 80 && !line.startsWith(text.say.help.usage));
        expect(tooWide, pathOf(command)).toEqual([]);
      }
    },
  );

  it('has words for every command (OPS-4)', () => {
    for (const text of [en, ko]) {
      const words = commandWords(text);
      const program = buildProgram(text, async () => undefined, silent);
      for (const command of everyCommand(program).filter((one) => one.name() !== 'help')) {
        expect(words[pathOf(command)]?.summary, pathOf(command)).toBe(command.summary() || text.command.root.summary);
        for (const option of command.options)
          expect(option.description, `${pathOf(command)} ${option.flags}`).not.toBe('');
      }
    }
  });
});

const examples = Object.values(en.command).flatMap((words) => words.examples.map(({ run }) => run));
it.each(examples)('has an example that parses: %s (OPS-4)', async (example) => {
  // Words as a shell would split them: single quotes are all that the examples use.
  const words = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1);
  let runs = 0;
  const program = buildProgram(
    en,
    async () => {
      runs += 1;
    },
    silent,
  );
  await program.parseAsync([...splitWords(words).own], { from: 'user' });
  expect(runs).toBe(1);
});

it.each([
  [{ LANG: 'ko_KR.UTF-8' }, undefined, 'ko'],
  [{ LANG: 'ko' }, undefined, 'ko'],
  [{ LANG: 'ko_KR.UTF-8', LC_ALL: 'C' }, undefined, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'ko_KR.UTF-8' }, undefined, 'ko'],
  [{ LANG: 'kok_IN' }, undefined, 'en'],
  [{ LANG: '' }, undefined, 'en'],
  [{ LANG: 'ko_KR.UTF-8' }, 'en', 'en'],
  [{}, 'ko', 'ko'],
])('speaks by %j and --lang %s: %s (OPS-4)', (env, asked, language) => {
  expect(languageOf(env, asked)).toBe(language);
});

it('reads --lang before --, not behind it (OPS-4)', () => {
  expect(askedLanguage(['ssh', 'web-1', '--lang=ko', '--', 'x', '--lang', 'en'])).toBe('ko');
  expect(askedLanguage(['ssh', 'web-1', '--', 'x', '--lang', 'en'])).toBeUndefined();
});
