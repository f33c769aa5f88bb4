// A slow line between two ends on loopback, in a process of its own: everything takes half the round trip each way, at the line's rate,
// through a buffer as small as a router's. It is told where to lead by its parent, says its port, and ends with it.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type SlowLine = { readonly toPort: number; readonly roundTripMs: number; readonly bytesPerSecond: number };

function carry(from: Socket, to: Socket, { roundTripMs, bytesPerSecond }: SlowLine): void {
  // What is under way, and one round trip's worth in the buffer: more would be bufferbloat, and the line's own fault.
  const mostHeldBytes = (bytesPerSecond * roundTripMs * 1.5) / 1000;
  const onTheWay: { readonly chunk: Buffer; readonly sentAtMs: number }[] = [];
  let freeAtMs = 0;
  let heldBytes = 0;
  // In order, whatever the timers do: a line does not overtake itself.
  const deliver = () => {
    const nowMs = performance.now();
    for (let next = onTheWay[0]; next && next.sentAtMs + roundTripMs / 2 <= nowMs; next = onTheWay[0]) {
      onTheWay.shift();
      heldBytes -= next.chunk.byteLength;
      to.write(next.chunk);
    }
    if (heldBytes <= mostHeldBytes) from.resume();
    const [next] = onTheWay;
    if (next) setTimeout(deliver, next.sentAtMs + roundTripMs / 2 - nowMs);
  };
  from.on('data', (chunk: Buffer) => {
    freeAtMs = Math.max(performance.now(), freeAtMs) + (chunk.byteLength / bytesPerSecond) * 1000;
    heldBytes += chunk.byteLength;
    if (heldBytes > mostHeldBytes) from.pause();
    if (onTheWay.push({ chunk, sentAtMs: freeAtMs }) === 1) deliver();
  });
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
}

async function start(line: SlowLine): Promise<number> {
  const server = createServer((near) => {
    const far = connect({ port: line.toPort, host: '127.0.0.1' });
    for (const socket of [near, far]) socket.setNoDelay(true);
    carry(near, far, line);
    carry(far, near, line);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

if (process.send) {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (line: SlowLine) => {
    start(line).then((port) => process.send?.(port), console.error);
  });
}
