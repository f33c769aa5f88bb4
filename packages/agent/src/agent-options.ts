// What a running agent needs of the program around it and of the host under it.

import type { Clock, Random, Result } from '@sallyport/core';
import type { GrantClaims, HostFacts, Labels, Refusal } from '@sallyport/protocol';
import type { Machine } from '@sallyport/session';
import type { Log } from './log.ts';
import type { StateFolder } from './state-folder.ts';

/** Only an admitted grant's claims. */
export type OpenMachine = (granted: GrantClaims) => Promise<Result<Machine, Refusal>>;

export type AgentOptions = {
  readonly folder: StateFolder;
  readonly version: string;
  readonly hostFacts: (labels: Labels) => Promise<HostFacts>;
  /** The login's machine on this host, for the session that the grant allows. */
  readonly openMachine: OpenMachine;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Aborting it ends the sessions, then the agent. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** How far this host's clock and the gateway's may be apart. */
  readonly clockToleranceMs: number;
  /** The process that status.json names: this one. */
  readonly pid: number;
};
