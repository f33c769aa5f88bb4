// The export against the description of asciicast v2 and asciinema itself, and playing by a clock.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expectOk } from '@sallyport/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AsciicastOptions, toAsciicast } from './asciicast.ts';
import type { RecordingHeader } from './header.ts';
import { play } from './play.ts';
import { readRecording } from './reader.ts';
import { header, scratch, start, TestClock } from './testing/fixture.ts';
import type { RecordingWriter } from './writer.ts';

async function castOf(
  record: (writer: RecordingWriter, clock: TestClock) => void,
  options: AsciicastOptions = {},
  about: RecordingHeader = header,
): Promise<string> {
  using at = scratch();
  const clock = new TestClock();
  const writer = await start(at.path('r'), clock, about);
  record(writer, clock);
  expectOk(await writer.seal({ how: 'exited', status: 0 }));
  let cast = '';
  for await (const line of toAsciicast(expectOk(await readRecording(at.path('r'))), options)) cast += line;
  return cast;
}

/** What the asciicast v2 description demands of a file; returns the header and the events. */
function checked(cast: string): { header: Record<string, unknown>; events: [number, string, string][] } {
  expect(cast.endsWith('\n')).toBe(true);
  const [first, ...rest] = cast
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({
    version: 2,
    width: expect.any(Number),
    height: expect.any(Number),
    timestamp: expect.any(Number),
  });
  expect(Number.isInteger(first.timestamp)).toBe(true);
  let lastSeconds = 0;
  for (const event of rest) {
    expect(event).toEqual([expect.any(Number), expect.stringMatching(/^[oirm]$/), expect.any(String)]);
    expect(event[0]).toBeGreaterThanOrEqual(lastSeconds);
    lastSeconds = event[0];
    if (event[1] === 'r') expect(event[2]).toMatch(/^[1-9]\d*x[1-9]\d*$/);
  }
  return { header: first, events: rest };
}

const session = (writer: RecordingWriter, clock: TestClock) => {
  writer.output(Buffer.from('\u001b[1m$ \u001b[0m'), 'stdout');
  clock.advance(250);
  writer.input(Buffer.from('ls\r'));
  clock.advance(1.5);
  writer.output(Buffer.from('한국어 😀\r\n'), 'stdout');
  writer.resize({ columns: 132, rows: 43, widthPx: 0, heightPx: 0 });
  writer.mark('ls');
};

describe('the asciicast of a recording', () => {
  it('has the header, output, resizes and marks with their times (REC-1)', async () => {
    const { header: cast, events } = checked(await castOf(session, { idleLimitSeconds: 2 }));
    expect(cast).toMatchObject({
      width: 100,
      height: 30,
      timestamp: 1_785_000_000,
      idle_time_limit: 2,
      env: { TERM: 'xterm-256color' },
    });
    expect(events).toEqual([
      [0, 'o', '\u001b[1m$ \u001b[0m'],
      [0.2515, 'o', '한국어 😀\r\n'],
      [0.2515, 'r', '132x43'],
      [0.2515, 'm', 'ls'],
    ]);
  });

  it('holds what was typed only when asked for (REC-1)', async () => {
    const { events } = checked(await castOf(session, { includeInput: true }));
    expect(events[1]).toEqual([0.25, 'i', 'ls\r']);
  });

  it('joins characters that chunks have split, on each stream by itself (REC-1)', async () => {
    const text = '가나다 😀 é\r\n';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 30, maxLength: 30 }), async (sizes) => {
        const bytes = Buffer.from(text.repeat(3));
        const cast = await castOf((writer) => {
          let at = 0;
          for (const size of [...sizes, bytes.length]) {
            writer.output(bytes.subarray(at, at + size), 'stdout');
            writer.output(Buffer.from('E'), 'stderr');
            at += size;
          }
        });
        const output = checked(cast)
          .events.map((event) => event[2])
          .join('');
        expect(output.replaceAll('E', '')).toBe(text.repeat(3));
      }),
      { numRuns: 20 },
    );
  });

  it('takes any bytes, and says that some are no text (REC-1)', async () => {
    const { events } = checked(
      await castOf((writer) => writer.output(Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82]), 'stdout')),
    );
    expect(events.map((event) => event[2]).join('')).toBe('a\ufffdb\ufffd');
  });

  it('begins each line of a command without a terminal at its left edge (REC-1)', async () => {
    const { terminal: _, ...bare } = header;
    const about: RecordingHeader = { ...bare, kind: 'exec', command: 'x' };
    const record = (one: RecordingWriter) => one.output(Buffer.from('a\nb\n'), 'stdout');
    const { header: cast, events } = checked(await castOf(record, {}, about));
    expect(cast).toMatchObject({ command: 'x', width: 80, height: 24, env: { TERM: 'dumb' } });
    expect(events).toEqual([[0, 'o', 'a\r\nb\r\n']]);
  });

  const isInstalled = spawnSync('asciinema', ['--version']).status === 0;
  it("plays in asciinema's own player (REC-1)", async ({ skip }) => {
    skip(!isInstalled, 'asciinema is not installed');
    using at = scratch();
    writeFileSync(at.path('r.cast'), await castOf(session, { includeInput: true }));
    const env = { ...process.env, LC_ALL: 'C.UTF-8', HOME: at.folder };
    const printed = execFileSync('script', ['-qec', `asciinema cat ${at.path('r.cast')}`, at.path('typescript')], {
      env,
      encoding: 'utf8',
    });
    expect(printed).toContain('한국어 😀');
    expect(readFileSync(at.path('typescript'), 'utf8')).toContain('$ ');
  });
});

describe('playing', () => {
  const frames = async function* () {
    for (const atUs of [0, 100_000, 5_100_000, 5_100_000, 6_100_000])
      yield { kind: 'output', atUs, bytes: Buffer.alloc(0) } as const;
  };

  it.each([
    { options: {}, at: [0, 100, 5100, 5100, 6100] },
    { options: { speed: 2 }, at: [0, 50, 2550, 2550, 3050] },
    { options: { idleLimitMs: 1000 }, at: [0, 100, 1100, 1100, 2100] },
    { options: { idleLimitMs: 1000, speed: 4 }, at: [0, 25, 275, 275, 525] },
  ])('gives each frame at its time with $options (REC-1)', async ({ options, at }) => {
    const clock = new TestClock();
    const startMs = clock.monotonicMs();
    const seen: number[] = [];
    const ticking = setInterval(() => clock.advance(clock.pending[0] ?? 0), 0);
    for await (const _ of play(frames(), { clock, ...options })) seen.push(clock.monotonicMs() - startMs);
    clearInterval(ticking);
    expect(seen).toEqual(at);
  });

  it('stops at once at the signal, also within a pause (REC-1)', async () => {
    const clock = new TestClock();
    const stop = new AbortController();
    const playing = play(frames(), { clock, signal: stop.signal });
    expect((await playing.next()).done).toBe(false);
    const next = playing.next();
    stop.abort();
    expect((await next).done).toBe(true);
    expect(clock.pending).toEqual([]);
  });
});
