// A secret never shows in what a program prints.
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Redacted } from './redacted.ts';

it('prints as [redacted] and gives the secret only to expose()', () => {
  const secret = new Redacted('hunter2');
  expect([`${secret}`, JSON.stringify({ secret }), inspect({ secret }), String(secret)].join()).not.toContain(
    'hunter2',
  );
  expect(secret.expose()).toBe('hunter2');
});
