// Two one-way pipes joined to one two-way stream, with back-pressure and half-close both ways.

import type { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream';

/** Resolves when the stream's far end is done, or the reader of `output` is gone; with the error when the stream broke. */
export function joinStreams(input: Readable, output: Writable, stream: Duplex): Promise<'done' | Error> {
  return new Promise((resolve) => {
    const stop = finished(stream, { readable: true, writable: false }, (error) => settle(error ?? undefined));
    const settle = (error?: Error): void => {
      stop();
      input.unpipe(stream);
      input.destroy();
      stream.on('error', () => undefined);
      stream.destroy();
      // What was read from the stream must have left before the process ends.
      if (output.writableLength === 0 || output.destroyed) resolve(error ?? 'done');
      else output.once('drain', () => resolve(error ?? 'done'));
    };
    input.on('error', () => stream.end());
    // ssh is gone: that is how a ProxyCommand usually ends.
    output.on('error', () => settle());
    input.pipe(stream);
    stream.pipe(output, { end: false });
  });
}
