// What this machine gives the agent to work with: programs, a place for session cgroups, system calls. Looked at once, at start.

import { type Clock, ok, type Result } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { type CgroupRoot, findCgroupRoot } from './cgroup.ts';
import { findProgram, isExecutable } from './command.ts';
import { type Kernel, loadKernel } from './kernel.ts';
import { textOf } from './proc.ts';
import { hostUnable } from './refusals.ts';

export type Acting = 'as-root' | 'as-self';

/** Absolute paths; only what a host may lack is optional. */
export type Tools = {
  readonly sh: string;
  readonly id: string;
  readonly cat: string;
  /** Sets argv[0]; without it a login shell is started with -l. */
  readonly bash: string | undefined;
  readonly setpriv: string | undefined;
  readonly runuser: string | undefined;
  readonly prlimit: string | undefined;
  readonly sftpServer: string | undefined;
};

export type Host = {
  readonly acting: Acting;
  readonly clock: Clock;
  readonly tools: Tools;
  readonly cgroup: CgroupRoot | undefined;
  /** The system calls, loaded when first asked for. */
  kernel(): Promise<Result<Kernel, Refusal>>;
  /** The group tty, which owns every login's terminal. */
  readonly terminalGroup: number | undefined;
  /** What to run for the login-hand; see login-hand.ts. */
  readonly handCommand: readonly string[];
};

// Debian, Fedora and RHEL, Arch, Alpine and SUSE.
const sftpServers = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/ssh/sftp-server',
];

export async function prepareHost(options: { clock: Clock; handCommand: readonly string[] }): Promise<Host> {
  const tools = findTools();
  let kernel: Promise<Result<Kernel, string>> | undefined;
  return {
    acting: process.getuid?.() === 0 ? 'as-root' : 'as-self',
    clock: options.clock,
    handCommand: options.handCommand,
    tools,
    cgroup: await findCgroupRoot(tools.sh),
    terminalGroup: groupNumber('tty'),
    kernel: async () => {
      kernel ??= loadKernel();
      const loaded = await kernel;
      if (loaded.ok) return ok(loaded.value);
      const hint = 'install the agent with its optional packages: koffi has none for this system';
      return {
        ok: false,
        error: hostUnable('the system calls for terminals and pipes could not be loaded', hint, {
          detail: loaded.error,
        }),
      };
    },
  };
}

function groupNumber(name: string): number | undefined {
  const line = textOf('/etc/group')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const id = line?.split(':')[2] ?? '';
  return /^\d{1,10}$/.test(id) ? Number(id) : undefined;
}

function findTools(): Tools {
  return {
    sh: findProgram('sh') ?? '/bin/sh',
    id: findProgram('id') ?? '/usr/bin/id',
    cat: findProgram('cat') ?? '/bin/cat',
    bash: findProgram('bash'),
    setpriv: findProgram('setpriv'),
    runuser: findProgram('runuser'),
    prlimit: findProgram('prlimit'),
    sftpServer: sftpServers.find(isExecutable),
  };
}
