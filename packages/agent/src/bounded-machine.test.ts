// The bounds of a grant around a machine: its powers and its end, whatever the gateway says later.
import { err, type Result } from '@sallyport/core';
import type { ChannelRequest, Refusal } from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';
import { fakeClock } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { endAt, withPowers } from './bounded-machine.ts';

const reached: Refusal = { code: 'HOST_UNABLE', message: 'the machine was asked', rule: 'test', hint: '' };
const start = Date.parse('2026-03-01T12:00:00Z');

/** A machine that says no more than that it was asked, and when it was ended. */
function askedMachine(): Machine & { readonly endedBy: readonly Refusal[] } {
  const endedBy: Refusal[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<Refusal>();
  const answer = (): Promise<Result<never, Refusal>> => Promise.resolve(err(reached));
  return {
    ...{ shell: answer, exec: answer, sftp: answer, dial: answer, listen: answer, ended, endedBy },
    end: (reason) => {
      endedBy.push(reason);
      resolve(reason);
      return Promise.resolve();
    },
  };
}

const requests: readonly ChannelRequest[] = [
  { kind: 'shell', environment: {} },
  { kind: 'exec', command: 'id', environment: {} },
  { kind: 'sftp' },
  { kind: 'dial', to: { family: 'tcp', host: '::1', port: 22 } },
  { kind: 'listen', on: { family: 'tcp', host: '::1', port: 0 } },
];

async function open(machine: Machine, request: ChannelRequest): Promise<string> {
  const outcome: Result<unknown, Refusal> =
    (await {
      shell: () => (request.kind === 'shell' ? machine.shell(request) : undefined),
      exec: () => (request.kind === 'exec' ? machine.exec(request) : undefined),
      sftp: () => (request.kind === 'sftp' ? machine.sftp(request) : undefined),
      dial: () => (request.kind === 'dial' ? machine.dial(request) : undefined),
      listen: () => (request.kind === 'listen' ? machine.listen(request, () => undefined) : undefined),
    }[request.kind]()) ?? err(reached);
  return outcome.ok ? 'ok' : outcome.error.code;
}

describe('powers', () => {
  it.each(requests)(
    'a session without the power to $kind is refused it and has the others (SES-1)',
    async (request) => {
      const others = requests.map(({ kind }) => kind).filter((kind) => kind !== request.kind);
      const machine = withPowers(askedMachine(), others);
      const codes = await Promise.all(requests.map(async (each) => [each.kind, await open(machine, each)]));
      const expected = requests.map(({ kind }) => [kind, kind === request.kind ? 'POWER_MISSING' : 'HOST_UNABLE']);
      expect(codes).toEqual(expected);
    },
  );

  it('a refused channel names the powers that there are (SES-1)', async () => {
    const refused = await withPowers(askedMachine(), ['exec', 'sftp']).shell({ kind: 'shell', environment: {} });
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'POWER_MISSING', hint: expect.stringContaining('exec, sftp') },
    });
  });
});

describe('the end of a grant', () => {
  const hourMs = 3_600_000;

  it('ends the session at its time, once (SES-1)', async () => {
    const [clock, machine] = [fakeClock(start), askedMachine()];
    endAt(machine, start + hourMs, clock);
    await clock.advance(hourMs - 1);
    expect(machine.endedBy).toEqual([]);
    await clock.advance(hourMs);
    expect(machine.endedBy).toMatchObject([{ code: 'SESSION_ENDED', rule: 'grant.endsAt' }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('comes at once when it is over already (SES-1)', async () => {
    const [clock, machine] = [fakeClock(start), askedMachine()];
    endAt(machine, start - 1, clock);
    await clock.advance(0);
    expect(machine.endedBy).toHaveLength(1);
  });

  it('is not moved by a clock that is set back, and comes within half a minute of one set forward (SES-1)', async () => {
    const back = { clock: fakeClock(start), machine: askedMachine() };
    endAt(back.machine, start + hourMs, back.clock);
    await back.clock.advance(1000);
    back.clock.setWallTime(start - 10 * hourMs);
    await back.clock.advance(hourMs);
    expect(back.machine.endedBy).toHaveLength(1);

    const forward = { clock: fakeClock(start), machine: askedMachine() };
    endAt(forward.machine, start + hourMs, forward.clock);
    await forward.clock.advance(1000);
    forward.clock.setWallTime(start + 2 * hourMs);
    await forward.clock.advance(30_000);
    expect(forward.machine.endedBy).toHaveLength(1);
  });

  it('is no longer watched once the session ended otherwise (SES-1)', async () => {
    const [clock, machine] = [fakeClock(start), askedMachine()];
    endAt(machine, start + hourMs, clock);
    await clock.advance(60_000);
    await machine.end(reached);
    await clock.advance(2 * hourMs);
    expect(machine.endedBy).toEqual([reached]);
    expect(clock.pendingTimers).toBe(0);
  });
});
