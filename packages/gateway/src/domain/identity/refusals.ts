// Why a device is not let in. Public text does not tell an unknown code from a wrong one.

import type { Refusal } from '@sallyport/protocol';

const newLink = 'ask an owner for a new link (`sally device code`), or read the one the gateway printed at its start';

export const identityRefusals = {
  codeInvalid: (): Refusal => ({
    code: 'CODE_INVALID',
    message: 'this enrolment code is not known',
    rule: 'one-time code',
    hint: newLink,
  }),
  codeUsed: (): Refusal => ({
    code: 'CODE_USED',
    message: 'this enrolment code was used already',
    rule: 'one-time code',
    hint: newLink,
  }),
  codeExpired: (): Refusal => ({
    code: 'CODE_EXPIRED',
    message: 'this enrolment code has expired',
    rule: 'one-time code',
    hint: newLink,
  }),
  notSignedIn: (): Refusal => ({
    code: 'NOT_SIGNED_IN',
    message: 'this request carries no device proof',
    rule: 'every request is authenticated',
    hint: 'sign in with `sally login LINK`',
  }),
  deviceUnknown: (): Refusal => ({
    code: 'DEVICE_UNKNOWN',
    message: 'this device is not enrolled here',
    rule: 'registered device key',
    hint: 'enrol it with `sally login LINK`',
  }),
  noSuchDevice: (id: string): Refusal => ({
    code: 'NOT_FOUND',
    message: `there is no device ${id}`,
    rule: 'enrolled devices',
    hint: 'see `sally device ls`, with --all for those of everybody',
  }),
  revokedBy: (name: string): Refusal => ({
    code: 'DEVICE_REVOKED',
    message: `this device was revoked by ${name}`,
    rule: 'registered device key',
    hint: 'enrol it again with a new link from an owner',
  }),
  deviceRevoked: (): Refusal => ({
    code: 'DEVICE_REVOKED',
    message: 'this device was revoked',
    rule: 'registered device key',
    hint: 'enrol it again with a new link from an owner',
  }),
  proofInvalid: (why: string): Refusal => ({
    code: 'PROOF_INVALID',
    message: 'the proof does not belong to this connection',
    rule: 'RFC 9266 tls-exporter',
    hint: 'something between you and the gateway ends TLS, or the key is another; `sally status --verbose` shows the connection',
    evidence: { why },
  }),
} as const;
