// The login-hand: a small process that connects to Unix sockets and listens with the rights of a login, and hands each socket to the
// agent, which never listens itself. It reads nothing from any socket. Arguments: uid, gid and groups, or nothing to stay as it is.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { type HandReply, type HandRequest, handRequest } from './hand-wire.ts';

/** As sshd's StreamLocalBindMask: a socket that only the login may use. */
const socketMask = 0o177;

const listeners = new Map<number, readonly Server[]>();

/**
 * The effective ids become the login's, which is what files, sockets and ports are checked against. The real id stays root's: the
 * login's other processes may then neither trace nor signal this one, and so cannot speak to the agent in its place (ptrace(2)).
 */
function becomeLogin([uid, gid, groups]: readonly string[]): void {
  process.umask(socketMask);
  if (uid === undefined || gid === undefined || groups === undefined) return;
  process.setgroups?.(groups.split(',').map(Number));
  process.setegid?.(Number(gid));
  process.seteuid?.(Number(uid));
  if (process.geteuid?.() !== Number(uid)) process.exit(1);
}

function answer(reply: HandReply, socket?: Socket): void {
  if (!process.connected || !process.send) return;
  process.send(reply, socket, {}, (error) => {
    if (error) socket?.destroy();
  });
}

async function take(request: HandRequest): Promise<void> {
  switch (request.ask) {
    case 'connect':
      return connectTo(request.id, request.path);
    case 'listen-tcp':
      return listenOnTcp(request.id, request.hosts, request.port);
    case 'listen-unix':
      return listenOnUnix(request.id, request.path);
    case 'close':
      closeListener(request.id);
      return answer({ reply: 'closed', id: request.id });
  }
}

function connectTo(id: number, path: string): void {
  const socket = connect({ path, allowHalfOpen: true });
  // What the peer says first is for the agent to read.
  socket.pause();
  socket.once('connect', () => answer({ reply: 'connected', id }, socket));
  socket.once('error', (error) => answer(failed(id, error)));
}

async function listenOnTcp(id: number, hosts: readonly string[], port: number): Promise<void> {
  const servers: Server[] = [];
  let bound = port;
  let firstError: Error | undefined;
  for (const host of hosts) {
    const server = serverFor(id);
    try {
      bound = await listening(server, { host, port: bound });
      servers.push(server);
    } catch (error) {
      firstError ??= error instanceof Error ? error : new Error(String(error));
    }
  }
  // As sshd: one of localhost's two addresses is enough; a host may lack the other.
  if (servers.length === 0) return answer(failed(id, firstError ?? new Error('no address')));
  listeners.set(id, servers);
  answer({ reply: 'listening', id, port: bound });
}

async function listenOnUnix(id: number, path: string): Promise<void> {
  const server = serverFor(id, path);
  try {
    await listening(server, { path });
    listeners.set(id, [server]);
    answer({ reply: 'listening', id, port: 0 });
  } catch (error) {
    answer(failed(id, error instanceof Error ? error : new Error(String(error))));
  }
}

function serverFor(id: number, path?: string): Server {
  return createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    const { remoteAddress, remotePort } = socket;
    if (path !== undefined) answer({ reply: 'connection', id, origin: { family: 'unix', path } }, socket);
    else if (remoteAddress === undefined || remotePort === undefined) socket.destroy();
    else answer({ reply: 'connection', id, origin: { family: 'tcp', host: remoteAddress, port: remotePort } }, socket);
  });
}

function listening(server: Server, on: { host: string; port: number } | { path: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(on, () => {
      server.off('error', reject);
      // A failed accept (no more descriptors) must not end the hand.
      server.on('error', () => undefined);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** Closed at once, and the file of a Unix socket removed; close()'s callback would wait for the connections that were handed over. */
function closeListener(id: number): void {
  for (const server of listeners.get(id) ?? []) server.close();
  listeners.delete(id);
}

function failed(id: number, error: Error & { code?: unknown }): HandReply {
  return {
    reply: 'failed',
    id,
    code: typeof error.code === 'string' ? error.code : '',
    message: error.message.slice(0, 400),
  };
}

becomeLogin(process.argv.slice(2));
process.on('message', (message) => {
  const request = handRequest.safeParse(message);
  if (request.success) void take(request.data);
});
process.on('disconnect', () => {
  for (const id of [...listeners.keys()]) closeListener(id);
  process.exit(0);
});
answer({ reply: 'ready' });
