// What this host is, as it tells the gateway and as its doctor says it. Nothing here changes anything.

import { arch, hostname, release, userInfo } from 'node:os';
import type { HostFacts, Labels } from '@sallyport/protocol';
import type { Host } from './host.ts';
import { textOf } from './proc.ts';

export function hostFacts(options: { agentVersion: string; labels: Labels }): HostFacts {
  return {
    hostname: oneLine(hostname(), 253),
    os: oneLine(operatingSystem(textOf('/etc/os-release')), 128),
    kernel: oneLine(release(), 128),
    arch: arch(),
    agentVersion: options.agentVersion,
    isRoot: process.getuid?.() === 0,
    ownLogin: ownLogin(),
    labels: options.labels,
  };
}

export type Capability = {
  readonly what: string;
  readonly isOk: boolean;
  readonly detail: string;
  readonly hint?: string;
};

/** What the agent can and cannot do here, in words for `sally agent doctor`. */
export async function hostCapabilities(host: Host): Promise<readonly Capability[]> {
  const { tools, cgroup } = host;
  const kernel = await host.kernel();
  const isRoot = host.acting === 'as-root';
  const opened = kernel.ok ? kernel.value.canOpenTerminal() : false;
  return [
    isRoot
      ? said('logins', true, 'the agent is root and serves every login of this host')
      : said(
          'logins',
          false,
          `the agent is not root: it serves ${ownLogin()} only`,
          'run the agent as root to serve other logins',
        ),
    ...(isRoot
      ? [
          program('setpriv', tools.setpriv, 'install util-linux'),
          program('runuser', tools.runuser, 'install util-linux: without it pam_limits is not applied'),
        ]
      : []),
    said(
      'session end',
      cgroup !== undefined,
      cgroup
        ? `each session has a cgroup under ${cgroup.folder}${cgroup.canKill ? '' : ' (no cgroup.kill: Linux before 5.14)'}`
        : 'no writable cgroup v2: processes are found by a mark in their environment',
      'run the agent in a service with Delegate=yes',
    ),
    said(
      'terminals',
      opened,
      opened ? 'a pseudo-terminal can be opened' : 'no pseudo-terminal can be opened',
      'mount devpts on /dev/pts',
    ),
    program('sftp-server', tools.sftpServer, 'install openssh-sftp-server (Fedora, RHEL: openssh-server)'),
    program('bash', tools.bash, 'without bash a login shell is started with -l in place of a leading dash'),
  ];
}

function said(what: string, isOk: boolean, detail: string, hint?: string): Capability {
  return isOk || hint === undefined ? { what, isOk, detail } : { what, isOk, detail, hint };
}

function program(name: string, path: string | undefined, hint: string): Capability {
  return said(name, path !== undefined, path ?? 'not found', hint);
}

/** PRETTY_NAME of os-release(5). */
function operatingSystem(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux';
}

function ownLogin(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no account has.
    return `uid${process.getuid?.() ?? ''}`;
  }
}

function oneLine(text: string, maxLength: number): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, maxLength);
}
