// Where a process's input goes: a pipe, or a terminal's master. Input that nobody reads any more is dropped, as sshd does.

import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Clock, Timer } from '@sallyport/core';

type Done = (error?: Error | null) => void;

export function pipeInput(pipe: Socket): Writable {
  pipe.on('error', () => undefined);
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!pipe.writable) return done();
      pipe.write(chunk, () => done());
    },
    final: (done) => {
      if (!pipe.writable) return done();
      pipe.end(() => done());
    },
    destroy: (error, done) => {
      pipe.destroy();
      done(error);
    },
  });
}

const newline = 10;
const firstRetryMs = 1;
const longestRetryMs = 32;

/** The master's descriptor, for as long as it is one: its number may be another file's afterwards. */
export type OpenTerminal = { readonly master: number; isOver(): boolean };

export type TerminalInput = {
  readonly stream: Writable;
  /** Nothing is written from now on: the master may be closed. */
  stop(): void;
};

/**
 * Input of a terminal, into its non-blocking master. Node's own stream would spin on a full terminal for as long as nobody reads
 * it; here it is tried again, ever less often. `endOfFile` is the terminal's VEOF.
 */
export function terminalInput(terminal: OpenTerminal, clock: Clock, endOfFile: number | undefined): TerminalInput {
  let isStopped = false;
  let lastByte = newline;
  let waiting: { readonly timer: Timer; readonly done: Done } | undefined;

  const put = (chunk: Buffer, done: Done, retryMs = firstRetryMs): void => {
    const rest = isStopped || terminal.isOver() ? undefined : writtenUntilFull(terminal.master, chunk);
    if (!rest || rest.byteLength === 0) {
      done();
      return;
    }
    const nextMs = rest.byteLength < chunk.byteLength ? firstRetryMs : Math.min(retryMs * 2, longestRetryMs);
    const again = () => {
      waiting = undefined;
      put(rest, done, nextMs);
    };
    waiting = { done, timer: clock.after(retryMs, again) };
  };
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lastByte = chunk.at(-1) ?? lastByte;
      put(chunk, done);
    },
    final: (done) => put(endOfInput(endOfFile, lastByte), done),
  });
  return {
    stream,
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      waiting?.timer.cancel();
      waiting?.done();
    },
  };
}

// One character ends a line that is begun, the next one is the end of file (termios(3), VEOF).
function endOfInput(endOfFile: number | undefined, lastByte: number): Buffer {
  return endOfFile === undefined ? Buffer.alloc(0) : Buffer.alloc(lastByte === newline ? 1 : 2, endOfFile);
}

/** What the terminal did not take, or undefined if it is hung up. */
function writtenUntilFull(master: number, chunk: Buffer): Buffer | undefined {
  let rest = chunk;
  try {
    while (rest.byteLength > 0) rest = rest.subarray(writeSync(master, rest));
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    return isFull ? rest : undefined;
  }
  return rest;
}
