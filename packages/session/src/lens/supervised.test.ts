// What the supervisor is asked and told.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type ChannelId, err, newId, ok, type Result } from '@sallyport/core';
import type { ChannelRequest, Refusal } from '@sallyport/protocol';
import { childMachine, execRequest, granted, outcomeOf } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Machine } from '../machine.ts';
import { type ChannelOutcome, type Supervisor, supervised } from './supervised.ts';

const denied: Refusal = { code: 'POLICY_DENIED', message: 'no', rule: 'test', hint: 'none' };
const over: Refusal = { code: 'SESSION_ENDED', message: 'over', rule: 'test', hint: 'none' };
const channel = newId('channel', (count) => new Uint8Array(count));

describe('a supervised machine', () => {
  let home: string;
  let asked: ChannelRequest[];
  let outcomes: ChannelOutcome[];
  let answer: () => Promise<Result<ChannelId, Refusal>>;
  let machine: Machine;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'sally-supervised-'));
    asked = [];
    outcomes = [];
    answer = async () => ok(channel);
    const supervisor: Supervisor = {
      opening: (request) => {
        asked.push(request);
        return answer();
      },
      closed: (_channel, outcome) => void outcomes.push(outcome),
    };
    machine = supervised(childMachine({ home }), supervisor);
  });
  afterEach(async () => {
    await machine.end(over);
    await rm(home, { recursive: true, force: true });
  });

  it('tells the exit and the bytes both ways, once (SES-1, AUD-1)', async () => {
    const process = granted(await machine.exec(execRequest('cat; echo err >&2; exit 9')));
    await outcomeOf(process, Buffer.alloc(1000));
    await machine.end(over);
    expect(asked).toEqual([execRequest('cat; echo err >&2; exit 9')]);
    expect(outcomes).toEqual([{ exit: { how: 'exited', status: 9 }, bytesIn: 1000, bytesOut: 1004 }]);
  });

  it.each([
    ['refuses', async () => err(denied), 'POLICY_DENIED'],
    ['cannot answer', async () => Promise.reject(new Error('store')), 'POLICY_ERROR'],
  ])('starts nothing when the supervisor %s (POL-1)', async (_what, answering, code) => {
    answer = answering;
    expect(await machine.exec(execRequest('touch ran'))).toMatchObject({ ok: false, error: { code } });
    const listing = await childMachine({ home }).exec(execRequest('ls'));
    expect((await outcomeOf(granted(listing))).stdout.toString()).toBe('');
    expect(outcomes).toEqual([]);
  });

  it('tells why a channel did not start (AUD-1)', async () => {
    await machine.dial({ kind: 'dial', to: { family: 'unix', path: join(home, 'nothing') } });
    expect(outcomes).toMatchObject([{ refusal: { code: 'DIAL_FAILED' }, bytesIn: 0, bytesOut: 0 }]);
  });

  it('counts a forward (AUD-1)', async () => {
    const path = join(home, 'echo.sock');
    const server = createServer((socket) => socket.pipe(socket)).listen(path);
    const connection = granted(await machine.dial({ kind: 'dial', to: { family: 'unix', path } }));
    connection.end(Buffer.alloc(100_000));
    expect((await buffer(connection)).length).toBe(100_000);
    await new Promise((resolve) => (connection.closed ? resolve(0) : connection.once('close', resolve)));
    expect(outcomes).toEqual([{ bytesIn: 100_000, bytesOut: 100_000 }]);
    server.close();
  });

  it('closes what is open when the session ends (AUD-1)', async () => {
    granted(await machine.listen({ kind: 'listen', on: { family: 'tcp', host: '127.0.0.1', port: 0 } }, () => {}));
    await machine.end(over);
    expect(outcomes).toEqual([{ bytesIn: 0, bytesOut: 0 }]);
  });
});
