// Why a client ends its own session: it is done with it.

import type { Refusal } from '@sallyport/protocol';

export const leavingReason: Refusal = {
  code: 'SESSION_ENDED',
  message: 'the client is done',
  rule: 'client',
  hint: 'open a new session',
};
