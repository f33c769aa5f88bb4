// Durable audit appends beside what the same disk does with one fdatasync after the other (goal: 20,000 events/s by group commit).

import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog, verifyAuditLog } from '@sallyport/audit';
import { expectOk, systemClock } from '@sallyport/core';
import type { AuditEvent } from '@sallyport/protocol';
import { type Measurement, quantile, type Row } from './report.ts';

type AuditBench = {
  readonly rawSyncsPerSecond: number;
  readonly rows: readonly {
    readonly concurrent: number;
    readonly eventsPerSecond: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
  }[];
  readonly verifiedPerSecond: number;
  readonly openMs: number;
};

const event: AuditEvent = {
  time: '2026-01-01T00:00:00.000Z',
  class: 'channel.opened',
  actor: { kind: 'person', id: 'per_0123456789abcdef', name: 'alice' },
  action: 'exec',
  resource: { kind: 'channel', id: 'chn_0123456789abcdef', name: 'uptime' },
  decision: 'allow',
  rules: ['owners-may-do-everything'],
  source: '192.0.2.7',
  destination: 'deploy@web-1',
  address: '192.0.2.7',
  details: { command: 'uptime' },
};

async function benchAudit(parent = tmpdir(), eventsPerRow = 40_000): Promise<AuditBench> {
  const folder = await mkdtemp(join(parent, 'sally-bench-audit-'));
  try {
    const rawSyncsPerSecond = await rawSyncs(join(folder, 'raw'));
    const signingKey = generateKeyPairSync('ed25519');
    const options = {
      folder: join(folder, 'log'),
      signingKey,
      origin: 'bench',
      clock: systemClock,
      checkpointEveryMs: 1000,
    };
    const log = expectOk(await openAuditLog(options));
    const rows: AuditBench['rows'][number][] = [];
    for (const concurrent of [1, 16, 256, 4096]) {
      const count = Math.min(eventsPerRow, concurrent * 500);
      const latenciesMs: number[] = [];
      const start = performance.now();
      const appendAll = async () => {
        for (let one = 0; one < count / concurrent; one++) {
          const began = performance.now();
          expectOk(await log.append(event));
          latenciesMs.push(performance.now() - began);
        }
      };
      await Promise.all(Array.from({ length: concurrent }, appendAll));
      const seconds = (performance.now() - start) / 1000;
      rows.push({
        concurrent,
        eventsPerSecond: latenciesMs.length / seconds,
        p50Ms: quantile(latenciesMs, 0.5),
        p99Ms: quantile(latenciesMs, 0.99),
      });
    }
    const { size } = log;
    await log.close();
    const openStart = performance.now();
    await expectOk(await openAuditLog(options)).close();
    const openMs = performance.now() - openStart;
    const verifyStart = performance.now();
    const report = await verifyAuditLog(options.folder, signingKey.publicKey);
    if (!report.ok) throw new Error(`the log of the bench does not verify: ${report.firstBad?.what}`);
    return { rawSyncsPerSecond, rows, verifiedPerSecond: (size / (performance.now() - verifyStart)) * 1000, openMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rawSyncs(path: string): Promise<number> {
  const file = await open(path, 'w');
  const line = Buffer.alloc(400, 'x');
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < 1000; count++) {
    await file.write(line);
    await file.datasync();
  }
  const seconds = (performance.now() - start) / 1000;
  await file.close();
  return count / seconds;
}

export const auditMeasurement: Measurement = {
  name: 'audit',
  about:
    'durable appends to the audit log, beside one write and fdatasync after the other; word: a folder on the disk to measure',
  async measure([parent]) {
    const bench = await benchAudit(parent);
    const beside = { who: 'raw fdatasync', figure: bench.rawSyncsPerSecond };
    const append = bench.rows.flatMap((row): Row[] => [
      { what: `append, ${row.concurrent} at once`, figure: row.eventsPerSecond, unit: 'events/s', beside },
      { what: `append, ${row.concurrent} at once, p99`, figure: row.p99Ms, unit: 'ms' },
    ]);
    const best = Math.max(...bench.rows.map((row) => row.eventsPerSecond));
    return [
      ...append,
      { what: 'append, at its best', figure: best, unit: 'events/s', goal: { atLeast: 20_000 } },
      { what: 'verify', figure: bench.verifiedPerSecond, unit: 'events/s' },
      { what: 'open that log again', figure: bench.openMs, unit: 'ms' },
    ];
  },
};
