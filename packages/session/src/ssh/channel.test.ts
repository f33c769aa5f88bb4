// What a channel promises about windows and ends, seen by a client that counts every message (RFC 4254 §5).
import { generateKeyPairSync } from 'node:crypto';
import { duplexPair, PassThrough } from 'node:stream';
import { ok } from '@sallyport/core';
import type { ExitStatus } from '@sallyport/protocol';
import { fakeClock, RawSshClient } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Machine, Process } from '../machine.ts';
import { serveSsh } from '../serve-ssh.ts';
import type { SshDoor } from './door.ts';
import { message, string, uint32, WireReader } from './wire.ts';

const none = () => new Promise<never>(() => {});

describe('a channel', () => {
  let client: RawSshClient;
  let door: SshDoor;
  let exit: PromiseWithResolvers<ExitStatus>;
  let calls: string[];
  let process: Process & { readonly stdin: PassThrough; readonly stdout: PassThrough; readonly stderr: PassThrough };

  beforeEach(async () => {
    calls = [];
    exit = Promise.withResolvers();
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const note = (call: string) => void calls.push(call);
    process = {
      stdin,
      stdout,
      stderr,
      exit: exit.promise,
      resize: () => {},
      signal: note,
      hangUp: () => note('hangUp'),
    };
    const machine: Machine = {
      ended: none(),
      end: async () => {},
      shell: none,
      exec: async () => ok(process),
      sftp: none,
      dial: none,
      listen: none,
    };
    const [here, there] = duplexPair();
    const key = generateKeyPairSync('ed25519');
    door = serveSsh(there, {
      hostKey: key.privateKey,
      clock: fakeClock(),
      authenticate: () => true,
      open: async () => ok(machine),
    });
    client = new RawSshClient(here);
    await client.service();
    client.send(message.userauthRequest, client.signedRequest('root', key));
    await client.until(message.userauthSuccess);
  });
  afterEach(async () => {
    client.raw(Buffer.alloc(64));
    await door.closed;
  });

  const start = async (window: number) => {
    client.send(message.channelOpen, string('session'), uint32(0), uint32(window), uint32(8));
    await client.until(message.channelOpenConfirmation);
    request('exec', string('x'));
    await client.until(message.channelSuccess);
  };
  const request = (type: string, ...rest: readonly Buffer[]) =>
    client.send(message.channelRequest, uint32(0), string(type), Buffer.of(1), ...rest);
  const data = () =>
    client.received
      .filter((payload) => payload[0] === message.channelData)
      .map((payload) => new WireReader(payload, 5).text());
  const kinds = () => client.received.map((payload) => payload[0]);

  it('sends no more than the window, in packets no larger than the peer takes (SES-2)', async () => {
    await start(20);
    process.stdout.write('0123456789abcdefghijklmnop');
    await client.until(message.channelData, 3);
    client.send(message.channelWindowAdjust, uint32(0), uint32(100));
    await client.until(message.channelData, 4);
    expect(data()).toEqual(['01234567', '89abcdef', 'ghij', 'klmnop']);
  });

  it('loses nothing of a source that goes on though it was paused (SES-2)', async () => {
    await start(4);
    process.stdout.write('first ');
    await client.until(message.channelData);
    process.stdout.resume();
    process.stdout.write('second ');
    process.stdout.end('third');
    await new Promise(setImmediate);
    client.send(message.channelWindowAdjust, uint32(0), uint32(100));
    process.stderr.end();
    exit.resolve({ how: 'exited', status: 0 });
    await client.until(message.channelClose);
    expect(data().join('')).toBe('first second third');
  });

  it('tells output, its end, the exit and the close in that order (SES-2)', async () => {
    await start(1_000);
    exit.resolve({ how: 'exited', status: 9 });
    await new Promise(setImmediate);
    process.stderr.end('e');
    process.stdout.end('o');
    await client.until(message.channelClose);
    const { channelExtendedData: e, channelData: o, channelEof, channelRequest, channelClose } = message;
    expect(kinds().slice(-5)).toEqual([e, o, channelEof, channelRequest, channelClose]);
  });

  it('goes on with errors while output has no room, and the other way round (SES-2)', async () => {
    await start(3);
    process.stdout.write('out');
    process.stdout.write('put');
    process.stderr.write('err');
    await client.until(message.channelData);
    client.send(message.channelWindowAdjust, uint32(0), uint32(6));
    await client.until(message.channelExtendedData);
    expect(data().join('')).toBe('output');
  });

  it('gives the window back as the program takes its input (SES-2)', async () => {
    await start(1_000);
    const halfWindow = 1_048_576;
    process.stdin.resume();
    for (let n = 0; n < halfWindow / 32_768; n += 1) {
      client.send(message.channelData, uint32(0), string(Buffer.alloc(32_768)));
    }
    const given = () =>
      client.received
        .filter((payload) => payload[0] === message.channelWindowAdjust)
        .reduce((sum, payload) => sum + payload.readUInt32BE(5), 0);
    while (given() < halfWindow) await new Promise(setImmediate);
    expect(given()).toBe(halfWindow);
  });

  it('sends a program that nobody reads SIGPIPE, and hangs it up when it goes on (SES-2)', async () => {
    await start(4);
    process.stdout.write('before');
    await client.until(message.channelData);
    request('eow@openssh.com');
    await client.until(message.channelSuccess, 2);
    expect(calls).toEqual([]);
    process.stdout.write('x');
    await new Promise(setImmediate);
    expect(calls).toEqual(['PIPE']);
    for (let n = 0; n < 80; n += 1) process.stdout.write(Buffer.alloc(65_536));
    await new Promise(setImmediate);
    expect(calls).toEqual(['PIPE', 'hangUp']);
  });

  it('ends the input with the client’s end of file, and hangs up with its close (SES-2)', async () => {
    await start(4);
    client.send(message.channelData, uint32(0), string('in'));
    client.send(message.channelEof, uint32(0));
    expect((await process.stdin.toArray()).join('')).toBe('in');
    client.send(message.channelClose, uint32(0));
    await client.until(message.channelClose);
    expect(calls).toEqual(['hangUp']);
  });
});
