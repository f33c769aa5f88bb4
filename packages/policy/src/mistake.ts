// What is wrong with a policy text, said where it is.

export type PolicyMistake = {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number;
  readonly message: string;
  /** What to write instead, where that is known. */
  readonly hint: string | undefined;
};

export function mistakeAt(text: string, offset: number, message: string, hint?: string): PolicyMistake {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1, message, hint };
}

/** `line 3, column 7: … (…)` */
export function mistakeText({ line, column, message, hint }: PolicyMistake): string {
  return `line ${line}, column ${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
