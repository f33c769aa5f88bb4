// Terminals, and what a person reads when a session nears its end or is over (SES-2, SES-6, SES-7).
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ok } from '@sallyport/core';
import type { ExitStatus, Refusal, ShellRequest, WindowSize } from '@sallyport/protocol';
import { childMachine, type FakeClock, fakeClock, run, type SshPeer, sshPeer } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limited } from '../lens/limited.ts';
import type { Machine } from '../machine.ts';

const host = 'web.ws';
const revoked: Refusal = { code: 'POLICY_DENIED', message: 'access was revoked', rule: 'r1', hint: 'ask ada' };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('a session through the door', () => {
  let peer: SshPeer;
  let clock: FakeClock;
  let machine: Machine;
  const started = () => join(peer.folder, 'started');
  beforeEach(async () => {
    clock = fakeClock();
    peer = await sshPeer({
      clock,
      open: async (_login, notify) => {
        machine = limited(
          childMachine({ home: peer.folder }),
          { endsAt: clock.now() + 3_600_000, idleMs: 0 },
          clock,
          notify,
        );
        return ok(machine);
      },
    });
  });
  afterEach(() => peer.stop());

  it('announces its limit, says why it ends, and exits 75 (SES-6)', async () => {
    const running = peer.ssh([host, 'touch started; sleep 600']);
    await until(() => existsSync(started()));
    await clock.advance(3_600_000);
    const { stderr, status } = await running;
    expect(stderr.split('\n')).toEqual([
      'sally: this session ends in 5 minutes: its time limit is near',
      'sally: this session ends in 60 seconds: its time limit is near',
      'sally: this session ends in 30 seconds: its time limit is near',
      'sally: the session reached its time limit; hint: open a new session',
      'sally: session ended: the session reached its time limit',
      'hint: open a new session',
      '',
    ]);
    expect(status).toBe(75);
  });

  it('ends with the reason when access is revoked, in every channel (SES-7)', async () => {
    const running = peer.ssh([host, 'touch started; sleep 600']);
    await until(() => existsSync(started()));
    await machine.end(revoked);
    const { stderr, status } = await running;
    expect(stderr).toBe('sally: session ended: access was revoked\nhint: ask ada\n');
    expect(status).toBe(77);
  });

  it('ends with the reason when no channel is open (SES-7)', async () => {
    const running = peer.ssh([
      '-N',
      '-o',
      'LogLevel=INFO',
      '-o',
      'PermitLocalCommand=yes',
      '-M',
      '-S',
      started(),
      host,
    ]);
    await until(() => existsSync(started()));
    await machine.end(revoked);
    expect((await running).stderr).toContain('sally: session ended: access was revoked; hint: ask ada');
  });

  it('ends the machine when the client goes away (SES-2)', async () => {
    await peer.ssh([host, 'true']);
    expect(await machine.ended).toMatchObject({ code: 'SESSION_ENDED', message: 'the SSH connection closed' });
  });

  it('ends the machine when the client is killed, with what it runs (SES-2)', async () => {
    const running = run(['timeout', '-s', 'KILL', '1', 'ssh', '-F', peer.config, host, 'echo $$ > started; sleep 600']);
    await until(() => existsSync(started()));
    await running;
    expect(await machine.ended).toMatchObject({ code: 'SESSION_ENDED' });
  });
});

/** A terminal program of the test: tells what it was asked, and ends with the first key. */
function terminalMachine(asked: ShellRequest[], sizes: WindowSize[], ready: () => void): Machine {
  const machine: Machine = {
    ended: new Promise(() => {}),
    end: async () => {},
    shell: async (request) => {
      asked.push(request);
      const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
      const { promise: exit, resolve } = Promise.withResolvers<ExitStatus>();
      stdout.write('ready\r\n');
      stdin.once('data', () => {
        stdout.end('bye\r\n');
        stderr.end();
        resolve({ how: 'exited', status: 3 });
      });
      ready();
      return ok({ stdin, stdout, stderr, exit, resize: (s) => sizes.push(s), signal: () => {}, hangUp: () => {} });
    },
    exec: () => new Promise(() => {}),
    sftp: () => new Promise(() => {}),
    dial: () => new Promise(() => {}),
    listen: () => new Promise(() => {}),
  };
  return machine;
}

describe('a terminal through the door', () => {
  it('has the type, size and modes of the person’s own, and follows its size (SES-2)', async () => {
    const [asked, sizes]: [ShellRequest[], WindowSize[]] = [[], []];
    const notices: ((text: string) => void)[] = [];
    const peer = await sshPeer({
      open: async (_login, notify) => {
        notices.push(notify);
        return ok(terminalMachine(asked, sizes, () => void writeFile(join(peer.folder, 'started'), '')));
      },
    });
    const resized = 'while [ ! -e started ]; do sleep 0.02; done; stty rows 40 cols 120';
    const keyed = 'while [ ! -e resized ]; do sleep 0.02; done; printf x';
    const inner = `stty rows 31 cols 97 -echoctl; (${resized} < /dev/tty) & exec ssh -F config ${host}`;
    const terminal = `(${keyed}) | TERM=xterm-256color SHELL=/bin/sh script -qec '${inner}' /dev/null`;
    const running = run(['sh', '-c', terminal], { cwd: peer.folder });
    await until(() => sizes.at(-1)?.columns === 120);
    notices[0]?.('a notice\u001b[2J');
    await writeFile(join(peer.folder, 'resized'), '');
    const { stdout, status } = await running;
    expect(asked[0]?.terminal).toMatchObject({
      term: 'xterm-256color',
      size: { columns: 97, rows: 31 },
      modes: { ECHO: 1, ECHOCTL: 0, ICANON: 1, VINTR: 3, OSPEED: expect.any(Number) },
    });
    expect(sizes.at(-1)).toMatchObject({ columns: 120, rows: 40 });
    expect(stdout).toContain('ready\r\n\r\nsally: a notice [2J\r\n');
    expect(stdout).toContain('bye\r\n');
    expect(status).toBe(3);
    await peer.stop();
  });
});
