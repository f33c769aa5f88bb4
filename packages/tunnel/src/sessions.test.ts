// Sessions over a link when things go wrong: refusals, limits, hostile answers, and a link that is lost in the middle.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { err, newId, ok, type SessionId } from '@sallyport/core';
import { type Refusal, recordKind, type StreamHeader } from '@sallyport/protocol';
import type { Machine, Process } from '@sallyport/session';
import { childMachine, execRequest, fakeClock, granted, lineReader, outcomeOf } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ask, writeAccepted, writeAnswer } from './answer.ts';
import { createMux } from './link.ts';
import type { Mux } from './mux.ts';
import { writeJsonRecord, writeRecord } from './record.ts';
import { openSession } from './remote-machine.ts';
import { type AdmitSession, type ServeOptions, serveSessions } from './serve-sessions.ts';
import type { MuxStream } from './stream.ts';
import { memoryCarriers } from './testing/memory-carrier.ts';

const session: SessionId = newId('session', (bytes) => new Uint8Array(bytes));
const accepted = { session, powers: ['exec' as const], endsAt: 0 };
const grant: Extract<StreamHeader, { kind: 'session' }> = { kind: 'session', grant: 'a.b.c' };
const denied: Refusal = { code: 'POLICY_DENIED', message: 'not allowed', rule: 'policy 7', hint: 'ask for access' };
const limits: ServeOptions = { maxSessions: 2, maxChannelsPerSession: 3 };

describe('sessions over a link', () => {
  let home: string;
  let machine: Machine;
  let server: Mux;
  let client: Mux;
  const clock = fakeClock();
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sally-session-'));
    machine = childMachine({ home });
    const [near, far] = memoryCarriers();
    server = createMux(near, { role: 'dialler', clock, random: () => 0.5 });
    client = createMux(far, { role: 'acceptor', clock, random: () => 0.5 });
  });
  afterEach(async () => {
    client.close('the test is over');
    await machine.end({ ...denied, code: 'SESSION_ENDED' });
    rmSync(home, { recursive: true });
  });

  const admits: AdmitSession = async () => ok({ accepted, machine });
  const channelHeader = (command = 'true'): StreamHeader => ({
    kind: 'channel',
    session,
    request: execRequest(command),
  });

  it('tells what was accepted (SES-1)', async () => {
    serveSessions(server, admits, limits);
    expect(granted(await openSession(client, grant)).accepted).toEqual(accepted);
  });

  it('passes the refusal of who admits: POLICY_DENIED (POL-1)', async () => {
    serveSessions(server, async () => err({ ...denied, evidence: { secret: 1 } }), limits);
    expect(await openSession(client, grant)).toEqual({ ok: false, error: denied });
    await settled(() => client.streamCount + server.streamCount === 0);
  });

  it('refuses when who admits fails: HOST_UNABLE, and reports the fault (SES-1)', async () => {
    const faults: unknown[] = [];
    const admit: AdmitSession = () => Promise.reject(new Error('the store is gone'));
    serveSessions(server, admit, { ...limits, onFault: (error) => faults.push(error) });
    expect(await openSession(client, grant)).toMatchObject({ ok: false, error: { code: 'HOST_UNABLE' } });
    expect(faults).toEqual([new Error('the store is gone')]);
  });

  it('refuses sessions beyond the limit: LIMIT_REACHED, also while they are being admitted (SES-1)', async () => {
    const waiting = Promise.withResolvers<void>();
    let n = 0;
    const admit: AdmitSession = async () => {
      n += 1;
      await waiting.promise;
      return err(denied);
    };
    serveSessions(server, admit, limits);
    const asked = [1, 2, 3].map(() => openSession(client, grant));
    expect(await asked[2]).toMatchObject({ ok: false, error: { code: 'LIMIT_REACHED' } });
    waiting.resolve();
    await Promise.all(asked);
    expect(n).toBe(2);
  });

  it('refuses channels beyond the limit, and takes the next once one is over: LIMIT_REACHED (SES-1)', async () => {
    serveSessions(server, admits, limits);
    const remote = granted(await openSession(client, grant)).machine;
    const running: Process[] = [];
    for (let n = 0; n < 3; n += 1) running.push(granted(await remote.exec(execRequest('cat'))));
    expect(await remote.exec(execRequest('true'))).toMatchObject({ ok: false, error: { code: 'LIMIT_REACHED' } });
    await Promise.all(running.map((process) => outcomeOf(process)));
    await settled(() => client.streamCount === 1 && server.streamCount === 1);
    granted(await remote.exec(execRequest('true')));
  });

  it('refuses a channel of no session: SESSION_UNKNOWN (SES-1)', async () => {
    serveSessions(server, admits, limits);
    expect(await ask(client, channelHeader(), z.object({}))).toMatchObject({ error: { code: 'SESSION_UNKNOWN' } });
  });

  it('runs a channel that came while its session was being admitted, without another round trip (SES-1)', async () => {
    const admission = Promise.withResolvers<void>();
    serveSessions(server, () => admission.promise.then(() => ok({ accepted, machine })), limits);
    const opening = openSession(client, grant);
    const early = ask(client, channelHeader(), z.object({}));
    const stray = { ...channelHeader(), session: newId('session', (bytes) => new Uint8Array(bytes).fill(9)) };
    const other = ask(client, stray, z.object({}));
    await settled(() => server.streamCount === 3);
    admission.resolve();
    expect(await early).toEqual({ ok: true, value: {} });
    expect(await other).toMatchObject({ error: { code: 'SESSION_UNKNOWN' } });
    granted(await opening);
  });

  it('brings notices to the person, early ones too, in one line each (SES-6)', async () => {
    const texts: string[] = [];
    const later = Promise.withResolvers<(text: string) => void>();
    serveSessions(
      server,
      async (_header, asker) => {
        asker.notify('early');
        later.resolve((text) => asker.notify(text));
        return ok({ accepted, machine });
      },
      limits,
    );
    granted(await openSession(client, grant, { notice: (text) => texts.push(text) }));
    (await later.promise)('ends in\n5 minutes');
    await settled(() => texts.length === 2);
    expect(texts).toEqual(['early', 'ends in 5 minutes']);
  });

  it('tells why the machine ended (SES-6, SES-7)', async () => {
    serveSessions(server, admits, limits);
    const remote = granted(await openSession(client, grant)).machine;
    const process = granted(await remote.exec(execRequest('sleep 600')));
    await machine.end({ ...denied, message: 'the time limit was reached' });
    expect(await remote.ended).toEqual({ ...denied, message: 'the time limit was reached' });
    expect(await process.exit).toMatchObject({ how: 'signalled' });
    expect(await remote.exec(execRequest('true'))).toMatchObject({ ok: false, error: { code: 'SESSION_ENDED' } });
    await settled(() => client.streamCount + server.streamCount === 0);
  });

  it('ends the machine when the asking side leaves without a word (SES-1)', async () => {
    serveSessions(server, admits, limits);
    const stream = client.open(grant);
    await once(stream, 'readable');
    stream.destroy();
    expect(await machine.ended).toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('ends the machine of a session whose asking side left while it was admitted (SES-1)', async () => {
    const admission = Promise.withResolvers<void>();
    serveSessions(server, () => admission.promise.then(() => ok({ accepted, machine })), limits);
    const stream = client.open(grant);
    await settled(() => server.streamCount === 1);
    stream.destroy();
    await settled(() => server.streamCount === 0);
    admission.resolve();
    expect(await machine.ended).toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('ends everything with LINK_LOST when the link is lost; every exit resolves as hung up (CON-3)', async () => {
    serveSessions(server, admits, limits);
    const remote = granted(await openSession(client, grant)).machine;
    const reading = granted(await remote.exec(execRequest('echo $$; exec sleep 600')));
    const idle = granted(await remote.exec(execRequest('sleep 600')));
    const pid = Number(await lineReader(reading.stdout).next());
    const pending = remote.exec(execRequest('sleep 600'));
    client.close('the network is gone');
    expect(await remote.ended).toMatchObject({ code: 'LINK_LOST' });
    const hungUp = { how: 'signalled', signal: 'HUP', isCoreDumped: false };
    expect(await Promise.all([reading.exit, idle.exit])).toEqual([hungUp, hungUp]);
    expect(await pending).toMatchObject({ ok: false, error: { code: 'LINK_LOST' } });
    expect(await remote.exec(execRequest('true'))).toMatchObject({ ok: false, error: { code: 'LINK_LOST' } });
    expect([reading.stdout.errored, idle.stderr.errored]).toEqual([
      expect.objectContaining({ code: 'LINK_LOST' }),
      expect.objectContaining({ code: 'LINK_LOST' }),
    ]);
    reading.stdin.write('into the void');
    reading.signal('TERM');
    reading.resize({ columns: 80, rows: 24, widthPx: 0, heightPx: 0 });
    reading.hangUp();
    await remote.end(denied);
    expect(await machine.ended).toMatchObject({ code: 'SESSION_ENDED' });
    await settled(() => !isAlive(pid));
  });

  it('does not wait for ever for a side that does not end its session (SES-7)', async () => {
    server.onStream((stream) => writeAccepted(stream.resume(), accepted));
    const remote = granted(await openSession(client, grant)).machine;
    const process = granted(await remote.exec(execRequest('anything')));
    const ending = remote.end(denied);
    expect(await process.exit).toMatchObject({ how: 'signalled' });
    await settled(() => client.streamCount === 1);
    await clock.advance(10_000);
    await ending;
    expect(client.streamCount).toBe(0);
  });

  const answers: readonly (readonly [string, (stream: MuxStream) => unknown, string])[] = [
    ['nothing and ends', (stream) => stream.end(), 'LINK_LOST'],
    ['a reset', (stream) => stream.reset(0), 'LINK_LOST'],
    ['output first', (stream) => writeRecord(stream, recordKind.stdout, Buffer.from('x')), 'PROTOCOL_ERROR'],
    ['an acceptance of another form', (stream) => writeAccepted(stream, { session: 'x' }), 'PROTOCOL_ERROR'],
    ['bytes that are no record', (stream) => stream.write(Buffer.alloc(10, 255)), 'PROTOCOL_ERROR'],
    ['a refusal of another form', (stream) => writeJsonRecord(stream, recordKind.refused, {}), 'PROTOCOL_ERROR'],
    [
      'a refusal with an unknown code',
      (stream) => writeJsonRecord(stream, recordKind.refused, { ...denied, code: 'X' }),
      'PROTOCOL_ERROR',
    ],
  ];
  it.each(answers)('refuses a hostile answer: %s (SES-1)', async (_what, answer, code) => {
    server.onStream((stream) => answer(stream));
    expect(await openSession(client, grant)).toMatchObject({ ok: false, error: { code } });
    await settled(() => client.streamCount === 0);
  });

  it.each([
    ['an exit of another form', (stream: MuxStream) => writeJsonRecord(stream, recordKind.exit, { how: 'vanished' })],
    ['a record of the wrong direction', (stream: MuxStream) => writeRecord(stream, recordKind.stdin, Buffer.from('x'))],
    ['bytes that are no record', (stream: MuxStream) => stream.write(Buffer.alloc(10, 255))],
    ['an end without an exit', (stream: MuxStream) => stream.end()],
  ])('hangs up a process whose other side sends %s (SES-1)', async (_what, misbehave) => {
    server.onStream((stream, header) => {
      writeAccepted(stream.resume(), header.kind === 'channel' ? {} : accepted);
      if (header.kind === 'channel') misbehave(stream);
    });
    const remote = granted(await openSession(client, grant)).machine;
    const process = granted(await remote.exec(execRequest('anything')));
    expect(await process.exit).toMatchObject({ how: 'signalled', signal: 'HUP' });
  });

  it('leaves no stream behind after many channels (SES-1)', async () => {
    serveSessions(server, admits, limits);
    const remote = granted(await openSession(client, grant)).machine;
    for (let n = 0; n < 20; n += 1) await outcomeOf(granted(await remote.exec(execRequest('cat'))), Buffer.from('x'));
    await settled(() => client.streamCount === 1 && server.streamCount === 1);
  });

  it('gives other streams to who takes them, and refuses them otherwise (CON-1)', async () => {
    serveSessions(server, admits, { ...limits, onOther: (stream) => writeAnswer(stream, ok({ certificatePem: 'x' })) });
    serveSessions(client, admits, limits);
    const schema = z.object({ certificatePem: z.string() });
    expect(await ask(client, { kind: 'renew' }, schema)).toEqual({ ok: true, value: { certificatePem: 'x' } });
    expect(await ask(server, { kind: 'renew' }, schema)).toMatchObject({ error: { code: 'PROTOCOL_ERROR' } });
    await settled(() => client.streamCount + server.streamCount === 0);
  });
});

async function settled(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
