// What a link does, over memory, over memory with hostile timing, and over real TLS.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { StreamHeader } from '@sallyport/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LinkLost, resetCode, StreamReset } from './link-fault.ts';
import type { MuxStream } from './stream.ts';
import { linked, type MuxPair, memoryPair, tlsPair, unevenPair } from './testing/mux-pair.ts';
import { seeded } from './testing/random.ts';

const header: StreamHeader = { kind: 'ssh', server: 'web-1' };
const mib = 1_048_576;

describe.each([
  ['memory', memoryPair],
  ['memory with uneven timing', unevenPair],
  ['wss', tlsPair],
])('a link over %s', (_name, makeCarriers) => {
  let pair: MuxPair;
  const arrived: MuxStream[] = [];
  beforeEach(async () => {
    arrived.length = 0;
    pair = linked(await makeCarriers());
  });
  afterEach(() => pair.dispose());

  /** Opens a stream and gives both its ends. */
  async function openStream(from: 'dialler' | 'acceptor' = 'dialler'): Promise<{ near: MuxStream; far: MuxStream }> {
    const [opener, taker] = from === 'dialler' ? [pair.dialler, pair.acceptor] : [pair.acceptor, pair.dialler];
    const taken = new Promise<MuxStream>((resolve) => taker.onStream((stream) => resolve(stream)));
    const near = opener.open(header);
    return { near, far: await taken };
  }

  it.each(['dialler', 'acceptor'] as const)(
    'carries random chunks both ways unchanged, opened by the %s (CON-1)',
    async (from) => {
      const { near, far } = await openStream(from);
      const sent = [sendRandom(near, 8 * mib, 1), sendRandom(far, 8 * mib, 2)];
      const received = [hashOf(far), hashOf(near)];
      expect(await Promise.all(received)).toEqual(await Promise.all(sent));
      expect(pair.dialler.streamCount + pair.acceptor.streamCount).toBe(0);
    },
    30_000,
  );

  it('carries the header (CON-1)', async () => {
    const taken = new Promise<StreamHeader>((resolve) => pair.acceptor.onStream((_stream, header) => resolve(header)));
    pair.dialler.open({ kind: 'access', request: { server: 'web-1', login: 'admin' } });
    expect(await taken).toEqual({ kind: 'access', request: { server: 'web-1', login: 'admin' } });
  });

  it('goes on answering after the other side has ended (CON-1)', async () => {
    const { near, far } = await openStream();
    near.end('question');
    expect(String(await buffer(far))).toBe('question');
    far.write('slow ');
    await once(near, 'readable');
    far.end('answer');
    expect(String(await buffer(near))).toBe('slow answer');
  });

  it('ends with nothing sent at all (CON-1)', async () => {
    const { near, far } = await openStream();
    near.end();
    far.end();
    expect((await Promise.all([buffer(near), buffer(far)])).map(String)).toEqual(['', '']);
  });

  it.each(['near', 'far'] as const)('tells the code of a reset by the %s side (CON-1)', async (side) => {
    const streams = await openStream();
    const [resetting, told] = side === 'near' ? [streams.near, streams.far] : [streams.far, streams.near];
    const closed = closing(told);
    resetting.reset(77);
    await closed;
    expect(told.errored).toEqual(new StreamReset(77));
    expect(resetting.errored).toBeNull();
    expect(pair.dialler.streamCount + pair.acceptor.streamCount).toBe(0);
  });

  it('treats destroy as a cancellation (CON-1)', async () => {
    const { near, far } = await openStream();
    const closed = closing(far);
    near.destroy();
    await closed;
    expect(far.errored).toEqual(new StreamReset(resetCode.cancelled));
  });

  it('bounds what a stalled reader holds, leaves its neighbour unharmed, and resumes (CON-1)', async () => {
    const stalled = await openStream();
    const accepted = await writeUntilStuck(stalled.near, 64 * mib);
    // The first window, what the writer buffers, and one chunk: never the 64 MB.
    expect(accepted).toBeLessThanOrEqual(mib);
    const neighbour = await openStream();
    const sent = sendRandom(neighbour.near, 4 * mib, 3);
    expect(await hashOf(neighbour.far)).toBe(await sent);
    const rest = buffer(stalled.far);
    stalled.near.end();
    expect((await rest).byteLength).toBe(accepted);
  }, 20_000);

  it('lets a keystroke pass the bulk of many streams (CON-1)', async () => {
    const floods: { near: MuxStream; far: MuxStream }[] = [];
    for (let n = 0; n < 20; n += 1) floods.push(await openStream());
    const { near, far } = await openStream();
    far.pipe(far);
    let bulkBytes = 0;
    for (const flood of floods) {
      flood.far.on('data', (chunk: Buffer) => {
        bulkBytes += chunk.byteLength;
      });
      flood.near.write(Buffer.alloc(2 * mib));
    }
    await settled(() => bulkBytes > 0);
    const before = bulkBytes;
    near.write('k');
    await once(near, 'data');
    // In front of it were at most the bulk in the carrier and what was on its way there, not 40 MB.
    expect(bulkBytes - before).toBeLessThan(8 * mib);
    for (const flood of floods) flood.near.destroy();
  }, 20_000);

  it('errors every stream with LINK_LOST when it closes, and says why on both sides (CON-3)', async () => {
    const { near, far } = await openStream();
    const closed = Promise.all([closing(near), closing(far)]);
    pair.acceptor.close('the server was revoked');
    expect(await Promise.all([pair.dialler.closed, pair.acceptor.closed])).toEqual([
      'the server was revoked',
      'the server was revoked',
    ]);
    await closed;
    expect([near.errored, far.errored]).toEqual([expect.any(LinkLost), expect.any(LinkLost)]);
    const late = pair.dialler.open(header);
    await closing(late);
    expect(late.errored).toMatchObject({ code: 'LINK_LOST' });
  });

  it('measures the round trip (CON-3)', async () => {
    const { near, far } = await openStream();
    far.pipe(far);
    near.write('x');
    await once(near, 'data');
    expect(pair.dialler.rttMs).toBeGreaterThanOrEqual(0);
  });

  it('loses no stream and no byte under parallel streams and random kills (CON-1)', async () => {
    pair.acceptor.onStream((stream) => {
      stream.pipe(stream);
    });
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, n) => echoMany(seeded(n))));
    expect(outcomes.flat().filter((outcome) => outcome === 'corrupt')).toEqual([]);
    expect(outcomes.flat().filter((outcome) => outcome === 'whole').length).toBeGreaterThan(400);
    await settled(() => pair.dialler.streamCount + pair.acceptor.streamCount === 0);
    const { near, far } = await openStream();
    const sent = sendRandom(near, 4 * mib, 9);
    expect(await hashOf(far)).toBe(await sent);
  }, 60_000);

  /** Twelve echoes one after the other; some are killed on the way. */
  async function echoMany(random: () => number): Promise<string[]> {
    const outcomes: string[] = [];
    for (let n = 0; n < 12; n += 1) outcomes.push(await echoOnce(random));
    return outcomes;
  }

  async function echoOnce(random: () => number): Promise<string> {
    const payload = randomBytes(Math.floor(random() * 60_000));
    const stream = pair.dialler.open(header);
    const echoed = buffer(stream).then(
      (bytes) => (bytes.equals(payload) ? 'whole' : 'corrupt'),
      () => 'killed',
    );
    stream.end(payload);
    if (random() < 0.3) setImmediate(() => stream.reset(99));
    return echoed;
  }
});

/** Random chunks of random sizes; resolves with their SHA-256 once all is handed over and the stream ended. */
async function sendRandom(stream: Duplex, bytes: number, seed: number): Promise<string> {
  const random = seeded(seed);
  const hash = createHash('sha256');
  let left = bytes;
  while (left > 0) {
    const size = Math.min(left, random() < 0.3 ? 1 + Math.floor(random() * 100) : Math.floor(random() * 200_000) + 1);
    const chunk = randomBytes(size);
    hash.update(chunk);
    left -= size;
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  stream.end();
  return hash.digest('hex');
}

async function hashOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** Writes until nothing is taken any more; resolves with the bytes that were. */
async function writeUntilStuck(stream: Duplex, most: number): Promise<number> {
  let written = 0;
  while (written < most && !stream.writableNeedDrain) {
    stream.write(Buffer.alloc(65_536));
    written += 65_536;
    // Enough turns for every credit that could come.
    for (let turn = 0; turn < 50 && stream.writableNeedDrain; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return written;
}

/** once() would reject at the error that comes before the close. */
function closing(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
  });
}

async function settled(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
