// The exit statuses that docs/cli.md promises.

import { expect, it } from 'vitest';
import { shellStatus } from './exit-status.ts';
import type { Failure } from './failure.ts';
import { exitStatusOf } from './print/failure-words.ts';

it.each([
  [{ how: 'exited', status: 7 }, 7],
  [{ how: 'signalled', signal: 'KILL', isCoreDumped: false }, 137],
  [{ how: 'signalled', signal: 'HUP', isCoreDumped: false }, 129],
  [{ how: 'signalled', signal: 'UNHEARDOF', isCoreDumped: false }, 128],
] as const)('shows the end %j as %i (SES-5)', (exit, status) => {
  expect(shellStatus(exit)).toBe(status);
});

const refused = (code: 'POLICY_DENIED' | 'SERVER_UNKNOWN' | 'SERVER_OFFLINE' | 'TOO_MANY'): Failure => ({
  kind: 'refused',
  refusal: { code, message: 'm', rule: 'r', hint: 'h' },
});
it.each([
  [refused('POLICY_DENIED'), 77],
  [refused('SERVER_UNKNOWN'), 68],
  [refused('SERVER_OFFLINE'), 69],
  [refused('TOO_MANY'), 75],
  [{ kind: 'unreachable', step: 'tcp', message: 'm', hint: 'h' } as const, 69],
  [{ kind: 'local', message: 'm', hint: 'h', exitStatus: 64 } as const, 64],
])('exits for %j with %i (SES-5)', (failure, status) => {
  expect(exitStatusOf(failure)).toBe(status);
});
