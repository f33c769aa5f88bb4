// Every bound of the analysis. A text that reaches one is not judged by what was seen of it: it is reported as not knowable.

export const limits = {
  /** UTF-16 units of one text; a person types less, and an attacker may not spend more of our time. */
  textLength: 65_536,
  /** Commands visited in one text, each loop body, function call and candidate value counted. */
  commands: 2_000,
  /** Words and parts of words expanded in one text; a long one counts once for each 512 characters. */
  words: 8_000,
  /** Characters of nested text (`sh -c`, `eval`, decoded data) parsed in all. */
  nestedLength: 131_072,
  /** Shells inside shells, substitutions inside substitutions, functions inside functions. */
  depth: 24,
  /** Syntax inside syntax; deeper text is refused before it is walked. */
  brackets: 200,
  /** Substitutions written in one text, a backquote counted as one. */
  substitutions: 2_000,
  /** Values that one variable is followed through (branches, loops). */
  candidates: 8,
  /** Words that one brace expansion may make. */
  braceWords: 64,
  /** Characters kept of what a command prints. */
  outputLength: 32_768,
  /** Characters of a program in another language (sed, awk, Python …) that are looked into. */
  codeLength: 8_192,
  /** Commands, paths or items followed out of one such program or one list of words. */
  items: 64,
  /** Effects reported. */
  effects: 2_000,
} as const;
