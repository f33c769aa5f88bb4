// One output of a process as a stream with back-pressure. It ends once, whichever way its source does.

import { Readable } from 'node:stream';
import { type Clock, delay } from '@sallyport/core';

type Source = Readable & { destroy(): void };

export type Output = {
  readonly stream: Readable;
  /** Resolves when all that the source gave has been handed to the stream. */
  readonly ended: Promise<void>;
  readonly bytes: number;
  /** Whether the reader of the stream holds the source back. */
  readonly isHeldBack: boolean;
  readonly isOver: boolean;
  /** Ends the stream after what has been read, and closes the source. */
  close(): void;
};

const highWaterMarkBytes = 65_536;

export function outputFrom(source: Source, onEnd?: () => void): Output {
  let bytes = 0;
  let isHeldBack = false;
  const ended = Promise.withResolvers<void>();
  const stream = new Readable({
    highWaterMark: highWaterMarkBytes,
    read: () => {
      isHeldBack = false;
      source.resume();
    },
    destroy: (error, done) => {
      close();
      done(error);
    },
  });
  let isOver = false;
  const close = () => {
    if (isOver) return;
    isOver = true;
    isHeldBack = false;
    onEnd?.();
    if (!stream.destroyed) stream.push(null);
    source.destroy();
    ended.resolve();
  };
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (isOver || stream.push(chunk)) return;
    isHeldBack = true;
    source.pause();
  });
  // A terminal's master fails with EIO when its last slave closes: that is its end of file.
  for (const event of ['end', 'error', 'close']) source.on(event, close);
  return {
    stream,
    ended: ended.promise,
    close,
    // A source that failed has closed its descriptor before it says so.
    get isOver() {
      return isOver || source.destroyed;
    },
    get bytes() {
      return bytes;
    },
    get isHeldBack() {
      return isHeldBack;
    },
  };
}

/** An output that has nothing: the errors of a process on a terminal. */
export function emptyOutput(): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(null);
  return stream;
}

/** After the process has gone, its output goes on only while something that it left behind writes at least this often. */
const quietMs = 300;
const longestMs = 5_000;

/** Resolves when the outputs of a dead process are delivered. What keeps them open in silence is cut off (sshd would wait for it). */
export async function drained(outputs: readonly Output[], clock: Clock): Promise<void> {
  const all = Promise.all(outputs.map(({ ended }) => ended)).then(() => true);
  const deadline = clock.monotonicMs() + longestMs;
  const total = () => outputs.reduce((sum, output) => sum + output.bytes, 0);
  for (let before = total(); ; ) {
    if (await Promise.race([all, delay(clock, quietMs).then(() => false)])) return;
    const bytes = total();
    const isHeldBack = outputs.some((output) => output.isHeldBack);
    if (!isHeldBack && (bytes === before || clock.monotonicMs() >= deadline)) break;
    before = bytes;
  }
  for (const output of outputs) output.close();
}
