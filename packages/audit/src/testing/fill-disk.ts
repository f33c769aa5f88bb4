// Run on a file system with little room: `fill-disk.ts FOLDER FILLER` appends until the disk is full, tries while it is, makes room by
// removing FILLER (or raising its own file-size limit), and prints what happened as one line of JSON.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@sallyport/core';
import { verifyAuditLog } from '../verify.ts';
import { event, openLog, signingKey } from './fixture.ts';

const [folder = '', filler = ''] = process.argv.slice(2);
const log = await openLog(folder, { clock: systemClock, checkpointEveryMs: 3_600_000, retryAfterMs: 20 });
const acked: number[] = [];

const refused = await fill();
const whileFull = await Promise.all([log.append(event(0)), log.append(event(1))]);
const wasHealthyWhileFull = log.isHealthy;
const checkpointWhileFull = await log.checkpoint();

if (filler === 'limit') execFileSync('prlimit', ['--fsize=unlimited:', '--pid', String(process.pid)]);
else rmSync(filler);
while (!log.isHealthy) await wait(5);
const after = await Promise.all(Array.from({ length: 20 }, (_, index) => log.append(event(index))));
for (const one of after) if (one.ok) acked.push(one.value.seq);
await log.close();

const report = await verifyAuditLog(folder, signingKey.publicKey);
process.stdout.write(
  JSON.stringify({
    refused: { code: refused.code, message: refused.message, hint: refused.hint },
    whileFull: whileFull.map((one) => (one.ok ? 'stored' : one.error.code)),
    wasHealthyWhileFull,
    checkpointWhileFull: checkpointWhileFull.ok ? 'signed' : checkpointWhileFull.error.code,
    after: after.map((one) => (one.ok ? 'stored' : one.error.code)),
    acked,
    events: report.events,
    firstBad: report.firstBad ?? null,
  }),
);
if (!process.stdout.writableFinished && process.stdout.writableNeedDrain) await once(process.stdout, 'drain');

async function fill() {
  for (let number = 0; ; number += 8) {
    const results = await Promise.all(Array.from({ length: 8 }, (_, one) => log.append(event(number + one))));
    for (const one of results) {
      if (!one.ok) return one.error;
      acked.push(one.value.seq);
    }
  }
}
