// A fleet in one process: that many real agents, each with its own key and state folder. Started by agents.ts; says how many are
// connected whenever that changes, one JSON line each.

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentWorld, joinHere, runHere } from '@sallyport/agent';
import { expectOk, systemClock } from '@sallyport/core';

const [url = '', token = '', folder = '', countText = '0'] = process.argv.slice(2);
const joinsAtOnce = 8;

let connected = 0;
const tell = (): void => console.log(JSON.stringify({ connected }));

function worldOf(index: number): AgentWorld {
  return {
    clock: systemClock,
    random: randomBytes,
    uid: process.getuid?.(),
    env: process.env,
    homeFolder: folder,
    runtimePath: process.execPath,
    pid: process.pid,
    version: 'bench',
    stateFolder: join(folder, `agent-${index}`),
  };
}

async function joinOne(index: number): Promise<void> {
  const request = { url, token, name: `bench-${index}`, labels: {}, force: false };
  expectOk(await joinHere(worldOf(index), request));
}

/** Counts what the agent itself says of its tunnel. */
function runOne(index: number, signal: AbortSignal): Promise<unknown> {
  let isConnected = false;
  const heard = (now: boolean) => {
    if (now === isConnected) return;
    isConnected = now;
    connected += now ? 1 : -1;
    tell();
  };
  const log = {
    info: (message: string) => {
      if (message === 'the gateway knows this server') heard(true);
    },
    warning: (message: string) => {
      if (message === 'the tunnel is lost') heard(false);
    },
    error: (message: string) => console.error(message),
  };
  return runHere(worldOf(index), log, signal);
}

const count = Number(countText);
await mkdir(folder, { recursive: true });
const waiting = Array.from({ length: count }, (_, index) => index);
const joiner = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await joinOne(next);
};
await Promise.all(Array.from({ length: joinsAtOnce }, joiner));
console.log(JSON.stringify({ joined: count }));

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
const alive = setInterval(() => undefined, 60_000);
await Promise.all(Array.from({ length: count }, (_, index) => runOne(index, stopping.signal)));
clearInterval(alive);
