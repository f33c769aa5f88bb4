// Ports for scripts that run at the same time, on this machine and beside other tests of it.

import { createServer } from 'node:net';

// Below the ports that the system gives to outgoing connections. Each run has a hundred, and uses these of them.
const [firstHundred, hundreds] = [200, 120];
const used = [1, 2, 3, 4, 20, 21, 90, 91, 92];

export class PortRanges {
  readonly #given = new Set<number>();

  /** The first port of a hundred of which those that scripts use are free. */
  async next(): Promise<number> {
    for (;;) {
      const base = (firstHundred + Math.floor(Math.random() * hundreds)) * 100;
      if (this.#given.has(base)) continue;
      this.#given.add(base);
      const free = await Promise.all(used.map((offset) => canListen(base + offset)));
      if (free.every((isFree) => isFree)) return base;
      if (this.#given.size === hundreds) throw new Error('this machine has no free ports between 20000 and 32000');
    }
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
