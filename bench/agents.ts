// A fleet that does nothing, and a fleet that loses its gateway: memory for each idle agent, and the time until all are back.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Running, Stack, waitFor } from '@sallyport/testkit';
import { buildSally } from '../scripts/build.ts';
import type { Measurement, Row } from './report.ts';

const fleetSize = 1000;
const settleMs = 5_000;

export const agentsMeasurement: Measurement = {
  name: 'agents',
  about: `${fleetSize} idle agents, and their return after the gateway is killed`,
  measure: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-fleet-'));
    const { program } = await buildSally();
    const stack = await Stack.start({ folder: join(folder, 'stack'), sally: [process.execPath, program] });
    let fleet: Running | undefined;
    try {
      const token = await fleetToken(stack);
      await restartGateway(stack);
      const before = await rssMegabytes(stack.gateway.pid);
      fleet = startFleet(stack, token, join(folder, 'fleet'));
      await fleet.until(/"joined":/, 300_000);
      await untilConnected(fleet, fleetSize);
      // Another fresh gateway: what the joins left in the memory of the first is no part of an idle agent.
      await restartGateway(stack);
      await untilConnected(fleet, fleetSize);
      await pause(settleMs);
      const after = await rssMegabytes(stack.gateway.pid);
      return [
        {
          what: 'gateway RSS for each idle agent',
          figure: ((after - before) * 1000) / fleetSize,
          unit: 'KB',
          goal: { atMost: 60 },
        },
        ...(await comeBack(stack, fleet)),
      ];
    } finally {
      await fleet?.stop();
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function fleetToken(stack: Stack): Promise<string> {
  const made = await stack.sally(['token', 'create', '--uses', String(fleetSize), '--json']);
  if (made.status !== 0) throw new Error(made.stderr);
  return JSON.parse(made.stdout).token;
}

/** A gateway that has done nothing yet, so that what it grows by is the fleet. */
async function restartGateway(stack: Stack): Promise<void> {
  await stack.gateway.stop();
  await stack.startGateway();
  await pause(settleMs);
}

function startFleet(stack: Stack, token: string, folder: string): Running {
  const peer = join(import.meta.dirname, 'agents-peer.ts');
  return new Running([process.execPath, peer, stack.url, token, folder, String(fleetSize)], { env: stack.env() });
}

async function comeBack(stack: Stack, fleet: Running): Promise<Row[]> {
  stack.gateway.child.kill('SIGKILL');
  await stack.gateway.exited;
  await untilConnected(fleet, 0);
  // Long enough that every agent waits as long as it ever does.
  await pause(3 * settleMs);
  await stack.startGateway();
  const startedAt = performance.now();
  await untilConnected(fleet, fleetSize);
  const seconds = (performance.now() - startedAt) / 1000;
  return [
    { what: `${fleetSize} agents back after the gateway is up`, figure: seconds, unit: 's', goal: { atMost: 10 } },
  ];
}

function untilConnected(fleet: Running, count: number): Promise<true> {
  return waitFor(
    () => {
      if (fleet.hasExited) throw new Error(`the fleet ended:\n${fleet.output.slice(-2000)}`);
      return connectedNow(fleet) === count ? true : undefined;
    },
    `${count} agents to be connected`,
    300_000,
  );
}

function connectedNow(fleet: Running): number | undefined {
  const last = /\{"connected":(\d+)\}\n$/.exec(fleet.output.slice(-64))?.[1];
  return last === undefined ? undefined : Number(last);
}

async function rssMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1000;
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
