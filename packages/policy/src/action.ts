// What policy decides about: the powers of a session on a server, and what may be done to the workspace itself.

import { type Power, powers } from '@sallyport/protocol';

export const workspaceActions = [
  'listServers',
  'createJoinToken',
  'revokeJoinToken',
  'revokeServer',
  'listSessions',
  'endSession',
  'playRecording',
  'readAudit',
  'readPolicy',
  'applyPolicy',
  'createCode',
  'listDevices',
  'revokeDevice',
] as const;
export type WorkspaceAction = (typeof workspaceActions)[number];

export const policyActions = [...powers, ...workspaceActions] as const;
export type PolicyAction = Power | WorkspaceAction;
