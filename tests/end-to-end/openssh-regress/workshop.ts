// A place where OpenSSH's own regression scripts run against the SSH door: an edited copy of the scripts, and an empty folder for each
// run. Nothing of OpenSSH is kept in this repository, and the installed scripts are never changed.

import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Stack, sshdProgram } from '@sallyport/testkit';
import { edited, frameEdits } from './edit.ts';
import type { Script } from './scripts.ts';

const installed = '/usr/lib/openssh/regress';
const sftpServer = '/usr/lib/openssh/sftp-server';
const tools = ['mkdtemp', 'modpipe', 'netcat', 'config.h'];

export const areScriptsInstalled = existsSync(join(installed, 'test-exec.sh')) && existsSync(sshdProgram);

/** The names of the Makefile's list, in its order. */
export async function listedScripts(): Promise<string[]> {
  const makefile = await readFile(join(installed, 'Makefile'), 'utf8');
  const list = /^LTESTS=((?:.*\\\n)*.*)$/m.exec(makefile)?.[1] ?? '';
  return list.split(/[\s\\]+/).filter((name) => name !== '');
}

/** What the stock client needs to come through the door, as `sally ssh-config` told it. */
type Door = {
  readonly host: string;
  readonly proxyCommand: string;
  readonly identityFile: string;
  readonly knownHosts: string;
};

export type Bench = { readonly script: string; readonly frame: string; readonly work: string };

export class Workshop {
  readonly #folder: string;
  readonly #stack: Stack;
  readonly #door: Door;
  readonly #isWhole: boolean;

  private constructor(folder: string, stack: Stack, door: Door, isWhole: boolean) {
    this.#folder = folder;
    this.#stack = stack;
    this.#door = door;
    this.#isWhole = isWhole;
  }

  static async open(folder: string, stack: Stack, isWhole: boolean): Promise<Workshop> {
    await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
    // sshd of Debian will not start as root without it.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    await makeKeys(join(folder, 'keys'));
    return new Workshop(folder, stack, await doorOf(stack), isWhole);
  }

  /** The script's own copy, edited, and its own folder to work in. */
  async prepare({ name, edits = [], quickEdits = [] }: Script): Promise<Bench> {
    const [source, work] = [join(this.#folder, name, 'source'), join(this.#folder, name, 'work')];
    await mkdir(source, { recursive: true, mode: 0o700 });
    await cp(join(this.#folder, 'keys'), work, { recursive: true });
    const own = this.#isWhole ? edits : [...edits, ...quickEdits];
    for (const [file, changes] of Object.entries({ ...frameEdits, [`${name}.sh`]: own })) {
      const original = await readFile(join(installed, file), 'utf8');
      // The name by which host keys are known must be one that the workspace certifies.
      const text = original.replaceAll('localhost-with-alias', this.#door.host);
      await writeFile(join(source, file), edited(file, text, changes), { mode: 0o755 });
    }
    for (const tool of tools) await symlink(join(installed, tool), join(work, tool));
    await this.#writeDoor(work);
    return { script: join(source, `${name}.sh`), frame: join(source, 'test-exec.sh'), work };
  }

  async #writeDoor(work: string): Promise<void> {
    const programs = {
      door: `#!/bin/sh\necho through >>${work}/door.log\nexec ${this.#door.proxyCommand}\n`,
      'door-scp': transferProgram('scp', '', work),
      'door-sftp': transferProgram('sftp', 'somehost', work),
    };
    for (const [name, text] of Object.entries(programs)) await writeFile(join(work, name), text, { mode: 0o755 });
    await writeFile(join(work, 'door.ca'), this.#door.knownHosts);
    await writeFile(join(work, 'door.log'), '');
  }

  environment(work: string, firstPort: number): NodeJS.ProcessEnv {
    const { identityFile } = this.#door;
    return {
      ...this.#stack.env(),
      // Everything that the script starts can be found by it.
      TMPDIR: work,
      BUILDDIR: work,
      TEST_SHELL: 'sh',
      TEST_SSH_SSH: 'ssh',
      TEST_SSH_SCP: join(work, 'door-scp'),
      TEST_SSH_SFTP: join(work, 'door-sftp'),
      TEST_SSH_SSHD: sshdProgram,
      TEST_SSH_SFTPSERVER: sftpServer,
      TEST_SSH_UNSAFE_PERMISSIONS: '1',
      TEST_SSH_PORT: String(firstPort + 90),
      // Certificates first, because the real sshd at the end of some forwards has none.
      TEST_SSH_SSH_CONFOPTS: [
        '\tHostKeyAlgorithms ^ssh-ed25519-cert-v01@openssh.com',
        `\tIdentityFile ${identityFile}`,
        '\tIdentitiesOnly yes',
      ].join('\n'),
      DOOR: join(work, 'door'),
      DOOR_CA: join(work, 'door.ca'),
      DOOR_CONFIG: join(work, 'ssh_proxy'),
      DOOR_PORTS: String(firstPort / 100),
    };
  }
}

/** Every run needs one of each kind, and making them takes longer than most scripts. */
async function makeKeys(folder: string): Promise<void> {
  const { stdout } = await run(['ssh', '-Q', 'key-plain']);
  for (const kind of stdout.split('\n').filter((name) => /^(ssh|ecdsa)-/.test(name))) {
    await run(['ssh-keygen', '-q', '-N', '', '-t', kind, '-f', join(folder, kind)]);
  }
}

async function doorOf(stack: Stack): Promise<Door> {
  const [, host = ''] = stack.host.split('@');
  const { stdout } = await run(['ssh', '-G', '-F', stack.sshConfig, stack.host], { env: stack.env() });
  const option = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1] ?? '';
  return {
    host,
    proxyCommand: option('proxycommand').replace(/%h$/, host),
    identityFile: option('identityfile'),
    knownHosts: await readFile(option('userknownhostsfile'), 'utf8'),
  };
}

// Where a script would start the SFTP server on this machine (-D), the transfer goes to the server, through the door.
function transferProgram(tool: string, host: string, work: string): string {
  return `#!/bin/sh
server=no
for word in "$@"; do
  shift
  case "$server,$word" in
  next,*) server=given ;;
  no,-D) server=next ;;
  *) set -- "$@" "$word" ;;
  esac
done
test $server = no && exec ${tool} "$@"
exec ${tool} -S "$SSH" -F ${work}/ssh_proxy "$@" ${host}
`;
}
