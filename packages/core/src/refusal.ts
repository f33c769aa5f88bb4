// A refusal: what was refused, by which rule, and what to do next. Public text is short and stable; the evidence is for the log.
// It must never hold a secret: refusals are printed, logged and sent over the wire.

import type { JsonObject } from './json.ts';

export type Refusal<Code extends string = string> = {
  /** Stable, from a closed list; programs switch on it. */
  readonly code: Code;
  /** What was refused, one line, no trailing stop. */
  readonly message: string;
  /** The rule that refused: a policy id, a limit's name, a section of a specification. */
  readonly rule: string;
  /** What the reader can do now, one line. */
  readonly hint: string;
  /** Exact facts for the audit log; a door does not show them to the caller. */
  readonly evidence?: JsonObject;
};

/** The refusal as a person reads it: error, then hint. */
export function refusalText(refusal: Refusal): string {
  return `${refusal.message} (${refusal.code}, rule: ${refusal.rule})\nhint: ${refusal.hint}`;
}
