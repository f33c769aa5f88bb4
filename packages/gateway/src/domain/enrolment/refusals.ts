// Why a server is not let in: each names the rule and what its administrator can do.

import type { Refusal, RefusalCode } from '@sallyport/protocol';

const newToken = 'make a new token with `sally token create` and join again';

function refusal(
  code: RefusalCode,
  message: string,
  rule: string,
  hint: string,
  evidence?: Refusal['evidence'],
): Refusal {
  return evidence ? { code, message, rule, hint, evidence } : { code, message, rule, hint };
}

export const enrolmentRefusals = {
  renewedJustNow: () =>
    refusal('TOO_MANY', 'the certificate was renewed just now', 'renewal', 'the agent tries again by itself'),
  tokenInvalid: () => refusal('TOKEN_INVALID', 'this join token is not known here', 'join token', newToken),
  tokenRevoked: () => refusal('TOKEN_REVOKED', 'this join token was revoked', 'join token', newToken),
  tokenExpired: () => refusal('TOKEN_EXPIRED', 'this join token has expired', 'join token', newToken),
  tokenUsedUp: () => refusal('TOKEN_USED_UP', 'this join token has no uses left', 'join token', newToken),
  labelNotAllowed: (label: string) =>
    refusal(
      'LABEL_NOT_ALLOWED',
      `the token does not give the label ${label}`,
      'labels come from the token',
      `leave the label out, or make a token with \`sally token create --label ${label}\``,
    ),
  nameTaken: (name: string) =>
    refusal(
      'NAME_TAKEN',
      `a server named ${name} is enrolled already`,
      'server names are unique',
      `choose another with --name, or revoke the old one with \`sally server revoke ${name}\``,
    ),
  keyTaken: () =>
    refusal(
      'NAME_TAKEN',
      'this key is enrolled already',
      'one key is one server',
      'remove the agent state folder and join again',
    ),
  keyUnusable: (why: string) =>
    refusal(
      'PROOF_INVALID',
      'the agent key cannot be used',
      'P-256 key made on the host',
      'remove the agent state folder and join again',
      { why },
    ),
  proofInvalid: (why: string) =>
    refusal(
      'PROOF_INVALID',
      'the proof does not belong to this connection',
      'RFC 9266 tls-exporter',
      'something between agent and gateway ends TLS; `sally agent doctor` shows where',
      { why },
    ),
  certificateInvalid: (why: string) =>
    refusal('CERTIFICATE_INVALID', 'the agent certificate is not one of this workspace', 'workspace CA', newToken, {
      why,
    }),
  certificateExpired: () =>
    refusal(
      'CERTIFICATE_EXPIRED',
      'the agent certificate has run out',
      'certificates live 24 h',
      'the agent renews it by itself; check its clock',
    ),
  serverRevoked: () => refusal('SERVER_REVOKED', 'this server was revoked', 'revoked servers stay out', newToken),
  absentTooLong: (days: number) =>
    refusal('CERTIFICATE_EXPIRED', `this server was away for more than ${days} days`, 'renewal after expiry', newToken),
  serverUnknown: (name: string) =>
    refusal('SERVER_UNKNOWN', `there is no server ${name}`, 'enrolled servers', 'see `sally ls`'),
  tokenUnknown: (id: string) => refusal('NOT_FOUND', `there is no token ${id}`, 'join tokens', 'see `sally token ls`'),
} as const;
