// The log's two forms. What comes from outside stays inside its line.
import { Redacted } from '@sallyport/core';
import { fakeClock } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import { type LogFormat, openLog } from './log.ts';

const clock = fakeClock(Date.parse('2026-03-01T12:34:56Z'));

function logged(format: LogFormat, message: string, fields = {}): string {
  let text = '';
  openLog({ write: (line) => (text += line), format, clock }).warning(message, fields);
  return text;
}

it('writes one JSON object a line with time, level and message (CON-6)', () => {
  expect(JSON.parse(logged('json', 'hello\nworld', { retryInMs: 5 }))).toEqual({
    ...{ time: '2026-03-01T12:34:56.000Z', level: 'warning', msg: 'hello\nworld', retryInMs: 5 },
  });
  expect(logged('json', 'hello\nworld').trimEnd()).not.toContain('\n');
});

it('cuts an endless line and still writes JSON (CON-6)', () => {
  const line = logged('json', 'm', { text: 'x'.repeat(100_000) });
  expect(line.length).toBeLessThan(9000);
  expect(JSON.parse(line)).toMatchObject({ msg: 'm', droppedBytes: expect.any(Number) });
});

it('lets nothing move the cursor of a person who reads it (CON-6)', () => {
  expect(logged('human', 'a\u001b[2Jb', { host: 'x\r\ny' })).toBe('12:34:56 warning a [2Jb host="x\\r\\ny"\n');
});

it('prints a redacted value as such (CON-2)', () => {
  expect(logged('json', 'm', { token: new Redacted('sjt_secret') })).not.toContain('sjt_secret');
});
