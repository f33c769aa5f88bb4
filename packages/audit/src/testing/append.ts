// A gateway in small, run as its own process: `append.ts FOLDER COUNT` appends so many events, a few at a time, and prints the number
// of each once it has been acknowledged.

import { writeSync } from 'node:fs';
import { expectOk, systemClock } from '@sallyport/core';
import { event, openLog } from './fixture.ts';

const [folder = '', count = '0'] = process.argv.slice(2);
const log = await openLog(folder, { clock: systemClock, checkpointEveryMs: 5, segmentBytes: 20_000 });
if (log.recovered) writeSync(1, `recovered ${log.recovered.tornBytes}\n`);
const from = log.size;
for (let done = 0; done < Number(count); done += 4) {
  const appended = [0, 1, 2, 3].map(async (one) => {
    const { seq } = expectOk(await log.append(event(from + done + one)));
    writeSync(1, `acked ${seq}\n`);
  });
  await Promise.all(appended);
}
await log.close();
