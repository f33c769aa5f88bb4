// The shell that goes through the text: what its parts need of each other. It holds what is shared by the whole text.

import type { ParsedScript, Statement } from 'unbash';
import type { Interpreter } from '../program/start.ts';
import type { Substitution } from './expand.ts';
import type { FunctionBody, Scope } from './scope.ts';
import type { Value } from './value.ts';

export interface Shell extends Interpreter, Substitution {
  /** Does the action once for each value that a variable in it may have. */
  withChoices(action: () => Value): Value;
  statements(list: readonly Statement[], scope: Scope, stdin: Value): Value;
  functionCall(body: FunctionBody, scope: Scope, stdin: Value): Value;
  output(script: ParsedScript | undefined, text: string, scope: Scope): Value;
  /** Names of programs that a pattern stands for, a few at most. */
  namesLike(pattern: string): readonly string[];
}
