// Joins two byte streams, both ways, with half-close. When one breaks, so does the other.

import type { Duplex } from 'node:stream';

export function join(a: Duplex, b: Duplex): void {
  relay(a, b);
  relay(b, a);
}

function relay(from: Duplex, to: Duplex): void {
  from.on('error', handled);
  from.pipe(to);
  from.on('close', () => {
    const isWhole = from.readableEnded && from.writableFinished;
    if (!isWhole) to.destroy();
  });
  if (from.destroyed) to.destroy();
}

function handled(): void {}
