// The workspace and its private keys: made once at the first start, sealed under the key file, opened at each start.
// A key that cannot be opened stops the start; it is never made anew, because that would orphan every server and grant.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import type { KeyName, KeySeal, SealedKey, Workspace, WorkspaceStore } from './ports.ts';

export type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
export type WorkspaceKeys = {
  readonly ca: KeyPair & { readonly certificatePem: string };
  readonly grant: KeyPair;
  readonly log: KeyPair;
  readonly sshCa: KeyPair;
};
export type OpenWorkspace = { readonly workspace: Workspace; readonly keys: WorkspaceKeys; readonly isNew: boolean };
export type WorkspaceMistake = { readonly message: string; readonly hint: string };

type Needs = {
  readonly store: WorkspaceStore;
  readonly seal: KeySeal;
  readonly clock: Clock;
  /** Makes the CA's own certificate over its new key. */
  readonly selfSign: (workspace: string, ca: KeyPair) => Promise<string>;
};

export async function openWorkspace(needs: Needs, name: string): Promise<Result<OpenWorkspace, WorkspaceMistake>> {
  const present = await needs.store.workspace();
  const isNew = present === undefined && (await create(needs, name));
  const workspace = await needs.store.workspace();
  if (!workspace)
    return err({ message: 'the workspace could not be made', hint: 'look at the database; nothing else was changed' });
  if (workspace.name !== name) {
    return err({
      message: `this data belongs to the workspace ${workspace.name}, but the settings say ${name}`,
      hint: `set workspace = "${workspace.name}", or give another data folder`,
    });
  }
  const keys = openKeys(await needs.store.keys(), needs.seal);
  return keys.ok ? ok({ workspace, keys: keys.value, isNew }) : keys;
}

async function create({ store, seal, clock, selfSign }: Needs, name: string): Promise<boolean> {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificatePem = await selfSign(name, ca);
  const sealed = (keyName: KeyName, pair: KeyPair, certificate?: string): SealedKey => ({
    name: keyName,
    sealed: seal.seal(keyName, pair.privateKey.export({ type: 'pkcs8', format: 'der' })),
    certificatePem: certificate,
  });
  return store.create({ name, createdAt: clock.now() }, [
    sealed('ca', ca, certificatePem),
    sealed('grant', generateKeyPairSync('ed25519')),
    sealed('log', generateKeyPairSync('ed25519')),
    sealed('ssh-ca', generateKeyPairSync('ed25519')),
  ]);
}

function openKeys(stored: readonly SealedKey[], seal: KeySeal): Result<WorkspaceKeys, WorkspaceMistake> {
  const open = (name: KeyName): (KeyPair & { certificatePem: string | undefined }) | undefined => {
    const row = stored.find((key) => key.name === name);
    const der = row && seal.open(name, row.sealed);
    if (!der) return undefined;
    const privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    return { privateKey, publicKey: createPublicKey(privateKey), certificatePem: row.certificatePem };
  };
  const [ca, grant, log, sshCa] = [open('ca'), open('grant'), open('log'), open('ssh-ca')];
  if (!ca || ca.certificatePem === undefined || !grant || !log || !sshCa) {
    return err({
      message: 'the workspace keys cannot be opened with this key file',
      hint: 'put back the key file that belongs to this data (from the backup); without it these keys are lost',
    });
  }
  return ok({ ca: { ...ca, certificatePem: ca.certificatePem }, grant, log, sshCa });
}
