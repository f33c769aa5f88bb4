// A Machine over child processes of the test itself, without terminals: for tests of what lies above a Machine.
// Everything it starts is in process groups of their own, and ended with it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { err, ok, type Result } from '@sallyport/core';
import type { ExitStatus, Refusal, SocketAddress } from '@sallyport/protocol';
import type { Listener, Machine, Process } from '@sallyport/session';

export type ChildMachineOptions = { readonly home: string };

const sftpServer = '/usr/lib/openssh/sftp-server';

export function childMachine(options: ChildMachineOptions): Machine {
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<Refusal>();
  const processes = new Set<Process>();
  const sockets = new Set<Socket>();
  const servers = new Set<Server>();
  let endReason: Refusal | undefined;
  let ending: Promise<void> | undefined;

  const start = async (
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<Result<Process, Refusal>> => {
    if (endReason) return err(endReason);
    const child = spawn(command, args, {
      cwd: options.home,
      detached: true,
      env: { PATH: process.env['PATH'], HOME: options.home, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const started = childProcess(child);
    processes.add(started);
    void started.exit.then(() => processes.delete(started));
    return ok(started);
  };

  const finish = async (reason: Refusal): Promise<void> => {
    endReason = reason;
    const exits = [...processes].map((one) => one.exit);
    for (const one of processes) one.hangUp();
    // Reset, so that the other end sees a break and not a half-closed connection.
    for (const socket of sockets) socket.resetAndDestroy();
    await Promise.all([...exits, ...[...servers].map(closeServer)]);
    setEnded(reason);
  };

  return {
    ended,
    shell: ({ environment }) => start('/bin/sh', ['-l'], environment),
    exec: ({ command, environment }) => start('/bin/sh', ['-c', command], environment),
    sftp: () => start(sftpServer, [], {}),
    dial: async ({ to }) => (endReason ? err(endReason) : dial(to, sockets)),
    listen: async ({ on }, onConnection) => (endReason ? err(endReason) : listen(on, onConnection, servers, sockets)),
    end: (reason) => {
      ending ??= finish(reason);
      return ending;
    },
  };
}

function childProcess(child: ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> } & Outputs): Process {
  const toGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  child.stdin.on('error', () => {});
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit: exitOf(child),
    resize: () => {},
    signal: (name) => {
      const signal = signalNamed(name);
      if (signal !== undefined) toGroup(signal);
    },
    hangUp: () => {
      toGroup('SIGHUP');
      toGroup('SIGKILL');
      for (const stream of [child.stdout, child.stderr]) if (stream.readableFlowing === null) stream.resume();
    },
  };
}

type Outputs = { stdout: NonNullable<ChildProcess['stdout']>; stderr: NonNullable<ChildProcess['stderr']> };

async function exitOf(child: ChildProcess): Promise<ExitStatus> {
  const [status, signal]: [number | null, NodeJS.Signals | null] = await new Promise((resolve) => {
    child.once('close', (...outcome) => resolve(outcome));
    child.once('error', () => resolve([127, null]));
  });
  if (signal === null) return { how: 'exited', status: status ?? 255 };
  return { how: 'signalled', signal: signal.slice(3), isCoreDumped: false };
}

function signalNamed(name: string): NodeJS.Signals | undefined {
  return Object.keys(constants.signals)
    .filter((signal): signal is NodeJS.Signals => signal === `SIG${name}`)
    .at(0);
}

async function dial(to: SocketAddress, sockets: Set<Socket>): Promise<Result<Duplex, Refusal>> {
  const where = to.family === 'tcp' ? { host: to.host, port: to.port } : { path: to.path };
  const socket = connect({ ...where, allowHalfOpen: true });
  try {
    await once(socket, 'connect');
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot connect';
    return err({ code: 'DIAL_FAILED', message, rule: 'dial', hint: 'start the service' });
  }
  track(socket, sockets);
  return ok(socket);
}

async function listen(
  on: SocketAddress,
  onConnection: (connection: Duplex, origin: SocketAddress) => void,
  servers: Set<Server>,
  sockets: Set<Socket>,
): Promise<Result<Listener, Refusal>> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    track(socket, sockets);
    const { remoteAddress, remotePort } = socket;
    const isTcp = remoteAddress !== undefined && remotePort !== undefined;
    onConnection(socket, isTcp ? { family: 'tcp', host: remoteAddress, port: remotePort } : on);
  });
  if (on.family === 'unix') server.listen(on.path);
  else server.listen(on.port, on.host === 'localhost' ? '127.0.0.1' : on.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot listen';
    return err({ code: 'HOST_UNABLE', message, rule: 'listen', hint: 'choose another address' });
  }
  servers.add(server);
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return ok({
    port,
    close: async () => {
      servers.delete(server);
      await closeServer(server);
    },
  });
}

function track(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.once('close', () => sockets.delete(socket));
}

// Resolves when no new connection is taken; those that were taken go on.
function closeServer(server: Server): Promise<void> {
  server.close();
  return Promise.resolve();
}
