// Questions for the tests of policy. The product never imports this.

import { type DeviceId, expectOk, type PersonId, parseId, type ServerId } from '@sallyport/core';
import type { Labels, Power } from '@sallyport/protocol';
import type { WorkspaceAction } from '../action.ts';
import { type CompiledPolicy, compilePolicy } from '../compile.ts';
import type { SessionContext, SessionQuestion, WorkspaceQuestion } from '../decision.ts';

export const personId: PersonId = expectOk(parseId('person', 'per_0000000000000001'));
const deviceId: DeviceId = expectOk(parseId('device', 'dev_0000000000000001'));
export const serverId: ServerId = expectOk(parseId('server', 'srv_0000000000000001'));
export const noon = Date.parse('2026-03-02T12:00:00Z');

type SessionChange = {
  roles?: readonly string[];
  name?: string;
  server?: string;
  labels?: Labels;
} & Partial<SessionContext>;

export function onServer(
  action: Power,
  { roles, name, server, labels, ...context }: SessionChange = {},
): SessionQuestion {
  return {
    principal: { id: personId, name: name ?? 'kim', roles: roles ?? ['member'] },
    action,
    resource: { kind: 'server', id: serverId, name: server ?? 'web', labels: labels ?? {} },
    context: { login: 'deploy', door: 'ssh', address: '192.0.2.7', device: deviceId, now: noon, ...context },
  };
}

export function onWorkspace(
  action: WorkspaceAction,
  roles: readonly string[] = ['member'],
  address = '192.0.2.7',
): WorkspaceQuestion {
  return {
    principal: { id: personId, name: 'kim', roles },
    action,
    resource: { kind: 'workspace', id: 'acme' },
    context: { address, device: deviceId },
  };
}

export const compiled = (text: string): CompiledPolicy => expectOk(compilePolicy(text));
