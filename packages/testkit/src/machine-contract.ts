// What every Machine does, whichever way it is reached: one suite for LocalMachine, RemoteMachine and the lenses.
// It runs real commands through /bin/sh and real sockets on loopback; it must never assume how the Machine is built.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Result } from '@sallyport/core';
import type { ExecRequest, ExitStatus, Refusal, ShellRequest, SocketAddress } from '@sallyport/protocol';
import type { Machine, Process } from '@sallyport/session';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export type MachineSetup = { readonly machine: Machine; dispose(): Promise<void> };
/** What the machine can do beside the common part. */
export type MachineAbilities = { readonly hasTerminal: boolean; readonly hasSftp: boolean };

const exited = (status: number): ExitStatus => ({ how: 'exited', status });
const over: Refusal = { code: 'SESSION_ENDED', message: 'the test is over', rule: 'test', hint: 'none' };
const terminal = { term: 'xterm', size: { columns: 97, rows: 31, widthPx: 0, heightPx: 0 }, modes: {} };

export const execRequest = (command: string): ExecRequest => ({ kind: 'exec', command, environment: {} });
const shellRequest: ShellRequest = { kind: 'shell', environment: {} };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const tcp = (port: number): SocketAddress => ({ family: 'tcp', host: '127.0.0.1', port });

/** The value of a result that the test expects to be one; its refusal is shown otherwise. */
export function granted<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new Error(`refused: ${result.error.code}: ${result.error.message}`);
  return result.value;
}

export type Outcome = { readonly stdout: Buffer; readonly stderr: Buffer; readonly exit: ExitStatus };

/** Writes all of stdin, ends it, and collects what the process says until it is gone. */
export async function outcomeOf(process: Process, stdin: Uint8Array = Buffer.alloc(0)): Promise<Outcome> {
  process.stdin.end(stdin);
  const [stdout, stderr, exit] = await Promise.all([buffer(process.stdout), buffer(process.stderr), process.exit]);
  return { stdout, stderr, exit };
}

export function machineContract(name: string, make: () => Promise<MachineSetup>, abilities: MachineAbilities): void {
  describe(`${name} is a Machine`, () => {
    let setup: MachineSetup;
    beforeEach(async () => {
      setup = await make();
    });
    afterEach(async () => {
      await setup.machine.end(over);
      await setup.dispose();
    });
    const machine = () => setup.machine;
    processContract(machine);
    dialContract(machine);
    listenContract(machine);
    endContract(machine);
    if (abilities.hasTerminal) terminalContract(machine);
    if (abilities.hasSftp) sftpContract(machine);
  });
}

function processContract(machine: () => Machine): void {
  const run = async (command: string, stdin?: Uint8Array) =>
    outcomeOf(granted(await machine().exec(execRequest(command))), stdin);

  it.each([0, 1, 42, 255])('tells exit status %i (SES-1)', async (status) => {
    expect((await run(`exit ${status}`)).exit).toEqual(exited(status));
  });

  it('tells the signal that ended a command (SES-1)', async () => {
    expect((await run('kill -TERM $$')).exit).toMatchObject({ how: 'signalled', signal: 'TERM' });
  });

  it('keeps output and errors apart (SES-1)', async () => {
    const outcome = await run('echo out; echo err >&2');
    expect([outcome.stdout.toString(), outcome.stderr.toString()]).toEqual(['out\n', 'err\n']);
  });

  it('passes a command to the shell as it is (SES-1)', async () => {
    const outcome = await run(`printf '%s|' "a  b" 'c"d' "\\$x" '한국어'; x=1; echo $((x + 1))`);
    expect(outcome.stdout.toString()).toBe('a  b|c"d|$x|한국어|2\n');
  });

  it('carries binary input to its end (SES-1)', async () => {
    const input = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect((await run('cat', input)).stdout).toEqual(input);
  });

  it('ends the input of a command that gets none (SES-1)', async () => {
    expect((await run('cat; echo done')).stdout.toString()).toBe('done\n');
  });

  it('answers while the input is still open (SES-1)', async () => {
    const process = granted(await machine().exec(execRequest('while read -r line; do echo "<$line>"; done')));
    const replies = lineReader(process.stdout);
    process.stdin.write('one\n');
    expect(await replies.next()).toBe('<one>');
    process.stdin.write('two\n');
    expect(await replies.next()).toBe('<two>');
    process.stdin.end();
    expect(await process.exit).toEqual(exited(0));
  });

  it('carries 32 MB both ways unchanged (SES-1)', async () => {
    const input = randomBytes(32 * 1_048_576);
    const outcome = await run('cat', input);
    expect([outcome.stdout.byteLength, sha256(outcome.stdout)]).toEqual([input.byteLength, sha256(input)]);
  }, 30_000);

  it('tells the exit only after the last byte of output (SES-1)', async () => {
    const process = granted(await machine().exec(execRequest('head -c 3000000 /dev/zero; echo late >&2; exit 7')));
    let bytes = 0;
    process.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
    });
    process.stderr.resume();
    const bytesAtExit = process.exit.then(() => bytes);
    expect(await process.exit).toEqual(exited(7));
    expect(await bytesAtExit).toBe(3_000_000);
  });

  it('holds a command back that nobody reads, and its neighbour not (SES-1)', async () => {
    const stalled = granted(await machine().exec(execRequest('head -c 50000000 /dev/zero; echo finished >&2')));
    let hasFinished = false;
    stalled.stderr.on('data', () => {
      hasFinished = true;
    });
    expect((await run('echo neighbour')).stdout.toString()).toBe('neighbour\n');
    expect(hasFinished).toBe(false);
    expect((await buffer(stalled.stdout)).byteLength).toBe(50_000_000);
    expect(await stalled.exit).toEqual(exited(0));
    expect(hasFinished).toBe(true);
  }, 20_000);

  it('survives input to a command that does not read it (SES-1)', async () => {
    const outcome = await run('exit 3', Buffer.alloc(1_000_000));
    expect(outcome.exit).toEqual(exited(3));
  });

  it('delivers a signal (SES-1)', async () => {
    const process = granted(
      await machine().exec(execRequest(`trap 'echo caught; exit 5' USR1; echo ready; while :; do sleep 0.05; done`)),
    );
    const lines = lineReader(process.stdout);
    expect(await lines.next()).toBe('ready');
    process.signal('NO-SUCH-SIGNAL');
    process.signal('USR1');
    expect(await lines.next()).toBe('caught');
    expect(await process.exit).toEqual(exited(5));
  });

  it('hangs up a command (SES-1)', async () => {
    const process = granted(await machine().exec(execRequest('echo $$; exec sleep 600')));
    const pid = Number(await lineReader(process.stdout).next());
    process.hangUp();
    process.hangUp();
    expect((await process.exit).how).toBe('signalled');
    await gone(pid);
  });

  it('runs a shell without a terminal (SES-1)', async () => {
    const outcome = await outcomeOf(
      granted(await machine().shell(shellRequest)),
      Buffer.from('echo from-shell\nexit 4\n'),
    );
    expect(outcome.stdout.toString()).toContain('from-shell\n');
    expect(outcome.exit).toEqual(exited(4));
  });

  it('runs many commands at once (SES-1)', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => run(`cat; exit ${n}`, Buffer.from(`input ${n}`))),
    );
    expect(outcomes.map((o) => o.stdout.toString())).toEqual(outcomes.map((_, n) => `input ${n}`));
    expect(outcomes.map((o) => o.exit)).toEqual(outcomes.map((_, n) => exited(n)));
  });
}

function dialContract(machine: () => Machine): void {
  it('dials with half-close both ways (SES-1)', async () => {
    // The server answers only after the end of what it is sent: it proves that the end arrives while the answer can still flow.
    const server = await listening((socket) => {
      const hash = createHash('sha256');
      socket.on('data', (chunk) => hash.update(chunk)).on('end', () => socket.end(hash.digest('hex')));
    });
    const payload = randomBytes(5_000_000);
    const connection = granted(await machine().dial({ kind: 'dial', to: tcp(portOf(server)) }));
    connection.end(payload);
    expect((await buffer(connection)).toString()).toBe(sha256(payload));
    await closed(server);
  });

  it('dials a server that ends first (SES-1)', async () => {
    const received: Promise<Buffer>[] = [];
    const server = await listening((socket) => {
      received.push(buffer(socket));
      socket.end('greeting');
    });
    const connection = granted(await machine().dial({ kind: 'dial', to: tcp(portOf(server)) }));
    expect((await buffer(connection)).toString()).toBe('greeting');
    connection.end('still heard');
    expect((await received[0])?.toString()).toBe('still heard');
    await closed(server);
  });

  it('refuses to dial where nobody listens: DIAL_FAILED (SES-1)', async () => {
    const server = await listening(() => undefined);
    const port = portOf(server);
    await closed(server);
    const result = await machine().dial({ kind: 'dial', to: tcp(port) });
    expect(result).toMatchObject({ ok: false, error: { code: 'DIAL_FAILED' } });
  });
}

function listenContract(machine: () => Machine): void {
  it('takes connections with half-close both ways, until the listener closes (SES-1)', async () => {
    const listener = granted(
      await machine().listen({ kind: 'listen', on: tcp(0) }, (connection) => {
        const hash = createHash('sha256');
        connection
          .on('data', (chunk: Buffer) => hash.update(chunk))
          .on('end', () => connection.end(hash.digest('hex')));
      }),
    );
    const payload = randomBytes(2_000_000);
    const replies = await Promise.all([1, 2, 3].map(() => exchange(listener.port, payload)));
    expect(replies.map(String)).toEqual(replies.map(() => sha256(payload)));
    await listener.close();
    await expect(exchange(listener.port, payload)).rejects.toThrow('ECONNREFUSED');
  });

  it('tells where a connection comes from (SES-1)', async () => {
    const origins: SocketAddress[] = [];
    const listener = granted(
      await machine().listen({ kind: 'listen', on: tcp(0) }, (connection, origin) => {
        origins.push(origin);
        connection.end();
        connection.resume();
      }),
    );
    await exchange(listener.port, Buffer.from('x'));
    expect(origins).toEqual([{ family: 'tcp', host: '127.0.0.1', port: expect.any(Number) }]);
  });
}

function endContract(machine: () => Machine): void {
  it('ends everything in it, tells why, and refuses what comes later: SESSION_ENDED (SES-1, SES-7)', async () => {
    const server = await listening((socket) => socket.on('end', () => socket.end()).resume());
    const process = granted(await machine().exec(execRequest('echo $$; exec sleep 600')));
    const pid = Number(await lineReader(process.stdout).next());
    const connection = granted(await machine().dial({ kind: 'dial', to: tcp(portOf(server)) }));
    connection.on('error', () => undefined);
    const connectionClosed = new Promise((resolve) => connection.once('close', resolve));
    const listener = granted(await machine().listen({ kind: 'listen', on: tcp(0) }, () => undefined));
    await Promise.all([machine().end(over), machine().end(over)]);
    expect(await machine().ended).toMatchObject({ code: 'SESSION_ENDED', message: 'the test is over' });
    expect((await process.exit).how).toBe('signalled');
    await Promise.all([gone(pid), connectionClosed, closed(server)]);
    await expect(exchange(listener.port, Buffer.from('x'))).rejects.toThrow('ECONNREFUSED');
    expect(await machine().exec(execRequest('true'))).toMatchObject({ ok: false, error: { code: 'SESSION_ENDED' } });
    expect(await machine().dial({ kind: 'dial', to: tcp(1) })).toMatchObject({
      ok: false,
      error: { code: 'SESSION_ENDED' },
    });
  });
}

function terminalContract(machine: () => Machine): void {
  it('gives a terminal of the asked size, and resizes it (SES-1)', async () => {
    const process = granted(
      await machine().exec({ ...execRequest('tty; stty size; read -r _; stty size; exit 6'), terminal }),
    );
    const lines = lineReader(process.stdout);
    expect(await lines.next()).toMatch(/^\/dev\//);
    expect(await lines.next()).toBe('31 97');
    process.resize({ columns: 120, rows: 40, widthPx: 0, heightPx: 0 });
    process.stdin.write('\n');
    let size = await lines.next();
    while (size === '') size = await lines.next();
    expect(size).toBe('40 120');
    expect(await process.exit).toEqual(exited(6));
  });

  it('gives an interactive login shell on a terminal (SES-1)', async () => {
    const process = granted(await machine().shell({ ...shellRequest, terminal }));
    const output = buffer(process.stdout);
    process.stdin.write('echo $((20 + 3))-$TERM; exit 9\n');
    expect(await process.exit).toEqual(exited(9));
    expect((await output).toString()).toContain('23-xterm');
  });
}

function sftpContract(machine: () => Machine): void {
  it('speaks SFTP version 3 (SES-1)', async () => {
    const process = granted(await machine().sftp({ kind: 'sftp' }));
    // SSH_FXP_INIT version 3 → SSH_FXP_VERSION 3 (draft-ietf-secsh-filexfer-02 §4)
    process.stdin.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
    const [reply]: Buffer[] = await once(process.stdout, 'data');
    expect(reply?.subarray(4, 9)).toEqual(Buffer.from([2, 0, 0, 0, 3]));
    process.stdin.end();
    expect(await process.exit).toEqual(exited(0));
  });
}

type LineReader = { next(): Promise<string> };

/** Lines as they come; the stream keeps flowing after them. */
export function lineReader(stream: Readable): LineReader {
  let pending = '';
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  stream.on('data', (chunk: Buffer) => {
    const parts = `${pending}${chunk.toString('latin1')}`.split(/\r?\n/);
    pending = parts.pop() ?? '';
    for (const line of parts) {
      const taker = waiting.shift();
      if (taker) taker(line);
      else lines.push(line);
    }
  });
  return {
    next: () => {
      const line = lines.shift();
      return line === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(line);
    },
  };
}

async function listening(onConnection: (socket: Duplex) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Sends all, ends, and reads the answer to its end. */
async function exchange(port: number, payload: Uint8Array): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  socket.end(payload);
  return buffer(socket);
}

/** Resolves once no process has that id, asking the kernel again and again. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
