// Transactions that may end with an answer and no change.

import type { InsertResult, Kysely, Transaction, UpdateResult } from 'kysely';
import type { Tables } from './schema.ts';

class Undone<Answer> extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super('undone');
    this.answer = answer;
  }
}

/** Runs the steps as one transaction. `undo` takes everything back and gives that answer. */
export async function allOrNothing<Answer>(
  db: Kysely<Tables>,
  steps: (step: Transaction<Tables>, undo: (answer: Answer) => never) => Promise<Answer>,
): Promise<Answer> {
  const undo = (answer: Answer): never => {
    throw new Undone(answer);
  };
  try {
    return await db.transaction().execute((step) => steps(step, undo));
  } catch (cause) {
    if (cause instanceof Undone) return cause.answer;
    throw cause;
  }
}

export function hasChanged(result: InsertResult | UpdateResult): boolean {
  if ('numUpdatedRows' in result) return result.numUpdatedRows > 0n;
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
