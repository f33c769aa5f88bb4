// What verifying a log says: a value that a program can read and a person can act on.

import type { LineFault } from './blame.ts';

export type BadKind =
  | LineFault
  | 'rewritten'
  | 'truncated'
  | 'misnamed'
  | 'checkpoint-malformed'
  | 'checkpoint-forged'
  | 'checkpoint-backwards'
  | 'checkpoint-mismatch'
  | 'checkpoints-missing'
  | 'known-checkpoint'
  | 'unreadable';

export type Bad = {
  /** Name of the file in the log's folder. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The event that is bad, or that is missing here. */
  readonly seq?: number;
  readonly what: BadKind;
  readonly why: string;
  readonly hint: string;
};

export type VerifyReport = {
  readonly ok: boolean;
  /** Events that were checked, from the first one on without a gap. */
  readonly events: number;
  /** Of these, the ones with a class or field that this version does not know: they are verified like all others. */
  readonly unknownEvents: number;
  /** Checkpoints that were checked: signature and root. */
  readonly checkpoints: number;
  readonly lastCheckpoint?: {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly note: string;
  };
  /** Events after the last checkpoint: chained, but not signed yet. */
  readonly uncoveredEvents: number;
  /** Bytes of an unterminated last line: being written, or left by a crash. */
  readonly tornBytes: number;
  readonly firstBad?: Bad;
};

const keep = 'keep the folder as evidence, and compare it with a backup or with what a sink received';
const sameKey = 'check that this is the public key of this log; if it is, the file was replaced';

const hintOf: Readonly<Record<BadKind, string>> = {
  changed: keep,
  deleted: keep,
  inserted: keep,
  reordered: keep,
  duplicate: keep,
  'not-json': keep,
  rewritten: keep,
  truncated: keep,
  misnamed: 'give the file the name of its first event, 12 digits, or look for the file that is missing',
  'checkpoint-malformed': keep,
  'checkpoint-forged': sameKey,
  'checkpoint-backwards': 'checkpoints were moved or copied; compare the file with a backup',
  'checkpoint-mismatch': keep,
  'checkpoints-missing': 'a log has a checkpoint from its first moment on: look for the file, or for who removed it',
  'known-checkpoint': 'the log was replaced or rewritten since that checkpoint was kept',
  unreadable: 'check the path, and that you may read the files',
};

export function bad(what: BadKind, at: { file: string; line: number }, why: string, seq?: number): Bad {
  return { file: at.file, line: at.line, ...(seq === undefined ? {} : { seq }), what, why, hint: hintOf[what] };
}
