// The escape sequences of an interactive session.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeStart, readEscapes } from './escape.ts';

it.each([
  ['~.', '', ['hang-up']],
  ['ls\r~.', 'ls\r', ['hang-up']],
  ['ls\n~.rest', 'ls\n', ['hang-up']],
  ['ls~.', 'ls~.', []],
  ['~~', '~', []],
  ['~~.', '~.', []],
  ['~?', '', ['help']],
  ['~x', '~x', []],
  ['cd ~\r~\r', 'cd ~\r~\r', []],
  ['~?~.', '', ['help', 'hang-up']],
])('reads %j as %j and %j (SES-5)', (typed, sent, actions) => {
  const read = readEscapes(escapeStart, Buffer.from(typed));
  expect({ sent: read.send.toString(), actions: read.actions }).toEqual({ sent, actions });
});

it('reads the same however the bytes are split (SES-5)', () => {
  const typed = fc.array(fc.constantFrom('~', '.', '?', '\r', '\n', 'a'), { maxLength: 12 });
  fc.assert(
    fc.property(typed, fc.nat(12), (keys, at) => {
      const whole = readEscapes(escapeStart, Buffer.from(keys.join('')));
      const first = readEscapes(escapeStart, Buffer.from(keys.slice(0, at).join('')));
      if (first.actions.includes('hang-up')) return;
      const second = readEscapes(first.state, Buffer.from(keys.slice(at).join('')));
      expect(Buffer.concat([first.send, second.send]).toString()).toBe(whole.send.toString());
      expect([...first.actions, ...second.actions]).toEqual(whole.actions);
    }),
  );
});
