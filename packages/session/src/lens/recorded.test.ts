// A recorder that the test holds: order, back-pressure, and failing closed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { err, ok, type Result } from '@sallyport/core';
import type { ExitStatus, Refusal } from '@sallyport/protocol';
import { childMachine, execRequest, granted, outcomeOf } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Machine } from '../machine.ts';
import { type ChannelRecording, type NotedRequest, type Recorder, recorded } from './recorded.ts';

const broken: Refusal = { code: 'RECORDING_UNAVAILABLE', message: 'disk full', rule: 'test', hint: 'none' };

class HeldRecorder implements Recorder, ChannelRecording {
  readonly frames: string[] = [];
  readonly notes: NotedRequest[] = [];
  readonly #failure = Promise.withResolvers<Refusal>();
  readonly failed = this.#failure.promise;
  readonly sealed = Promise.withResolvers<ExitStatus | undefined>();
  wantsInput = false;
  beginning: Result<ChannelRecording, Refusal> = ok(this);
  sealing: Result<void, Refusal> = ok();
  pressure: Promise<void> | undefined;

  fail = () => this.#failure.resolve(broken);
  begin = async () => this.beginning;
  noted = (request: NotedRequest) => void this.notes.push(request);
  output = (chunk: Uint8Array, stream: string) => void this.frames.push(`${stream}:${Buffer.from(chunk)}`);
  input = (chunk: Uint8Array) => void this.frames.push(`stdin:${Buffer.from(chunk)}`);
  resize = (size: { columns: number }) => void this.frames.push(`columns:${size.columns}`);
  full = () => this.pressure;
  seal = async (exit: ExitStatus | undefined) => {
    this.sealed.resolve(exit);
    return this.sealing;
  };
}

describe('a recorded machine', () => {
  let home: string;
  let recorder: HeldRecorder;
  let machine: Machine;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'sally-recorded-'));
    recorder = new HeldRecorder();
    machine = recorded(childMachine({ home }), recorder);
  });
  afterEach(async () => {
    await machine.end(broken);
    await rm(home, { recursive: true, force: true });
  });

  it('records what is shown, and seals with the exit (REC-1)', async () => {
    const process = granted(await machine.exec(execRequest('echo out; echo err >&2; exit 3')));
    process.resize({ columns: 99, rows: 1, widthPx: 0, heightPx: 0 });
    await outcomeOf(process, Buffer.from('secret'));
    expect([...recorder.frames].sort()).toEqual(['columns:99', 'stderr:err\n', 'stdout:out\n']);
    expect(await recorder.sealed.promise).toEqual({ how: 'exited', status: 3 });
  });

  it('records keystrokes when the recorder wants them (REC-1)', async () => {
    recorder.wantsInput = true;
    await outcomeOf(granted(await machine.exec(execRequest('cat'))), Buffer.from('typed'));
    expect([...recorder.frames].sort()).toEqual(['stdin:typed', 'stdout:typed']);
  });

  it('starts nothing that cannot be recorded (REC-1)', async () => {
    recorder.beginning = err(broken);
    const marker = join(home, 'ran');
    expect(await machine.exec(execRequest(`touch ${marker}`))).toEqual(err(broken));
    expect((await outcomeOf(granted(await childMachine({ home }).exec(execRequest('ls'))))).stdout.toString()).toBe('');
  });

  it('ends the session when a recording fails (REC-1)', async () => {
    const process = granted(await machine.exec(execRequest('sleep 600')));
    process.stdout.resume();
    recorder.fail();
    expect(await machine.ended).toEqual(broken);
    expect((await process.exit).how).toBe('signalled');
  });

  it('ends the session when a recording cannot be sealed (REC-1)', async () => {
    recorder.sealing = err(broken);
    await outcomeOf(granted(await machine.exec(execRequest('true'))));
    expect(await machine.ended).toEqual(broken);
  });

  it('holds the output back while the recorder is full, and loses nothing (REC-1)', async () => {
    const room = Promise.withResolvers<void>();
    recorder.pressure = room.promise;
    const process = granted(await machine.exec(execRequest('head -c 5000000 /dev/zero')));
    const all = buffer(process.stdout);
    process.stderr.resume();
    await new Promise((resolve) => process.stdout.once('data', resolve));
    expect(recorder.frames).toHaveLength(1);
    recorder.pressure = undefined;
    room.resolve();
    expect((await all).length).toBe(5_000_000);
    expect(await process.exit).toEqual({ how: 'exited', status: 0 });
  });

  it('tells of transfers and forwards without their bytes (REC-1)', async () => {
    const to = { family: 'tcp', host: '127.0.0.1', port: 1 } as const;
    await outcomeOf(granted(await machine.sftp({ kind: 'sftp' })));
    await machine.dial({ kind: 'dial', to });
    expect(recorder.notes).toEqual([{ kind: 'sftp' }, { kind: 'dial', to }]);
    expect(recorder.frames).toEqual([]);
  });
});
