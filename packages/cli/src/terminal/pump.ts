// Output of a remote process, written to a stream of ours with back-pressure.

import type { Readable, Writable } from 'node:stream';

/** Resolves when everything that came has been handed to the system; `onGone` when nobody reads ours any more. */
export function pump(from: Readable, to: Writable, onGone: () => void): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      to.off('error', gone);
      // An empty write is called back after all that was written before it.
      if (to.destroyed || to.writableEnded) resolve();
      else to.write('', () => resolve());
    };
    const gone = (): void => {
      from.unpipe(to);
      from.resume();
      onGone();
    };
    to.on('error', gone);
    from.once('close', settle);
    from.pipe(to, { end: false });
  });
}
