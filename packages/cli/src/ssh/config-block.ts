// The ssh_config(5) block by which stock OpenSSH goes through Sallyport: no question about host keys, no other key offered.

import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import { sshDomainOf } from '@sallyport/protocol';
import { fileNames } from '../profile/profile.ts';
import { quoteWord } from '../shell/quote.ts';

export type SshBlock = { readonly config: string; readonly knownHosts: string; readonly domain: string };

export type SshBlockParts = {
  readonly folder: string;
  readonly workspace: string;
  readonly sshHostCa: string;
  readonly runtimePath: string;
  readonly programPath: string;
  /** Whether the ssh of this device knows WarnWeakCrypto, which is new in OpenSSH 10.1. */
  readonly knowsWeakCryptoWarning: boolean;
};

/** The server's name without the domain of the workspace. */
export function serverOfHost(host: string, workspace: string): string {
  const name = host.toLowerCase();
  const domain = `.${sshDomainOf(workspace)}`;
  return name.endsWith(domain) ? name.slice(0, -domain.length) : name;
}

// It would warn of a key exchange without post-quantum part; the TLS around it has one. An older ssh refuses the whole file for
// the unknown word, for every host: IgnoreUnknown does not help, for inside a Host block it is not in force when another host is
// asked for, and outside it would replace the person's own IgnoreUnknown.
const weakCryptoLine = '  WarnWeakCrypto no';

/** Whether the version that `ssh -V` tells knows WarnWeakCrypto. */
export function knowsWeakCryptoWarning(sshVersion: string): boolean {
  const [, major = '0', minor = '0'] = /^OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)/.exec(sshVersion) ?? [];
  return Number(major) > 10 || (Number(major) === 10 && Number(minor) >= 1);
}

/** The block, or the path that ssh_config cannot spell. */
export function sshBlock(parts: SshBlockParts): Result<SshBlock, { path: string }> {
  const [identity, knownHosts] = [join(parts.folder, fileNames.key), join(parts.folder, fileNames.knownHosts)];
  const bad = [identity, knownHosts, parts.runtimePath, parts.programPath].find((path) => !isSpellable(path));
  if (bad !== undefined) return err({ path: bad });
  const domain = sshDomainOf(parts.workspace);
  // The folder and not the name: an editor that starts ssh may have another environment, and would look for the name elsewhere.
  const proxy = [parts.runtimePath, parts.programPath, 'proxy', '--profile', parts.folder].map((word) =>
    quoteWord(word).replaceAll('%', '%%'),
  );
  const lines = [
    `Host *.${domain}`,
    ...(parts.knowsWeakCryptoWarning ? [weakCryptoLine] : []),
    `  ProxyCommand ${proxy.join(' ')} %h`,
    `  IdentityFile ${quotePath(identity)}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    '  PreferredAuthentications publickey',
    `  UserKnownHostsFile ${quotePath(knownHosts)}`,
    '  GlobalKnownHostsFile /dev/null',
    '  HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com',
    '  StrictHostKeyChecking yes',
    '  CheckHostIP no',
    '  UpdateHostKeys no',
    '  ServerAliveInterval 15',
    '  ServerAliveCountMax 3',
  ];
  return ok({
    config: `${lines.join('\n')}\n`,
    knownHosts: `@cert-authority *.${domain} ${parts.sshHostCa}\n`,
    domain,
  });
}

/** The line that pulls the block's file in. */
export function includeLine(path: string): string {
  return `Include ${quotePath(path)}`;
}

// Control characters and quotes cannot be written safely; ${…} would be replaced by ssh and has no escape.
function isSpellable(path: string): boolean {
  return !/[\p{Cc}"\\]|\$\{/u.test(path);
}

// A percent sign begins a token (ssh_config(5), TOKENS).
function quotePath(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}
