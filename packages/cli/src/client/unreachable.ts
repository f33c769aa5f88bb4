// What went wrong on the way to the gateway, in words, with the mend.

import type { NotPinned, WayFault } from '@sallyport/tunnel';
import type { Failure } from '../failure.ts';
import type { Text } from '../text/text.ts';

type Unreachable = Extract<Failure, { kind: 'unreachable' }>;

export function unreachable(url: URL, fault: WayFault | NotPinned, text: Text): Unreachable {
  const { step, cause } = fault;
  if (cause === 'notPinned') return { kind: 'unreachable', step, ...text.say.notPinned(url.host) };
  if (cause === 'other') return { kind: 'unreachable', step, ...text.say.way.other(url.host, fault.detail) };
  const { message, hint } = text.say.way[cause](url.host);
  return { kind: 'unreachable', step, message: `${message} (${fault.code})`, hint };
}
