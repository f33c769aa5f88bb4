// Why access is refused: each names the rule and what to do next.

import type { Refusal } from '@sallyport/protocol';

export const sessionRefusals = {
  serverUnknown: (server: string): Refusal => ({
    code: 'SERVER_UNKNOWN',
    message: `there is no server ${server}`,
    rule: 'enrolled servers',
    hint: 'see `sally ls`',
  }),
  serverOffline: (server: string): Refusal => ({
    code: 'SERVER_OFFLINE',
    message: `${server} is not connected`,
    rule: 'a server is reached through its agent',
    hint: `on ${server}, look at \`sally agent status\` and \`sally agent doctor\``,
  }),
  tooMany: (limit: number, whose: string): Refusal => ({
    code: 'LIMIT_REACHED',
    message: `${whose} has ${limit} sessions open, which is the limit`,
    rule: 'limits.sessions',
    hint: 'end one with `sally sessions end ID`, see `sally sessions ls --open`',
  }),
  storeUnavailable: (why: string): Refusal => ({
    code: 'STORE_UNAVAILABLE',
    message: 'the gateway cannot reach its database',
    rule: 'what cannot be decided is refused',
    hint: 'try again; an administrator sees the reason in /ready and in the log',
    evidence: { why },
  }),
  tooManyChannels: (limit: number): Refusal => ({
    code: 'LIMIT_REACHED',
    message: `this session has ${limit} channels open, which is the limit`,
    rule: 'limits.maxChannelsPerSession',
    hint: 'close one, or open another session',
  }),
  powerMissing: (what: string): Refusal => ({
    code: 'POWER_MISSING',
    message: what,
    rule: 'powers of the grant',
    hint: 'it was allowed after this session began: open a new session',
  }),
  notAllowedAnyMore: (rule: string): Refusal => ({
    code: 'POLICY_DENIED',
    message: 'the policy does not allow this session any more',
    rule,
    hint: 'ask an owner, or open a new session for what is still allowed',
  }),
  endedBy: (name: string): Refusal => ({
    code: 'SESSION_ENDED',
    message: `ended by ${name}`,
    rule: 'an administrator can end a session',
    hint: `ask ${name}`,
  }),
  sessionUnknown: (id: string): Refusal => ({
    code: 'SESSION_UNKNOWN',
    message: `there is no such session: ${id}`,
    rule: 'sessions',
    hint: 'see `sally sessions ls`',
  }),
  stopping: (): Refusal => ({
    code: 'STOPPING',
    message: 'the gateway is stopping',
    rule: 'graceful stop',
    hint: 'try again in a moment',
  }),
} as const;
