// Why a command could not do its work, as a value: printed as error and hint, with an exit status. It never holds a secret.

import type { AgentRefusal } from '@sallyport/agent';
import type { Refusal } from '@sallyport/protocol';
import type { exitStatuses } from './exit-status.ts';

type OwnStatus = (typeof exitStatuses)[keyof typeof exitStatuses];

export type Failure =
  /** What the gateway or an agent refused. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** What the agent of this host refused. */
  | { readonly kind: 'agent'; readonly refusal: AgentRefusal; readonly exitStatus: number }
  /** The gateway could not be reached: at which step, in words. */
  | { readonly kind: 'unreachable'; readonly step: string; readonly message: string; readonly hint: string }
  /** Something on this device: the command line, a file, the profile. The words are in the person's language already. */
  | { readonly kind: 'local'; readonly message: string; readonly hint: string; readonly exitStatus: OwnStatus };

export function localFailure(words: { message: string; hint: string }, exitStatus: OwnStatus): Failure {
  return { kind: 'local', message: words.message, hint: words.hint, exitStatus };
}
