// Forwards of the OpenSSH client in all directions, and many sessions on one connection (SES-2).
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ok } from '@sallyport/core';
import { childMachine, freePort, Running, run, type SshPeer, sshPeer, waitFor } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Machine } from '../machine.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const host = 'web.ws';
const payload = randomBytes(3_000_000);

/** Answers only after the end of what it is sent: it proves that half-close passes. */
async function digestServer(where: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash('sha256');
    socket.on('error', () => {});
    socket.on('data', (chunk) => hash.update(chunk)).on('end', () => socket.end(hash.digest('hex')));
  });
  server.listen(where);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

async function digestThrough(options: NetConnectOpts): Promise<string> {
  const socket = connect({ ...options, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.end(payload);
  return (await buffer(socket)).toString();
}

describe('forwards of one master connection', () => {
  let peer: SshPeer;
  let opened = 0;
  let tcpServer: Server;
  let unixServer: Server;
  const control = (...args: readonly string[]) => peer.ssh(['-S', join(peer.folder, 'ctl'), ...args, host]);
  const forward = async (...args: readonly string[]) => {
    const { stdout, stderr, status } = await control('-O', 'forward', ...args);
    expect([stderr, status]).toEqual(['', 0]);
    return stdout;
  };
  beforeAll(async () => {
    peer = await sshPeer({
      open: async () => {
        opened += 1;
        return ok(childMachine({ home: peer.folder }));
      },
    });
    tcpServer = await digestServer({ port: 0, host: '127.0.0.1' });
    unixServer = await digestServer({ path: join(peer.folder, 'there.sock') });
    const master = ['-M', '-S', join(peer.folder, 'ctl'), '-o', 'ControlPersist=yes', '-fN', host];
    // The master stays behind with its standard streams, so nobody waits for their end here.
    await run(['sh', '-c', `ssh -F ${peer.config} ${master.join(' ')} < /dev/null > /dev/null 2>&1`]);
  });
  afterAll(async () => {
    await control('-O', 'exit');
    for (const server of [tcpServer, unixServer]) server.close();
    await peer.stop();
  });

  it('runs eight sessions at once in one (SES-2)', async () => {
    expect((await control('-O', 'check')).status).toBe(0);
    const runs = Array.from({ length: 8 }, (_, n) =>
      peer.ssh(['-S', join(peer.folder, 'ctl'), host, `cat; exit ${n}`], `input ${n}`),
    );
    const outcomes = await Promise.all(runs);
    expect(outcomes.map(({ stdout, status }) => [stdout, status])).toEqual(runs.map((_, n) => [`input ${n}`, n]));
    expect(opened).toBe(1);
  });

  it('forwards a local port with half-close (SES-2)', async () => {
    const port = await freePort();
    await forward('-L', `127.0.0.1:${port}:127.0.0.1:${portOf(tcpServer)}`);
    expect(await digestThrough({ port, host: '127.0.0.1' })).toBe(sha256(payload));
  });

  it('forwards twenty connections at once (SES-2)', async () => {
    const port = await freePort();
    await forward('-L', `127.0.0.1:${port}:127.0.0.1:${portOf(tcpServer)}`);
    const digests = await Promise.all(Array.from({ length: 20 }, () => digestThrough({ port, host: '127.0.0.1' })));
    expect(new Set(digests)).toEqual(new Set([sha256(payload)]));
  });

  it('forwards a remote port that the server chooses, until it is cancelled (SES-2)', async () => {
    const bound = Number(await forward('-R', `0:127.0.0.1:${portOf(tcpServer)}`));
    expect(bound).toBeGreaterThan(0);
    expect(await digestThrough({ port: bound, host: '127.0.0.1' })).toBe(sha256(payload));
    await control('-O', 'cancel', '-R', `0:127.0.0.1:${portOf(tcpServer)}`);
  });

  it('forwards a remote port that the client chooses, on loopback only, until it is cancelled (SES-2)', async () => {
    const port = await freePort();
    await forward('-R', `0.0.0.0:${port}:127.0.0.1:${portOf(tcpServer)}`);
    expect(await digestThrough({ port, host: '127.0.0.1' })).toBe(sha256(payload));
    await control('-O', 'cancel', '-R', `0.0.0.0:${port}:127.0.0.1:${portOf(tcpServer)}`);
    await expect(digestThrough({ port, host: '127.0.0.1' })).rejects.toThrow('ECONNREFUSED');
  });

  it('serves as a SOCKS proxy (SES-2)', async () => {
    const port = await freePort();
    await forward('-D', `127.0.0.1:${port}`);
    const web = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'));
    });
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const proxy = ['curl', '-s', '--socks5-hostname', `127.0.0.1:${port}`];
    expect((await run([...proxy, `http://127.0.0.1:${portOf(web)}/`])).stdout).toBe('ok');
    expect((await run([...proxy, 'http://127.0.0.1:1/'])).status).not.toBe(0);
    web.close();
  });

  it('forwards a Unix socket there (SES-2)', async () => {
    const path = join(peer.folder, 'here.sock');
    await forward('-L', `${path}:${join(peer.folder, 'there.sock')}`);
    expect(await digestThrough({ path })).toBe(sha256(payload));
  });

  it('forwards a Unix socket here (SES-2)', async () => {
    const path = join(peer.folder, 'remote.sock');
    await forward('-R', `${path}:${join(peer.folder, 'there.sock')}`);
    expect(await digestThrough({ path })).toBe(sha256(payload));
  });

  it('tells the client where nobody answers (SES-2)', async () => {
    const { stderr } = await peer.ssh(['-o', 'LogLevel=INFO', '-W', '127.0.0.1:1', host]);
    expect(stderr).toContain('open failed: connect failed: sally: refused: connect ECONNREFUSED');
  });

  it('refuses a port that is taken, and more listeners than the limit (SES-2)', async () => {
    const taken = await control('-O', 'forward', '-R', `${portOf(tcpServer)}:127.0.0.1:1`);
    expect(taken.stderr).toContain('remote port forwarding failed');
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) => control('-O', 'forward', '-R', `0:127.0.0.1:${n + 1}`)),
    );
    expect(many.filter(({ status }) => status === 0).length).toBeLessThan(17);
    expect((await peer.ssh(['-S', join(peer.folder, 'ctl'), host, 'echo still fine'])).stdout).toBe('still fine\n');
  });
});

describe('a client that asks for listeners and goes on at once', () => {
  // sshd answers one message after the other, and scripts rely on it: `ssh -R 8080:… host 'curl localhost:8080'`.
  const slowToListen = (home: string, order: string[]): Machine => {
    const machine = childMachine({ home });
    return {
      ...machine,
      listen: async (...asked) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const listening = await machine.listen(...asked);
        order.push('listening');
        return listening;
      },
      exec: (request) => {
        order.push('exec');
        return machine.exec(request);
      },
      dial: (request) => {
        order.push('dial');
        return machine.dial(request);
      },
    };
  };
  const peerOf = async (order: string[]) => {
    const peer: SshPeer = await sshPeer({ open: async () => ok(slowToListen(peer.folder, order)) });
    return peer;
  };

  it('has its command begin when they are there (SES-2)', async () => {
    const order: string[] = [];
    const peer = await peerOf(order);
    const done = await peer.ssh(['-R', '0:127.0.0.1:1', '-R', '0:127.0.0.1:2', host, 'echo begun']);
    await peer.stop();
    expect(done.stdout).toBe('begun\n');
    expect(order).toEqual(['listening', 'listening', 'exec']);
  });

  it('has its connections made when they are there (SES-2)', async () => {
    const order: string[] = [];
    const peer = await peerOf(order);
    const server = await digestServer({ port: 0, host: '127.0.0.1' });
    const [there, here] = [await freePort(), await freePort()];
    const chain = [`-R${there}:127.0.0.1:${portOf(server)}`, `-L127.0.0.1:${here}:127.0.0.1:${there}`];
    const client = new Running(['ssh', '-F', peer.config, '-N', ...chain, host]);
    const digest = await waitFor(
      () => digestThrough({ port: here, host: '127.0.0.1' }).catch(() => undefined),
      'the chain',
    );
    await client.stop();
    server.close();
    await peer.stop();
    expect(digest).toBe(sha256(payload));
    expect(order).toEqual(['listening', 'dial']);
  });

  it('may listen again where it has just stopped (SES-2)', async () => {
    const peer = await sshPeer({ open: async () => ok(slowToStop(childMachine({ home: peer.folder }))) });
    const control = (...args: readonly string[]) => peer.ssh(['-S', join(peer.folder, 'ctl'), ...args, host]);
    const client = new Running(['ssh', '-F', peer.config, '-M', '-S', join(peer.folder, 'ctl'), '-N', host]);
    await waitFor(async () => ((await control('-O', 'check')).status === 0 ? true : undefined), 'the master');
    const forward = ['-R', `${await freePort()}:127.0.0.1:1`];
    const outcomes: [string, number | null][] = [];
    for (const command of ['forward', 'cancel', 'forward']) {
      const { stderr, status } = await control('-O', command, ...forward);
      outcomes.push([stderr, status]);
    }
    await client.stop();
    await peer.stop();
    expect(outcomes).toEqual(Array(3).fill(['', 0]));
  });
});

function slowToStop(machine: Machine): Machine {
  return {
    ...machine,
    listen: async (...asked) => {
      const listening = await machine.listen(...asked);
      if (!listening.ok) return listening;
      const close = async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await listening.value.close();
      };
      return ok({ port: listening.value.port, close });
    },
  };
}
