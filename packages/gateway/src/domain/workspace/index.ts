// The workspace and its keys.

export type { KeySeal, SealedKey, Workspace, WorkspaceStore } from './ports.ts';
export { type KeyPair, openWorkspace, type WorkspaceKeys } from './service.ts';
