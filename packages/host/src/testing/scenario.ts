// What a scenario has at hand: the host, a folder of its own, and machines that end with it.

import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expectOk, newId, type Result } from '@sallyport/core';
import type { ExitStatus, Refusal, TerminalRequest } from '@sallyport/protocol';
import type { Machine, Process } from '@sallyport/session';
import type { Host } from '../host.ts';
import { type LocalMachineOptions, localMachine } from '../local-machine.ts';
import { findLogin } from '../login.ts';
import { textOf } from '../proc.ts';

export type Scenario = (ground: Ground) => Promise<void>;
export type Scenarios = Readonly<Record<string, Scenario>>;

export const over: Refusal = { code: 'SESSION_ENDED', message: 'the test is over', rule: 'test', hint: 'none' };
export const terminal = (modes: Record<string, number> = {}): TerminalRequest => ({
  term: 'xterm',
  size: { columns: 97, rows: 31, widthPx: 970, heightPx: 620 },
  modes,
});

export type Outcome = { readonly stdout: string; readonly stderr: string; readonly exit: ExitStatus };
type Wishes = { terminal?: TerminalRequest; environment?: Record<string, string>; stdin?: string };

export class Ground {
  readonly host: Host;
  readonly folder: string;
  readonly sessions: string[] = [];
  readonly #machines: Machine[] = [];

  constructor(host: Host, folder: string) {
    this.host = host;
    this.folder = folder;
  }

  async tryMachine(login: string, options: Partial<LocalMachineOptions> = {}): Promise<Result<Machine, Refusal>> {
    const found = await findLogin(login);
    if (!found.ok) return found;
    const session = newId('session', randomBytes);
    this.sessions.push(session);
    const made = await localMachine({ host: this.host, login: found.value, session, ...options });
    if (made.ok) this.#machines.push(made.value);
    return made;
  }

  async machine(login = 'dana', options: Partial<LocalMachineOptions> = {}): Promise<Machine> {
    return expectOk(await this.tryMachine(login, options));
  }

  async start(machine: Machine, command: string, wishes: Wishes = {}): Promise<Process> {
    const { environment = {}, terminal: asked } = wishes;
    return expectOk(await machine.exec({ kind: 'exec', command, environment, ...(asked ? { terminal: asked } : {}) }));
  }

  async run(machine: Machine, command: string, wishes: Wishes = {}): Promise<Outcome> {
    const process = await this.start(machine, command, wishes);
    if (wishes.stdin !== undefined) process.stdin.write(wishes.stdin);
    // The end of a terminal's input would be a character of it.
    if (!wishes.terminal) process.stdin.end();
    const [stdout, stderr, exit] = await Promise.all([buffer(process.stdout), buffer(process.stderr), process.exit]);
    return { stdout: stdout.toString(), stderr: stderr.toString(), exit };
  }

  async end(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.end(over)));
  }
}

/** Reads a stream line by line as it comes. */
export function linesOf(stream: Readable): { until(pattern: RegExp): Promise<string> } {
  let text = '';
  let look: () => void = () => undefined;
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    look();
  });
  return {
    until: (pattern) =>
      new Promise((resolve) => {
        look = () => {
          const match = pattern.exec(text);
          if (!match) return;
          text = text.slice(match.index + match[0].length);
          resolve(match[1] ?? match[0]);
        };
        look();
      }),
  };
}

/** Asks again and again until it holds; the test's own time limit ends it. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether it still runs; one that is dead and not reaped does not. */
export function isAlive(pid: number): boolean {
  const state = /^State:\s+(\w)/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}
