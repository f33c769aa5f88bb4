// A client that breaks the rules on purpose: what it sends must never take the door down, nor make it hold more than its bounds.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Duplex, duplexPair, PassThrough, Readable } from 'node:stream';
import { ok } from '@sallyport/core';
import type { ShellRequest } from '@sallyport/protocol';
import { type FakeClock, fakeClock, RawSshClient } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Machine, Process } from '../machine.ts';
import { serveSsh } from '../serve-ssh.ts';
import type { SshDoor } from './door.ts';
import { message, string, uint32 } from './wire.ts';

const [request, success, failure] = [message.channelRequest, message.channelSuccess, message.channelFailure];
const yes = Buffer.of(1);

// Many turns of the event loop: what would grow has grown.
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) await new Promise(setImmediate);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

function mirrorMachine(started: (request: ShellRequest) => void, flood: Readable = new PassThrough()): Machine {
  const process = (): Process => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    // Reads nothing: what the client sends stays where it is.
    const stdin = new PassThrough({ highWaterMark: 16_384 });
    return { stdin, stdout, stderr, exit: new Promise(() => {}), resize: () => {}, signal: () => {}, hangUp: () => {} };
  };
  return {
    ended: new Promise(() => {}),
    end: async () => {},
    shell: async (asked) => {
      started(asked);
      return ok(process());
    },
    exec: async () => ok({ ...process(), stdout: flood }),
    sftp: async () => ok(process()),
    dial: () => new Promise(() => {}),
    listen: () => new Promise(() => {}),
  };
}

describe('a hostile client', () => {
  const key = generateKeyPairSync('ed25519');
  let clock: FakeClock;
  let door: SshDoor;
  let client: RawSshClient;
  let opened: number;
  let asked: number;
  let shells: ShellRequest[];
  let inner: Duplex;
  let producedBytes: number;

  beforeEach(() => {
    [clock, opened, asked, shells, producedBytes] = [fakeClock(), 0, 0, [], 0];
    const [here, there] = duplexPair();
    inner = there;
    door = serveSsh(there, {
      hostKey: generateKeyPairSync('ed25519').privateKey,
      clock,
      limits: { maxChannels: 10, maxListeners: 2, maxAuthAttempts: 3 },
      authenticate: ({ login }) => {
        asked += 1;
        return login === 'root';
      },
      open: async () => {
        opened += 1;
        return ok(mirrorMachine((shell) => shells.push(shell), flood()));
      },
    });
    client = new RawSshClient(here);
  });
  afterEach(async () => {
    client.raw(randomBytes(64));
    inner.destroy();
    await door.closed;
  });

  const flood = () =>
    new Readable({
      read(bytes) {
        producedBytes += bytes;
        this.push(Buffer.alloc(bytes));
      },
    });
  const login = async () => {
    await client.service();
    client.send(message.userauthRequest, client.signedRequest('root', key));
    await client.until(message.userauthSuccess);
  };
  const openSession = async (id = 0, window = 1_000_000) => {
    client.send(message.channelOpen, string('session'), uint32(id), uint32(window), uint32(32_768));
    await client.until(message.channelOpenConfirmation, id + 1);
  };
  const channelRequest = (type: string, ...rest: readonly Uint8Array[]) =>
    client.send(request, uint32(0), string(type), yes, ...rest);
  const closes = () => until(() => client.closed);

  it('learns the one method that is offered, and is disconnected after the attempts it may have (SES-2)', async () => {
    await client.service();
    client.send(message.userauthRequest, string('root'), string('ssh-connection'), string('none'));
    expect((await client.until(message.userauthFailure)).subarray(5, 14).toString()).toBe('publickey');
    for (let n = 0; n < 3; n += 1) {
      client.send(
        message.userauthRequest,
        string('root'),
        string('ssh-connection'),
        string('password'),
        Buffer.of(0),
        string('x'),
      );
    }
    await closes();
    expect([client.count(message.userauthFailure), asked, opened]).toEqual([3, 0, 0]);
  });

  it.each([
    ['of another user', (c: RawSshClient) => Buffer.concat([string('toor'), c.signedRequest('root', key).subarray(8)])],
    [
      'by another key',
      (c: RawSshClient) => c.signedRequest('root', { ...key, privateKey: generateKeyPairSync('ed25519').privateKey }),
    ],
    ['cut short', (c: RawSshClient) => c.signedRequest('root', key).subarray(0, -1)],
    ['with bytes after it', (c: RawSshClient) => Buffer.concat([c.signedRequest('root', key), yes])],
  ])('is not let in by a signature %s (SES-2)', async (_what, forged) => {
    await client.service();
    client.send(message.userauthRequest, forged(client));
    await client.until(message.userauthFailure);
    expect([opened, asked]).toEqual([0, 0]);
  });

  it('may not change the user name on the way (SES-2)', async () => {
    await client.service();
    client.send(message.userauthRequest, client.signedRequest('other', key));
    await client.until(message.userauthFailure);
    client.send(message.userauthRequest, client.signedRequest('root', key));
    await closes();
    expect(opened).toBe(0);
  });

  it.each([
    ['a channel', () => client.send(message.channelOpen, string('session'), uint32(0), uint32(9), uint32(9))],
    ['a forward', () => client.send(message.globalRequest, string('tcpip-forward'), yes, string(''), uint32(0))],
    [
      'authentication without the service',
      () => client.send(message.userauthRequest, client.signedRequest('root', key)),
    ],
  ])('is disconnected for %s before authentication (SES-2)', async (_what, send) => {
    await client.ready.promise;
    send();
    await closes();
    expect(opened).toBe(0);
  });

  it('has only so long to log in (SES-2)', async () => {
    await client.service();
    await clock.advance(60_000);
    await closes();
  });

  it('has only so long to shake hands, a byte at a time (SES-2)', async () => {
    const [here, there] = duplexPair();
    const slow = serveSsh(there, {
      hostKey: generateKeyPairSync('ed25519').privateKey,
      clock,
      authenticate: () => true,
      open: async () => ok(mirrorMachine(() => {})),
    });
    here.resume();
    await once(here, 'data');
    for (const byte of Buffer.from('SSH-2.0-slow')) here.write(Buffer.of(byte));
    await clock.advance(60_000);
    await slow.closed;
  });

  it.each([
    ['garbage', randomBytes(4096)],
    ['an endless name', Buffer.alloc(100_000, 'S')],
    ['an old version', Buffer.from('SSH-1.5-old\r\n')],
    ['lines before the name', Buffer.from('hello\r\nSSH-2.0-x\r\n')],
  ])('is disconnected for %s instead of a handshake (SES-2)', async (_what, bytes) => {
    const [here, there] = duplexPair();
    here.on('error', () => {}).resume();
    const fresh = serveSsh(there, {
      hostKey: generateKeyPairSync('ed25519').privateKey,
      clock,
      authenticate: () => true,
      open: async () => ok(mirrorMachine(() => {})),
    });
    here.write(bytes);
    await once(here, 'end');
    here.destroy();
    there.destroy();
    await fresh.closed;
  });

  it('starts one program a channel, whatever it asks and in what order (SES-2)', async () => {
    await login();
    await openSession();
    const size = Buffer.concat([80, 24, 0, 0].map(uint32));
    channelRequest('window-change', size);
    channelRequest('signal', string('TERM'));
    channelRequest('pty-req', string('xterm'), size, string(Buffer.of(129, 0xff, 0, 0, 1, 53, 0, 0, 0, 0, 0)));
    channelRequest('pty-req', string('xterm'), size, string(''));
    channelRequest('shell');
    channelRequest('shell');
    channelRequest('exec', string('id'));
    channelRequest('subsystem', string('sftp'));
    channelRequest('env', string('LANG'), string('C'));
    channelRequest('no-such-request', randomBytes(100));
    await client.until(failure, 8);
    expect([client.count(success), shells.length]).toEqual([2, 1]);
    expect(shells[0]?.terminal).toMatchObject({ term: 'xterm', modes: { OSPEED: 0xff000001, ECHO: 0 } });
  });

  it('sets a bounded number of variables, of bounded size (SES-2)', async () => {
    await login();
    await openSession();
    channelRequest('env', string('LC_BIG'), string('x'.repeat(30_000)));
    for (let n = 0; n < 999; n += 1) channelRequest('env', string(`LC_${n}`), string('v'));
    channelRequest('env', string('LC_ALL'), string('a\0b'));
    channelRequest('env', string('LD_PRELOAD'), string('/tmp/x'));
    channelRequest('shell');
    await client.until(success, 65);
    await until(() => shells.length === 1);
    expect(Object.keys(shells[0]?.environment ?? {})).toHaveLength(64);
    expect(client.count(failure)).toBe(1002 - 64);
  });

  it('has a bounded number of channels of 10,000 (SES-2)', async () => {
    await login();
    for (let n = 0; n < 10_000; n += 1) {
      client.send(message.channelOpen, string('session'), uint32(n), uint32(9), uint32(9));
    }
    await client.until(message.channelOpenFailure, 9_990);
    expect(client.count(message.channelOpenConfirmation)).toBe(10);
    expect(client.closed).toBe(false);
  });

  it('cannot make the door hold more than the window, by a program that does not read (SES-2)', async () => {
    await login();
    await openSession();
    channelRequest('shell');
    await client.until(success);
    for (let n = 0; n < 64; n += 1) client.send(message.channelData, uint32(0), string(Buffer.alloc(32_768)));
    expect(client.closed).toBe(false);
    client.send(message.channelData, uint32(0), string(Buffer.alloc(32_768)));
    await closes();
  });

  it('cannot make the door collect output that it does not read, however wide its window (SES-2)', async () => {
    await login();
    await openSession(0, 0xffff_ffff);
    channelRequest('exec', string('flood'));
    client.stopReading();
    await until(() => producedBytes > 0);
    await settled();
    expect(producedBytes + inner.writableLength).toBeLessThan(4_000_000);
  });

  it('cannot make the door collect output by a key exchange that it does not finish (SES-2)', async () => {
    await login();
    await openSession(0, 0xffff_ffff);
    client.beginKeyExchange();
    channelRequest('exec', string('flood'));
    await settled();
    expect(producedBytes).toBeLessThan(1_000_000);
  });

  it('cannot make the door collect answers that it does not read (SES-2)', async () => {
    await login();
    await openSession();
    client.stopReading();
    for (let n = 0; n < 60_000; n += 1) {
      channelRequest('env', string('NO'), string('x'));
      if (n % 500 === 0) await new Promise(setImmediate);
    }
    await settled();
    expect(inner.writableLength).toBeGreaterThan(900_000);
    expect(inner.writableLength).toBeLessThan(1_500_000);
  });

  it('cannot make the door hold global requests without end (SES-2)', async () => {
    await login();
    for (let n = 0; n < 200; n += 1) {
      client.send(message.globalRequest, string('tcpip-forward'), yes, string(''), uint32(0));
    }
    await closes();
  });

  it.each([
    ['data for no channel', message.channelData, [uint32(7), string('x')]],
    ['a cut message', message.channelData, [uint32(0), uint32(1_000)]],
    ['a confirmation of nothing', message.channelOpenConfirmation, [uint32(3), uint32(0), uint32(0), uint32(0)]],
    ['a refusal of nothing', message.channelOpenFailure, [uint32(3), uint32(0), string(''), string('')]],
    ['a request without a type', request, [uint32(0)]],
    ['an open without an end', message.channelOpen, [string('session')]],
    ['a text that is none', message.channelOpen, [string(Buffer.of(0xff)), uint32(0), uint32(0), uint32(0)]],
    ['a message of no kind', 127, [uint32(0)]],
    ['an empty open', message.channelOpen, []],
    ['an empty global request', message.globalRequest, []],
  ])('is disconnected for %s (SES-2)', async (_what, number, parts) => {
    await login();
    await openSession();
    client.send(number, ...parts);
    await closes();
  });

  it('is survived, whatever it sends in whatever order (SES-2)', async () => {
    await login();
    await openSession();
    for (let n = 0; n < 2_000 && !client.closed; n += 1) {
      const number = 80 + ((randomBytes(1)[0] ?? 0) % 21);
      const head = n % 2 === 0 ? uint32(0) : randomBytes(4);
      client.send(number, head, randomBytes((randomBytes(1)[0] ?? 0) % 64));
    }
    await closes();
  });
});
