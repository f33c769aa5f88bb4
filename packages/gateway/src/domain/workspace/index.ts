// The workspace and its keys.

export { type KeyPair, openWorkspace, type WorkspaceKeys } from './service.ts';
