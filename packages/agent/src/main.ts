// The resident agent as a process of its own: makes the world from the process and runs until it is told to stop. `sally agent run` does
// the same with the whole command line program around it; this one holds nothing but the agent.

import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { refusalText, systemClock } from '@sallyport/core';
import { openLog } from './log.ts';
import { runHere } from './program.ts';
import { exitStatusOf } from './refusals.ts';
import { version } from './version.ts';

const { values } = parseArgs({ options: { state: { type: 'string' } } });
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
const format = process.stderr.isTTY ? 'human' : 'json';
const log = openLog({ write: (line) => process.stderr.write(line), format, clock: systemClock });
const ran = await runHere(
  {
    clock: systemClock,
    random: (byteCount) => randomBytes(byteCount),
    uid: process.getuid?.(),
    env: process.env,
    homeFolder: homedir(),
    runtimePath: process.execPath,
    pid: process.pid,
    version,
    stateFolder: values.state,
  },
  log,
  stop.signal,
);
if (!ran.ok) process.stderr.write(`${refusalText(ran.error)}\n`);
process.exitCode = ran.ok ? 0 : exitStatusOf(ran.error);
