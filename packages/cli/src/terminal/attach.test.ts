// A terminal and pipes attached to a process that the test plays.

import { PassThrough } from 'node:stream';
import type { ExitStatus, WindowSize } from '@sallyport/protocol';
import { describe, expect, it } from 'vitest';
import type { Machine, Process } from '../client/session.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { en } from '../text/en.ts';
import type { Input } from '../world.ts';
import { attachPipes, attachTerminal } from './attach.ts';

const hungUp: ExitStatus = { how: 'signalled', signal: 'HUP', isCoreDumped: false };

function fakeProcess() {
  const { promise: exit, resolve: exited } = Promise.withResolvers<ExitStatus>();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const seen: { sizes: WindowSize[]; signals: string[] } = { sizes: [], signals: [] };
  const end = (status: ExitStatus): void => {
    stdout.end();
    stderr.end();
    exited(status);
  };
  const process: Process = {
    ...{ stdin, stdout, stderr, exit },
    resize: (size) => void seen.sizes.push(size),
    signal: (name) => void seen.signals.push(name),
    hangUp: () => end(hungUp),
  };
  return { process, end, seen, stdin, stdout, stderr };
}

function fakeMachine(ended: Machine['ended'] = new Promise(() => undefined)): Machine {
  const unused = (): never => {
    throw new Error('not part of this test');
  };
  return { shell: unused, exec: unused, sftp: unused, dial: unused, listen: unused, end: async () => undefined, ended };
}

/** A terminal that remembers how it was set. */
function onTerminal() {
  const fake = fakeWorld({ homeFolder: '/' }, []);
  const typed = new PassThrough();
  const modes: boolean[] = [];
  const stdin: Input = Object.assign(typed, { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  return { ...fake, typed, modes, world: { ...fake.world, stdin } };
}

describe('a terminal on a remote process', () => {
  it('carries both ways, tells its size, and is itself again afterwards (SES-5)', async () => {
    const { world, typed, modes, outputs, signals, exits } = onTerminal();
    const { process, end, seen, stdin, stdout } = fakeProcess();
    const attached = attachTerminal({ world, text: en, machine: fakeMachine(), process });
    expect(modes).toEqual([true]);
    typed.write('ls\r');
    stdout.write('a  b\r\n');
    signals.emit('SIGWINCH');
    await expect.poll(() => stdin.read()?.toString()).toBe('ls\r');
    end({ how: 'exited', status: 7 });
    expect(await attached).toEqual({ ok: true, value: { how: 'exited', status: 7 } });
    expect(outputs().stdout).toBe('a  b\r\n');
    expect(seen.sizes).toEqual([{ columns: 80, rows: 24, widthPx: 0, heightPx: 0 }]);
    expect(modes).toEqual([true, false]);
    expect([exits.size, signals.listenerCount('SIGTERM')]).toEqual([0, 0]);
  });

  it('is restored when the program crashes in the middle (SES-5)', () => {
    const { world, modes, exits } = onTerminal();
    void attachTerminal({ world, text: en, machine: fakeMachine(), process: fakeProcess().process });
    for (const run of exits) run();
    expect(modes).toEqual([true, false]);
  });

  it('hangs up at ~. and at a signal, at once (SES-5)', async () => {
    for (const how of ['~.', 'SIGHUP', 'SIGTERM']) {
      const { world, typed, outputs, signals } = onTerminal();
      const attached = attachTerminal({ world, text: en, machine: fakeMachine(), process: fakeProcess().process });
      if (how === '~.') typed.write('~.');
      else signals.emit(how);
      expect(await attached).toEqual({ ok: true, value: hungUp });
      if (how === '~.') expect(outputs().stderr).toContain('hung up');
    }
  });

  it('tells why the session was ended under the process (SES-6)', async () => {
    const refusal = {
      code: 'SESSION_ENDED',
      message: 'the time limit is reached',
      rule: 'session.maxDuration',
      hint: 'open a new session',
    } as const;
    const { world, modes } = onTerminal();
    const { process, end } = fakeProcess();
    const attached = attachTerminal({ world, text: en, machine: fakeMachine(Promise.resolve(refusal)), process });
    end(hungUp);
    expect(await attached).toEqual({ ok: false, error: { kind: 'refused', refusal } });
    expect(modes).toEqual([true, false]);
  });
});

describe('pipes on a remote process', () => {
  it('carry bytes as they are, and the end of the input (SES-5)', async () => {
    const { world, outputs } = fakeWorld({ homeFolder: '/', stdin: 'in\0put' }, []);
    const { process, end, stdin, stdout, stderr } = fakeProcess();
    const attached = attachPipes({ world, text: en, machine: fakeMachine(), process });
    const received: Buffer[] = [];
    for await (const chunk of stdin) received.push(chunk);
    stdout.write(Buffer.from([0, 255, 10]));
    stderr.write('err');
    end({ how: 'exited', status: 0 });
    await attached;
    expect(Buffer.concat(received).toString()).toBe('in\0put');
    expect(outputs().stderr).toBe('err');
  });

  it('send the first Ctrl-C on and hang up at the second (SES-5)', async () => {
    const { world, signals } = fakeWorld({ homeFolder: '/' }, []);
    const { process, seen } = fakeProcess();
    const attached = attachPipes({ world, text: en, machine: fakeMachine(), process });
    signals.emit('SIGINT');
    expect(seen.signals).toEqual(['INT']);
    signals.emit('SIGINT');
    expect(await attached).toEqual({ ok: true, value: hungUp });
  });
});
