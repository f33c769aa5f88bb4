// What the agent's own commands refuse, beside the codes of the wire. A closed list with the exit status of `sally agent …` (sysexits.h).

import type { Refusal } from '@sallyport/core';
import { isRefusalCode, type RefusalCode, refusalMeanings } from '@sallyport/protocol';

const agentFaults = {
  NOT_JOINED: 78,
  ALREADY_JOINED: 73,
  ALREADY_RUNNING: 73,
  STATE_UNSAFE: 78,
  STATE_BROKEN: 78,
  TOKEN_MALFORMED: 64,
  URL_MALFORMED: 64,
  GATEWAY_UNREACHABLE: 69,
  GATEWAY_UNTRUSTED: 76,
  GATEWAY_ANSWER: 76,
} as const;

export type AgentRefusal = Refusal<RefusalCode | keyof typeof agentFaults>;

export function exitStatusOf({ code }: AgentRefusal): number {
  return isRefusalCode(code) ? refusalMeanings[code].exitStatus : agentFaults[code];
}
