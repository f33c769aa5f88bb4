// What `sally agent status` shows: who this agent is, and what the running one tells of itself. It reads; it never connects.

import { type EpochMs, ok, type Result, type ServerId } from '@sallyport/core';
import { type Identity, loadIdentity } from './identity.ts';
import type { AgentRefusal } from './refusals.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';
import { isRunning, readStatusFile, type StatusFile } from './status-file.ts';

export type AgentStatus = {
  readonly identity: {
    readonly gateway: string;
    readonly server: ServerId;
    readonly name: string;
    readonly workspace: string;
    readonly trust: Identity['trust'];
    readonly joinedAt: EpochMs;
    readonly certificateExpiresAt: EpochMs;
  };
  readonly isRunning: boolean;
  /** What the agent told last; of a run that is over when isRunning is false; absent if there was none yet. */
  readonly last: StatusFile | undefined;
};

/** The status, or NOT_JOINED, or why the folder cannot be trusted. */
export async function agentStatus(folder: StateFolder): Promise<Result<AgentStatus, AgentRefusal>> {
  const opened = await openStateFolder(folder);
  if (!opened.ok) return opened;
  const identity = await loadIdentity(folder);
  if (!identity.ok) return identity;
  const last = await readStatusFile(folder);
  if (!last.ok) return last;
  const { gateway, server, name, workspace, trust, joinedAt, certificate } = identity.value;
  const shown = {
    gateway: gateway.origin,
    server,
    name,
    workspace,
    trust,
    joinedAt,
    certificateExpiresAt: certificate.notAfter,
  };
  return ok({
    identity: shown,
    isRunning: last.value !== undefined && (await isRunning(last.value)),
    last: last.value,
  });
}
