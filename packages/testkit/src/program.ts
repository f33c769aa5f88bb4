// A real program as a test or a demo runs it: started, waited for, and ended with everything it started.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

export type Finished = {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Ends the program when it takes longer; the default is a minute. */
  readonly timeoutMs?: number;
};

/** Runs a program to its end. It never throws for a status: the test judges that. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  const output = [collect(child.stdout), collect(child.stderr)] as const;
  // A program may end before it has read its input; that is its choice.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [status, signal] = await closed(child);
  const [stdout, stderr] = await Promise.all(output);
  return { status, signal, stdout, stderr };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

async function closed(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  const [status, signal] = await once(child, 'close');
  return [typeof status === 'number' ? status : null, typeof signal === 'string' ? (signal as NodeJS.Signals) : null];
}

/** A program that runs until it is stopped, with what it has written so far. */
export class Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  #output = '';
  readonly #listeners = new Set<() => void>();

  constructor(argv: readonly string[], options: SpawnOptions = {}) {
    const [command = '', ...args] = argv;
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString('utf8');
        for (const listener of this.#listeners) listener();
      });
    }
    this.exited = once(this.child, 'exit').then(([status]) => {
      for (const listener of this.#listeners) listener();
      return typeof status === 'number' ? status : null;
    });
  }

  /** Shows its output from now on. */
  pipeTo(stream: NodeJS.WritableStream): void {
    this.child.stdout?.pipe(stream, { end: false });
    this.child.stderr?.pipe(stream, { end: false });
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits until the output matches; rejects with the output when the program ends or the time runs out first. */
  async until(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    return waitFor(
      () => {
        const match = pattern.exec(this.#output);
        if (match) return match;
        if (this.hasExited) throw new Error(`the program ended before it said ${pattern}:\n${this.#output}`);
        return undefined;
      },
      `${pattern} in:\n${this.#output}`,
      timeoutMs,
    );
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 10_000): Promise<void> {
    if (this.hasExited) return;
    this.child.kill(signal);
    const forced = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(forced);
  }
}

/** Asks again and again until there is an answer; rejects naming what was waited for. */
export async function waitFor<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  what: string,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A loopback port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was bound');
  return address.port;
}
