// An agent in the test's own process: joined to a stand-in, running, its log and status at hand.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, expectOk, type JsonObject, newId, type Result } from '@sallyport/core';
import { type GrantClaims, grantClaims, type HostFacts, type Refusal, signGrant } from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';
import { childMachine, waitFor } from '@sallyport/testkit';
import { openSession, type RemoteSession } from '@sallyport/tunnel';
import { joinGateway } from '../join.ts';
import { type Log, openLog } from '../log.ts';
import type { AgentRefusal } from '../refusals.ts';
import { runAgent } from '../run.ts';
import type { StateFolder } from '../state-folder.ts';
import { type AgentStatus, agentStatus } from '../status.ts';
import type { AgentArrival, GatewayStandIn } from './gateway-stand-in.ts';

const facts: HostFacts = {
  ...{ hostname: 'web-1', os: 'Debian', kernel: '6.1', arch: 'x64', agentVersion: '0.1.0' },
  ...{ isRoot: false, ownLogin: 'deploy', labels: {} },
};

export class AgentUnderTest {
  readonly root = mkdtempSync(join(tmpdir(), 'sallyport-agent-'));
  readonly folder: StateFolder = { path: join(this.root, 'state'), uid: process.getuid?.() ?? 0, random: randomBytes };
  readonly lines: JsonObject[] = [];
  readonly machines: Machine[] = [];
  finished: Promise<Result<void, AgentRefusal>> | undefined;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #log: Log;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#log = openLog({ write: (line) => this.lines.push(JSON.parse(line)), format: 'json', clock });
  }

  async join(gateway: GatewayStandIn): Promise<this> {
    const options = { name: undefined, facts, force: false, clock: this.#clock, timeoutMs: 5000 };
    expectOk(await joinGateway(gateway.url, gateway.token(), { ...options, folder: this.folder }));
    return this;
  }

  run(pid = process.pid): Promise<Result<void, AgentRefusal>> {
    this.finished = runAgent({
      ...{ folder: this.folder, version: '0.1.0', clock: this.#clock, random: randomBytes, log: this.#log, pid },
      ...{ signal: this.#abort.signal, timeoutMs: 5000, clockToleranceMs: 10_000 },
      hostFacts: () => Promise.resolve(facts),
      openMachine: ({ login }) => Promise.resolve(this.#open(login)),
    });
    return this.finished;
  }

  #open(login: string): Result<Machine, Refusal> {
    if (login === 'nobody-here') {
      return {
        ok: false,
        error: { code: 'LOGIN_UNKNOWN', message: 'no such login', rule: 'host.login', hint: 'none' },
      };
    }
    const machine = childMachine({ home: this.root });
    this.machines.push(machine);
    return { ok: true, value: machine };
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.finished;
    rmSync(this.root, { recursive: true, force: true });
  }

  abort(): void {
    this.#abort.abort();
  }

  async status(): Promise<AgentStatus> {
    return expectOk(await agentStatus(this.folder));
  }

  /** The status once its link is in that state. */
  in(state: string): Promise<AgentStatus> {
    return waitFor(async () => {
      const status = await this.status();
      return status.last?.link.state === state ? status : undefined;
    }, `the link to be ${state}`);
  }

  /** The first line of the log with that message. */
  said(message: string): Promise<JsonObject> {
    return waitFor(() => this.lines.find((line) => line['msg'] === message), `the log to say ${message}`);
  }

  get identityText(): string {
    return readFileSync(join(this.folder.path, 'agent.json'), 'utf8');
  }
}

/** A grant for that tunnel, with what the test changes. */
export function grantFor(
  gateway: GatewayStandIn,
  { server, link }: AgentArrival,
  now: number,
  changed: Partial<GrantClaims> = {},
): string {
  const claims = grantClaims.parse({
    ...{ grant: newId('grant', randomBytes), session: newId('session', randomBytes), server, link, login: 'deploy' },
    ...{ person: { id: newId('person', randomBytes), name: 'ada' }, device: newId('device', randomBytes) },
    ...{
      powers: ['shell', 'exec'],
      environment: ['LANG', 'LC_*'],
      rules: ['r'],
      issuedAt: now,
      startBy: now + 30_000,
      endsAt: now + 3_600_000,
      ...changed,
    },
  });
  return signGrant(claims, gateway.grantKey);
}

export function open({ mux }: AgentArrival, grant: string): Promise<Result<RemoteSession, Refusal>> {
  return openSession(mux, { kind: 'session', grant });
}
