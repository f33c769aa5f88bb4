// A recorder run as its own process: `record.ts PATH` records numbered lines and prints how many bytes of the file are there, until it is
// killed; `record.ts PATH fill FILLER` records until the disk is full and prints as JSON what happened.

import { readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expectOk, systemClock } from '@sallyport/core';
import { verifyRecording } from '../reader.ts';
import { recoverRecording } from '../recover-recording.ts';
import { start } from './fixture.ts';

const [path = '', mode = 'run', filler = ''] = process.argv.slice(2);
const writer = await start(path, systemClock);

if (mode === 'run') {
  for (let line = 0; ; line++) {
    writer.output(Buffer.from(`line ${line}\n`), 'stdout');
    await wait(1);
    if (line % 10 === 0) writeSync(1, `${statSync(path).size}\n`);
  }
}

for (let isFailed = false; !isFailed; ) {
  writer.output(Buffer.alloc(10_000, 'x'), 'stdout');
  await writer.ready();
  isFailed = await Promise.race([writer.failed.then(() => true), wait(1, false)]);
}
const failure = await writer.failed;
const sealed = await writer.seal();
const { outcome } = expectOk(await verifyRecording(path));
const noRoom = await recoverRecording(path, systemClock);
if (filler !== '') rmSync(filler);
const recovered = await recoverRecording(path, systemClock);
process.stdout.write(
  JSON.stringify({
    failure,
    sealed: sealed.ok ? 'sealed' : sealed.error.code,
    state: outcome.state,
    noRoom: noRoom.ok ? 'sealed' : noRoom.error.code,
    recovered: recovered.ok,
    bytes: readFileSync(path).length,
  }),
);
