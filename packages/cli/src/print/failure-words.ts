// A failure as a person reads it, and the exit status that goes with it.

import { isRefusalCode, refusalMeanings } from '@sallyport/protocol';
import { exitStatuses } from '../exit-status.ts';
import type { Failure } from '../failure.ts';
import type { Text } from '../text/text.ts';
import type { Paint } from './colour.ts';
import { plain } from './plain.ts';

export function exitStatusOf(failure: Failure): number {
  switch (failure.kind) {
    case 'refused':
      return refusalMeanings[failure.refusal.code].exitStatus;
    case 'unreachable':
      return exitStatuses.unavailable;
    case 'agent':
    case 'local':
      return failure.exitStatus;
  }
}

/** Error and hint. What a refusal's code says is translated where the catalogue can; the gateway's own words stay beside it. */
export function wordsOf(failure: Failure, text: Text): { message: string; hint: string } {
  switch (failure.kind) {
    case 'local':
      return { message: failure.message, hint: failure.hint };
    case 'unreachable':
      return { message: text.say.unreachable(failure.step, failure.message), hint: failure.hint };
    case 'agent':
    case 'refused': {
      const { code, message, rule, hint } = failure.refusal;
      const exact = `${message} (${code}, ${text.say.rule}: ${rule})`;
      const known = isRefusalCode(code) ? text.refusal[code] : text.agentRefusal[code];
      return known === undefined
        ? { message: exact, hint }
        : { message: `${known.message} — ${exact}`, hint: known.hint };
    }
  }
}

/** Two lines: `error:` and `hint:`. */
export function failureLines(failure: Failure, text: Text, paint: Paint): string {
  const { message, hint } = wordsOf(failure, text);
  return `${paint('red', text.say.error)} ${plain(message)}\n${paint('cyan', text.say.hint)} ${plain(hint)}\n`;
}
