// Connections are made and taken with the login's rights, and the agent itself never listens.

import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expectOk, type Result } from '@sallyport/core';
import type { Refusal, SocketAddress } from '@sallyport/protocol';
import { uids } from './bed.ts';
import { eventually, over, type Scenarios } from './scenario.ts';

const unix = (path: string): SocketAddress => ({ family: 'unix', path });
const tcp = (host: string, port = 0): SocketAddress => ({ family: 'tcp', host, port });

function refusedWith<T>(result: Result<T, Refusal>, code: string, why: RegExp): void {
  assert(!result.ok);
  assert.equal(result.error.code, code);
  assert.match(result.error.message, why);
}

/** Inodes of the sockets that this process has open and that listen, TCP and Unix. */
function listeningSockets(): readonly string[] {
  const own = new Set(readdirSync('/proc/self/fd').flatMap((fd) => socketOf(`/proc/self/fd/${fd}`) ?? []));
  const rows = (file: string) =>
    readFileSync(`/proc/net/${file}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/));
  // proc_net(5): state 0A is LISTEN; flag 00010000 of a Unix socket is __SO_ACCEPTCON.
  const listens = [
    ...[...rows('tcp'), ...rows('tcp6')].filter((row) => row[3] === '0A').map((row) => row[9]),
    ...rows('unix')
      .filter((row) => row[3] === '00010000')
      .map((row) => row[6]),
  ];
  return listens.flatMap((inode) => (inode !== undefined && own.has(inode) ? [inode] : []));
}

function socketOf(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}

const handPids = (): readonly number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => isHandOfMine(pid))
    .map(Number);

function isHandOfMine(pid: string): boolean {
  try {
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return parent === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('login-hand');
  } catch {
    return false;
  }
}

export const connectionScenarios: Scenarios = {
  dialUnix: async (ground) => {
    const path = `${ground.folder}/service`;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      void buffer(socket).then((said) => socket.end(`heard ${said}`));
    });
    server.listen(path);
    await once(server, 'listening');
    try {
      const machine = await ground.machine();
      chmodSync(path, 0o600);
      refusedWith(await machine.dial({ kind: 'dial', to: unix(path) }), 'DIAL_FAILED', /permission denied/);
      chownSync(path, uids.dana, uids.dana);
      const connection = expectOk(await machine.dial({ kind: 'dial', to: unix(path) }));
      connection.end('half-closed');
      assert.equal((await buffer(connection)).toString(), 'heard half-closed');
      refusedWith(await machine.dial({ kind: 'dial', to: unix(`${path}-absent`) }), 'DIAL_FAILED', /no such socket/);
      refusedWith(await machine.dial({ kind: 'dial', to: unix('relative') }), 'BAD_REQUEST', /absolute/);
    } finally {
      server.close();
    }
  },

  dialTcp: async (ground) => {
    const machine = await ground.machine();
    refusedWith(await machine.dial({ kind: 'dial', to: tcp('127.0.0.1', 1) }), 'DIAL_FAILED', /refused/);
    refusedWith(await machine.dial({ kind: 'dial', to: tcp('no-such-host.invalid', 80) }), 'DIAL_FAILED', /name/);
    refusedWith(await machine.dial({ kind: 'dial', to: tcp('*', 80) }), 'BAD_REQUEST', /no address/);
    const server = createServer((socket) => socket.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert(typeof address === 'object' && address !== null);
    try {
      const connection = expectOk(await machine.dial({ kind: 'dial', to: tcp('localhost', address.port) }));
      connection.end();
      assert.equal((await buffer(connection)).toString(), 'hello');
    } finally {
      server.close();
    }
  },

  listenUnix: async (ground) => {
    const machine = await ground.machine();
    const path = `${ground.folder}/dana/listener`;
    const answer = (connection: Duplex) => void buffer(connection).then((said) => connection.end(`got ${said}`));
    const listener = expectOk(await machine.listen({ kind: 'listen', on: unix(path) }, answer));
    const { uid, mode } = statSync(path);
    assert.deepEqual([uid, mode & 0o777], [uids.dana, 0o600]);
    const client = connect({ path, allowHalfOpen: true });
    client.end('words');
    assert.equal((await buffer(client)).toString(), 'got words');
    refusedWith(await machine.listen({ kind: 'listen', on: unix(path) }, answer), 'HOST_UNABLE', /in use/);
    refusedWith(
      await machine.listen({ kind: 'listen', on: unix(`${ground.folder}/not-mine`) }, answer),
      'HOST_UNABLE',
      /permission denied/,
    );
    await listener.close();
    assert(!existsSync(path), 'the socket file is removed');
    expectOk(await machine.listen({ kind: 'listen', on: unix(path) }, answer));
    await machine.end(over);
    assert(!existsSync(path), 'the socket file is removed with the session');
  },

  listenTcp: async (ground) => {
    const machine = await ground.machine();
    const ignore = (connection: Duplex) => connection.destroy();
    refusedWith(await machine.listen({ kind: 'listen', on: tcp('*') }, ignore), 'BAD_REQUEST', /loopback only/);
    refusedWith(await machine.listen({ kind: 'listen', on: tcp('0.0.0.0') }, ignore), 'BAD_REQUEST', /loopback only/);
    if (Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) > 81) {
      refusedWith(
        await machine.listen({ kind: 'listen', on: tcp('', 81) }, ignore),
        'HOST_UNABLE',
        /permission denied/,
      );
    }
    const { port } = expectOk(await machine.listen({ kind: 'listen', on: tcp('') }, ignore));
    refusedWith(await machine.listen({ kind: 'listen', on: tcp('127.0.0.1', port) }, ignore), 'HOST_UNABLE', /in use/);
    const wide = await ground.machine('dana', { listenAddresses: 'any' });
    assert((await wide.listen({ kind: 'listen', on: tcp('127.0.0.2') }, ignore)).ok);
  },

  neverListens: async (ground) => {
    const machine = await ground.machine();
    const held: Duplex[] = [];
    const listeners = [tcp('localhost'), unix(`${ground.folder}/dana/s`)].map((on) =>
      machine.listen({ kind: 'listen', on }, (connection) => {
        held.push(connection);
        connection.resume();
      }),
    );
    const [first] = (await Promise.all(listeners)).map(expectOk);
    const client = connect({ port: first?.port ?? 0, host: '127.0.0.1' });
    await eventually(() => held.length === 1);
    assert.deepEqual(listeningSockets(), []);
    const control = createServer().listen(0, '127.0.0.1');
    await once(control, 'listening');
    assert.equal(listeningSockets().length, 1, 'the check sees a listener');
    control.close();
    client.destroy();
    rmSync(`${ground.folder}/dana/s`, { force: true });
  },

  handIsOutOfReach: async (ground) => {
    const machine = await ground.machine();
    expectOk(await machine.listen({ kind: 'listen', on: tcp('') }, () => undefined));
    const [pid] = handPids();
    assert(pid !== undefined, 'the hand runs');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    assert.match(status, new RegExp(`^Uid:\\s+0\\s+${uids.dana}\\s+0\\s+${uids.dana}$`, 'm'));
    assert.match(status, /^CapEff:\s+0+$/m);
    const { stdout } = await ground.run(
      machine,
      `kill -9 ${pid} 2>&1; cat /proc/${pid}/environ 2>&1; ls /proc/${pid}/fd 2>&1`,
    );
    assert.equal(stdout.match(/not permitted|[Pp]ermission denied/g)?.length, 3, stdout);
    await machine.end(over);
    assert.deepEqual(handPids(), []);
  },
};
