// Every bound of the analysis. A text that reaches one is not judged by what was seen of it: it is reported as not knowable.

export const limits = {
  /** UTF-16 units of one text; a person types less, and an attacker may not spend more of our time. */
  textLength: 65_536,
  /** Commands visited in one text, each loop body, function call and candidate value counted. */
  commands: 3_000,
  /** Words made by expansion in one text. */
  words: 30_000,
  /** Characters of nested text (`sh -c`, `eval`, decoded data) parsed in all. */
  nestedLength: 131_072,
  /** Shells inside shells, substitutions inside substitutions, functions inside functions. */
  depth: 24,
  /** Syntax inside syntax; deeper text is refused before it is walked. */
  brackets: 200,
  /** Values that one variable is followed through (branches, loops). */
  candidates: 8,
  /** Words that one brace expansion may make. */
  braceWords: 64,
  /** Characters kept of what a command prints. */
  outputLength: 32_768,
  /** Effects reported. */
  effects: 2_000,
} as const;
