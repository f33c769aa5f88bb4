// Which language to speak: what was asked for, else what the locale says, else English.

import type { World } from '../world.ts';

const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

export function isLanguage(text: string): text is Language {
  return languages.some((language) => language === text);
}

/** POSIX.1-2024 §8.2: LC_ALL, then the category, then LANG. */
export function languageOf(env: World['env'], asked?: string): Language {
  if (asked !== undefined && isLanguage(asked)) return asked;
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale !== undefined && /^ko([_.@-]|$)/i.test(locale) ? 'ko' : 'en';
}

/** The value of --lang among the words before `--`, needed before the words are parsed: help itself speaks it. */
export function askedLanguage(words: readonly string[]): string | undefined {
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const at = own.findLastIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const word = own[at];
  if (word === undefined) return undefined;
  return word === '--lang' ? own[at + 1] : word.slice('--lang='.length);
}

export async function loadText(language: Language) {
  return language === 'ko' ? (await import('./ko.ts')).ko : (await import('./en.ts')).en;
}
