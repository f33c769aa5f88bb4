// What a link does with a peer that breaks the protocol: it ends, and says which rule was broken. What is tolerated is here as well.

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { LinkFault } from './link-fault.ts';
import type { MuxStream } from './stream.ts';
import { type RawPeer, rawFrame, rawPeer, frameTypes as type, u32 } from './testing/raw-peer.ts';

const header = JSON.stringify({ kind: 'ssh', server: 'web-1' });
const open = (stream: number, text = header) => rawFrame(type.open, stream, text);
const data = (stream: number, bytes: number) => rawFrame(type.data, stream, Buffer.alloc(bytes));
const filling = (stream: number, bytes: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes / 32_768) }, (_, n) => data(stream, Math.min(32_768, bytes - n * 32_768)));
const kib = 1024;

/** A peer whose streams are taken and never read. */
function peer(limits: Parameters<typeof rawPeer>[0] = {}): RawPeer {
  const raw = rawPeer(limits);
  raw.mux.onStream(() => undefined);
  return raw;
}

const violations: readonly (readonly [LinkFault, string, readonly Buffer[]])[] = [
  ['malformed frame', 'a frame shorter than its head', [Buffer.from([0, 0, 0])]],
  ['malformed frame', 'an empty frame', [Buffer.alloc(0)]],
  ['malformed frame', 'data on stream 0', [data(0, 1)]],
  ['malformed frame', 'data without data', [open(2), data(2, 0)]],
  ['malformed frame', 'credit of another length', [open(2), rawFrame(type.credit, 2, 'xx')]],
  ['malformed frame', 'a credit of nothing', [rawFrame(type.credit, 0, u32(0))]],
  ['malformed frame', 'an end with a payload', [open(2), rawFrame(type.fin, 2, 'x')]],
  ['malformed frame', 'a reset without a code', [open(2), rawFrame(type.rst, 2)]],
  ['malformed frame', 'a ping for a stream', [rawFrame(type.ping, 2, u32(1))]],
  ['unknown frame type', 'type 7', [rawFrame(7, 2)]],
  ['data frame too large', '32 KB and a byte', [open(2), data(2, 32_769)]],
  ['stream header too large', '200,001 bytes', [open(2, 'x'.repeat(200_001))]],
  ['wrong stream parity', 'an odd stream from the side that accepted', [open(3)]],
  ['stream id reused', 'the same stream twice', [open(2), open(2)]],
  ['stream id reused', 'a stream below the last', [open(4), open(2)]],
  ['frame for a stream never opened', 'data', [data(2, 1)]],
  ['frame for a stream never opened', 'data on a stream of the other side', [data(1, 1)]],
  ['frame for a stream never opened', 'an end', [rawFrame(type.fin, 2)]],
  ['frame for a stream never opened', 'a reset', [rawFrame(type.rst, 2, u32(0))]],
  ['frame for a stream never opened', 'credit', [rawFrame(type.credit, 2, u32(1))]],
  ['data after the end', 'data', [open(2), rawFrame(type.fin, 2), data(2, 1)]],
  ['data after the end', 'another end', [open(2), rawFrame(type.fin, 2), rawFrame(type.fin, 2)]],
  ['data on a closed stream', 'after its own reset', [open(2), rawFrame(type.rst, 2, u32(0)), data(2, 1)]],
  ['stream credit overrun', 'a byte more than the window', [open(2), ...filling(2, 256 * kib + 32 * kib + 1)]],
  [
    'credit overflow',
    'connection credit beyond 2 GiB',
    [rawFrame(type.credit, 0, u32(0x7fffffff)), rawFrame(type.credit, 0, u32(0x7fffffff))],
  ],
  ['credit overflow', 'stream credit beyond 2 GiB', [open(2), rawFrame(type.credit, 2, u32(0x80000000))]],
  ['unexpected pong', 'a pong for no ping', [rawFrame(type.pong, 0, u32(12_345))]],
];

describe('a link and a hostile peer', () => {
  it.each(violations)('ends at a violation: %s (%s) (CON-1)', async (fault, _what, frames) => {
    const raw = peer();
    raw.send(...frames);
    expect(await raw.mux.closed).toBe(`protocol violation: ${fault}`);
  });

  it('answers an invalid header with a reset and goes on, but not for ever: too many invalid headers (CON-1)', async () => {
    const raw = peer({ maxInvalidHeaders: 3 });
    const wrong = ['{', '{"kind":"ssh"}', '[]'];
    raw.send(...wrong.map((text, n) => open(2 + 2 * n, text)));
    expect([...(await raw.frameOf(type.rst))]).toEqual([...rawFrame(type.rst, 2, u32(3))]);
    expect(raw.mux.streamCount).toBe(0);
    raw.send(open(8, '"x"'));
    expect(await raw.mux.closed).toBe('protocol violation: too many invalid headers');
  });

  it('refuses a header that is no UTF-8 (CON-1)', async () => {
    const raw = peer();
    const bad = Buffer.concat([Buffer.from('{"kind":"ssh","server":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    raw.send(rawFrame(type.open, 2, bad));
    expect((await raw.frameOf(type.rst)).readUInt32BE(5)).toBe(3);
  });

  it('refuses more streams than the limit, and takes the next once one is over (CON-1)', async () => {
    const raw = peer({ maxStreams: 2 });
    raw.send(open(2), open(4), open(6));
    expect([...(await raw.frameOf(type.rst))]).toEqual([...rawFrame(type.rst, 6, u32(2))]);
    raw.send(rawFrame(type.rst, 2, u32(0)), open(8), rawFrame(type.ping, 0, u32(1)));
    await raw.frameOf(type.pong);
    expect(raw.mux.streamCount).toBe(2);
  });

  it('refuses its own streams beyond the limit without throwing (CON-1)', async () => {
    const raw = peer({ maxStreams: 1 });
    const first = raw.mux.open({ kind: 'renew' });
    const second = raw.mux.open({ kind: 'renew' });
    const closed = new Promise((resolve) => second.once('close', resolve));
    await closed;
    expect(second.errored).toMatchObject({ code: 'STREAM_RESET', resetCode: 2 });
    expect(first.destroyed).toBe(false);
  });

  it('refuses streams while nobody takes them (CON-1)', async () => {
    const raw = rawPeer();
    raw.send(open(2));
    expect((await raw.frameOf(type.rst)).readUInt32BE(5)).toBe(4);
  });

  it('resets the stream that holds the most when the buffers are full, and no other (CON-1)', async () => {
    const raw = peer({ maxBufferedBytes: 300 * kib });
    raw.send(open(2), open(4), ...filling(2, 200 * kib), ...filling(4, 150 * kib));
    expect([...(await raw.frameOf(type.rst))]).toEqual([...rawFrame(type.rst, 2, u32(5))]);
    expect(raw.mux.streamCount).toBe(1);
  });

  it('tolerates data that crossed its reset, until the peer has answered a ping (CON-1)', async () => {
    const raw = rawPeer();
    raw.mux.onStream((stream) => stream.reset(0));
    raw.send(rawFrame(type.pong, 0, u32(1)), open(2), data(2, 100));
    await raw.frameOf(type.rst);
    raw.send(data(2, 100), rawFrame(type.ping, 0, u32(1)));
    await raw.frameOf(type.pong);
    await raw.clock.advance(15_000);
    const pings = raw.received.filter((frame) => frame[0] === type.ping);
    raw.send(rawFrame(type.pong, 0, pings[1]?.subarray(5)), data(2, 1));
    expect(await raw.mux.closed).toBe('protocol violation: data on a closed stream');
  });

  it('does not tolerate more on a reset stream than it had credit for (CON-1)', async () => {
    const raw = rawPeer();
    raw.mux.onStream((stream) => stream.reset(0));
    raw.send(open(2), ...filling(2, 257 * kib));
    expect(await raw.mux.closed).toBe('protocol violation: stream credit overrun');
  });

  it('ends when the peer asks and does not read the answers: replies not read (CON-1)', async () => {
    const raw = peer({ maxUnreadReplies: 10 });
    raw.stallAnswers();
    raw.send(...Array.from({ length: 12 }, (_, n) => rawFrame(type.ping, 0, u32(n))));
    expect(await raw.mux.closed).toBe('protocol violation: replies not read');
  });

  it('ignores credit and resets for streams that are over (CON-1)', async () => {
    const raw = peer();
    raw.send(open(2), rawFrame(type.rst, 2, u32(0)), rawFrame(type.credit, 2, u32(9)), rawFrame(type.rst, 2, u32(0)));
    raw.send(rawFrame(type.ping, 0, u32(7)));
    expect([...(await raw.frameOf(type.pong))]).toEqual([...rawFrame(type.pong, 0, u32(7))]);
  });

  it('sends no more than its credit, and goes on when there is more (CON-1)', async () => {
    const raw = peer();
    const stream = raw.mux.open({ kind: 'renew' });
    stream.write(Buffer.alloc(400 * kib));
    const sentBytes = () =>
      raw.received.filter((frame) => frame[0] === type.data).reduce((sum, frame) => sum + frame.byteLength - 5, 0);
    await settled(() => sentBytes() === 256 * kib);
    raw.send(rawFrame(type.credit, 1, u32(100 * kib)));
    await settled(() => sentBytes() === 356 * kib);
  });

  it('keeps the memory of single bytes near what they count (CON-1)', async () => {
    const raw = rawPeer();
    const taken = new Promise<MuxStream>((resolve) => raw.mux.onStream((one) => resolve(one)));
    raw.send(open(2));
    const stream = await taken;
    raw.send(...Array.from({ length: 20_000 }, () => data(2, 1)), rawFrame(type.ping, 0, u32(1)));
    await raw.frameOf(type.pong);
    let chunks = 0;
    stream.on('data', () => {
      chunks += 1;
    });
    raw.send(rawFrame(type.fin, 2));
    await once(stream, 'end');
    expect(chunks).toBeLessThan(20);
  });
});

async function settled(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
