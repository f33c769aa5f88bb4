// The program inside a bed: runs the scenarios it is asked for, one after the other, and checks that each leaves nothing behind.

import { strict as assert } from 'node:assert';
import { existsSync, readdirSync } from 'node:fs';
import { inspect } from 'node:util';
import { systemClock } from '@sallyport/core';
import { prepareHost } from '../host.ts';
import { scenarioCall } from './bed.ts';
import { connectionScenarios } from './connection-scenarios.ts';
import { inheritanceScenarios } from './inheritance-scenarios.ts';
import { loginScenarios } from './login-scenarios.ts';
import { processScenarios } from './process-scenarios.ts';
import { eventually, Ground, type Scenarios } from './scenario.ts';
import { selfScenarios } from './self-scenarios.ts';
import { terminalScenarios } from './terminal-scenarios.ts';

const scenarios: Scenarios = {
  ...connectionScenarios,
  ...inheritanceScenarios,
  ...loginScenarios,
  ...processScenarios,
  ...selfScenarios,
  ...terminalScenarios,
};
const [folder = ''] = process.argv.slice(2);
const handCommand = [process.execPath, new URL('../login-hand.ts', import.meta.url).pathname];
const host = await prepareHost({ clock: systemClock, handCommand });
// The system calls are loaded once for all; they are not a scenario's leak.
await host.kernel();

const descriptors = () => readdirSync('/proc/self/fd').length;

async function runScenario(name: string, limitMs: number): Promise<void> {
  const scenario = scenarios[name];
  assert(scenario, `there is no scenario ${name}`);
  const before = descriptors();
  const ground = new Ground(host, folder);
  try {
    await Promise.race([scenario(ground), lateness(limitMs)]);
  } finally {
    await ground.end();
  }
  await eventually(() => descriptors() <= before);
  const groups = host.cgroup && existsSync(host.cgroup.folder) ? readdirSync(host.cgroup.folder) : [];
  const left = groups.filter((group) => ground.sessions.some((session) => group.startsWith(session)));
  assert.deepEqual(left, [], 'a cgroup is left over');
}

/** A little less than the test allows, so that the scenario's own machines are ended and its failure told. */
function lateness(limitMs: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not done within ${limitMs} ms`)), limitMs).unref();
  });
}

process.on('message', (message) => {
  const { scenario, limitMs } = scenarioCall.parse(message);
  runScenario(scenario, limitMs).then(
    () => process.send?.('passed'),
    (error: unknown) => process.send?.(inspect(error)),
  );
});
process.on('disconnect', () => process.exit(0));
