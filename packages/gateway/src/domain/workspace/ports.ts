// What the workspace needs: its one row, and its private keys, kept sealed.

import type { EpochMs } from '@sallyport/core';

export type Workspace = { readonly name: string; readonly createdAt: EpochMs };

/** The private keys of the workspace. Each has one use. */
export type KeyName = 'ca' | 'grant' | 'log' | 'ssh-ca';

/** Sealed bytes as they are stored: AES-256-GCM under the key file, bound to the name. */
export type SealedKey = {
  readonly name: KeyName;
  readonly sealed: Uint8Array;
  readonly certificatePem: string | undefined;
};

export interface WorkspaceStore {
  workspace(): Promise<Workspace | undefined>;
  keys(): Promise<readonly SealedKey[]>;
  /** Makes the workspace and its keys, all or nothing; false when there is one already. */
  create(workspace: Workspace, keys: readonly SealedKey[]): Promise<boolean>;
}

/** Seals and opens under the key file. Opening refuses bytes sealed under another name or another key file. */
export interface KeySeal {
  seal(name: KeyName, secret: Uint8Array): Uint8Array;
  open(name: KeyName, sealed: Uint8Array): Uint8Array | undefined;
}
