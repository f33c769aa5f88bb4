// What the journal does with entries whose texts come from elsewhere: none is lost for its form.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestWorkspace, testWorkspace } from '../../testing/workspace.ts';
import type { Entry } from './index.ts';

let workspace: TestWorkspace;
beforeEach(async () => {
  workspace = await testWorkspace();
});
afterEach(() => workspace.close());

const entry: Entry = {
  class: 'session.ended',
  actor: { kind: 'person', id: 'per_0000000000000000', name: 'ada' },
  action: 'end',
  resource: { kind: 'server', id: 'srv_0000000000000000', name: 'web-1' },
};

describe('the journal', () => {
  it.each([
    ['a reason longer than an event takes', { reason: 'x'.repeat(2000) }, { reason: `${'x'.repeat(1023)}…` }],
    ['half a character', { reason: `a\ud800b` }, { reason: 'a\ufffdb' }],
    ['a character cut in two', { reason: `${'x'.repeat(1022)}😀y` }, { reason: `${'x'.repeat(1022)}…` }],
    ['control characters', { reason: 'a\nb\u001b[2Jc' }, { reason: 'a b [2Jc' }],
    ['rules whose names are long', { rules: ['r'.repeat(300)] }, { rules: [`${'r'.repeat(127)}…`] }],
    ['more rules than it takes', { rules: Array.from({ length: 80 }, (_, n) => `r${n}`) }, {}],
    ['a destination that is long', { destination: 'd'.repeat(900) }, { destination: `${'d'.repeat(511)}…` }],
    [
      'half a character in its details',
      { details: { 'k\ud800': ['v\udfff'] } },
      { details: { 'k\ufffd': ['v\ufffd'] } },
    ],
  ])('keeps an entry with %s, as far as it goes (AUD-1, AUD-6)', async (_what, over, kept) => {
    expect(await workspace.journal.write({ ...entry, ...over })).toEqual({ ok: true, value: undefined });
    expect((await workspace.events()).at(-1)).toMatchObject({ class: 'session.ended', ...kept });
  });
});
