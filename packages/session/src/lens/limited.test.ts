// The clock is the test's: what is announced, when, and what ends the session.
import { PassThrough } from 'node:stream';
import { ok } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { type FakeClock, fakeClock, granted } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import type { Machine, Process } from '../machine.ts';
import { limited } from './limited.ts';

const terminal = { term: 'xterm', size: { columns: 80, rows: 24, widthPx: 0, heightPx: 0 }, modes: {} };
const minuteMs = 60_000;

function quietProcess(): Process & { readonly stdout: PassThrough; readonly stdin: PassThrough } {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.resume();
  return { stdin, stdout, stderr, exit: new Promise(() => {}), resize: () => {}, signal: () => {}, hangUp: () => {} };
}

function setUp(limits: { endsInMs: number; idleMs: number }) {
  const clock: FakeClock = fakeClock();
  const said: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<Refusal>();
  const inner = quietProcess();
  const machine: Machine = {
    ended,
    end: async (reason) => resolve(reason),
    shell: async () => ok(inner),
    exec: async () => ok(inner),
    sftp: async () => ok(inner),
    dial: async () => ok(new PassThrough()),
    listen: async () => ok({ port: 1, close: async () => {} }),
  };
  const session = limited(machine, { endsAt: clock.now() + limits.endsInMs, idleMs: limits.idleMs }, clock, (text) =>
    said.push(text),
  );
  return { clock, said, session, inner };
}

describe('the time limit of a session', () => {
  it('is announced five minutes, one minute and 30 seconds before it strikes (SES-6)', async () => {
    const { clock, said, session } = setUp({ endsInMs: 60 * minuteMs, idleMs: 0 });
    await clock.advance(55 * minuteMs);
    expect(said).toEqual(['this session ends in 5 minutes: its time limit is near']);
    await clock.advance(4 * minuteMs);
    expect(said.at(-1)).toBe('this session ends in 60 seconds: its time limit is near');
    await clock.advance(30_000);
    expect(said.at(-1)).toBe('this session ends in 30 seconds: its time limit is near');
    await clock.advance(29_000);
    expect(said).toHaveLength(3);
    await clock.advance(1_000);
    expect(said.at(-1)).toBe('the session reached its time limit; hint: open a new session');
    expect(await session.ended).toMatchObject({ code: 'LIMIT_REACHED', rule: 'session.endsAt' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('is announced halfway when it is short (SES-6)', async () => {
    const { clock, said } = setUp({ endsInMs: 10_000, idleMs: 0 });
    await clock.advance(5_000);
    expect(said).toEqual(['this session ends in 5 seconds: its time limit is near']);
  });

  it('strikes at once when it is past already (SES-6)', async () => {
    const { session } = setUp({ endsInMs: -1, idleMs: 0 });
    expect(await session.ended).toMatchObject({ code: 'LIMIT_REACHED' });
  });

  it('follows a wall clock that is set forward (SES-6)', async () => {
    const { clock, said, session } = setUp({ endsInMs: 60 * minuteMs, idleMs: 0 });
    clock.setWallTime(clock.now() + 59 * minuteMs);
    await clock.advance(30_000);
    expect(said).toEqual(['this session ends in 30 seconds: its time limit is near']);
    await clock.advance(30_000);
    expect(await session.ended).toMatchObject({ rule: 'session.endsAt' });
  });
});

describe('the idle limit of a session', () => {
  const idle = { endsInMs: 600 * minuteMs, idleMs: 10 * minuteMs };

  it('is announced and strikes (SES-6)', async () => {
    const { clock, said, session } = setUp(idle);
    await clock.advance(10 * minuteMs);
    expect(said).toEqual([
      'nothing has happened for a while: this session ends in 5 minutes unless you go on',
      'nothing has happened for a while: this session ends in 60 seconds unless you go on',
      'nothing has happened for a while: this session ends in 30 seconds unless you go on',
      'the session was idle for 10 minutes; hint: open a new session',
    ]);
    expect(await session.ended).toMatchObject({ code: 'LIMIT_REACHED', rule: 'session.idleMs' });
  });

  it('starts again with every key, and is announced again (SES-6)', async () => {
    const { clock, said, session } = setUp(idle);
    const shell = granted(await session.shell({ kind: 'shell', terminal, environment: {} }));
    for (let n = 0; n < 4; n += 1) {
      await clock.advance(6 * minuteMs);
      shell.stdin.write('x');
    }
    expect(said).toHaveLength(4);
    await clock.advance(10 * minuteMs);
    expect(await session.ended).toMatchObject({ rule: 'session.idleMs' });
  });

  it('starts again with a resize (SES-6)', async () => {
    const { clock, said, session } = setUp(idle);
    const shell = granted(await session.shell({ kind: 'shell', terminal, environment: {} }));
    await clock.advance(4 * minuteMs);
    shell.resize(terminal.size);
    await clock.advance(4 * minuteMs);
    expect(said).toEqual([]);
  });

  it.each([
    ['a terminal', terminal, 1],
    ['a command without one', undefined, 0],
  ])('and the output of %s (SES-6)', async (_what, asked, announcements) => {
    const { clock, said, session, inner } = setUp(idle);
    const request = { kind: 'exec' as const, command: 'x', environment: {}, ...(asked && { terminal: asked }) };
    granted(await session.exec(request)).stdout.resume();
    for (let n = 0; n < 3; n += 1) {
      await clock.advance(2 * minuteMs);
      inner.stdout.write('output');
    }
    await clock.advance(0);
    expect(said).toHaveLength(announcements);
  });
});
