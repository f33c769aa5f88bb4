// Words of a command line quoted for a POSIX shell, so that it reads back exactly the words that were given.

const safeWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word (POSIX.1-2024 §2.2.2): inside single quotes everything is literal but the single quote itself. */
export function quoteWord(word: string): string {
  // `=` first in a zsh word names a path, so such a word is quoted too.
  if (safeWord.test(word) && !word.startsWith('=')) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command line; a first word with `=` is quoted, or the shell would read an assignment. */
export function quoteCommand(words: readonly string[]): string {
  return words
    .map((word, index) => (index === 0 && word.includes('=') ? `'${word.replaceAll("'", `'\\''`)}'` : quoteWord(word)))
    .join(' ');
}
