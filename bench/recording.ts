// What recording costs: terminal output through a recording, beside writing and hashing the same bytes and nothing more.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, newId, systemClock } from '@sallyport/core';
import {
  type RecordingHeader,
  readRecording,
  startRecording,
  toAsciicast,
  verifyRecording,
} from '@sallyport/recording';
import type { Measurement, Row } from './report.ts';

type RecordingBench = {
  readonly input: string;
  readonly chunkBytes: number;
  readonly plainMBps: number;
  readonly recordMBps: number;
  readonly verifyMBps: number;
  readonly exportMBps: number;
};

const MB = 1_000_000;

async function benchRecording(parent = tmpdir(), totalBytes = 128 * MB): Promise<RecordingBench[]> {
  const folder = await mkdtemp(join(parent, 'sally-bench-recording-'));
  try {
    const results: RecordingBench[] = [];
    const line = '2026-01-01T00:00:00.000Z web-1 app[1234]: GET /v1/servers 200 12 ms\r\n';
    const text = Buffer.from(line.repeat(1000));
    const binary = randomBytes(70_000);
    for (const [input, source] of [
      ['log text', text],
      ['binary', binary],
    ] as const) {
      for (const chunkBytes of [64, 4096, 65_536]) {
        const bytes = chunkBytes === 64 ? totalBytes / 4 : totalBytes;
        results.push({ input, chunkBytes, ...(await measure(folder, source, chunkBytes, bytes)) });
      }
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Speeds = Omit<RecordingBench, 'input' | 'chunkBytes'>;

async function measure(folder: string, source: Buffer, chunkBytes: number, totalBytes: number): Promise<Speeds> {
  const chunks = Array.from({ length: Math.floor(source.length / chunkBytes) }, (_, index) =>
    source.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  const megabytes = totalBytes / MB;
  const path = join(folder, 'recording');
  const plain = await seconds(() => plainWrite(join(folder, 'plain'), source, totalBytes));
  const record = await seconds(async () => {
    const writer = expectOk(await startRecording({ path, header: header(), clock: systemClock }));
    for (let done = 0, next = 0; done < totalBytes; done += chunkBytes, next++) {
      const chunk = chunks[next % chunks.length] ?? source;
      if (!writer.output(chunk, 'stdout')) await writer.ready();
    }
    expectOk(await writer.seal());
  });
  const verify = await seconds(async () => {
    if (expectOk(await verifyRecording(path)).outcome.state !== 'sealed')
      throw new Error('the recording does not verify');
  });
  const cast = await seconds(async () => {
    for await (const line of toAsciicast(expectOk(await readRecording(path))))
      if (line === '') throw new Error('no line');
  });
  await rm(path);
  const speed = (took: number) => megabytes / took;
  return { plainMBps: speed(plain), recordMBps: speed(record), verifyMBps: speed(verify), exportMBps: speed(cast) };
}

async function plainWrite(path: string, source: Buffer, totalBytes: number): Promise<void> {
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  const block = source.subarray(0, 65_536);
  for (let done = 0; done < totalBytes; done += block.length) {
    hash.update(block);
    await file.write(block);
  }
  await file.datasync();
  await file.close();
  hash.digest();
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function header(): RecordingHeader {
  const id = <Kind extends 'session' | 'channel' | 'person' | 'server'>(kind: Kind) => newId(kind, randomBytes);
  return {
    session: id('session'),
    channel: id('channel'),
    person: { id: id('person'), name: 'alice' },
    server: { id: id('server'), name: 'web-1' },
    login: 'deploy',
    kind: 'shell',
    startedAt: systemClock.now(),
  };
}

export const recordingMeasurement: Measurement = {
  name: 'recording',
  about:
    'terminal output through a recording, beside writing and hashing the same bytes; word: a folder on the disk to measure',
  async measure([parent]) {
    const results = await benchRecording(parent);
    return results.flatMap(({ input, chunkBytes, ...speed }): Row[] => {
      const what = `${input} in pieces of ${chunkBytes} B`;
      const beside = { who: 'write and SHA-256', figure: speed.plainMBps };
      return [
        { what: `record ${what}`, figure: speed.recordMBps, unit: 'MB/s', beside },
        { what: `verify ${what}`, figure: speed.verifyMBps, unit: 'MB/s' },
        { what: `export ${what}`, figure: speed.exportMBps, unit: 'MB/s' },
      ];
    });
  },
};
