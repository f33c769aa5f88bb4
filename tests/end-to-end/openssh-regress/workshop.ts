// A place where OpenSSH's own regression scripts run against the SSH door: an edited copy of the scripts, and an empty folder for each
// run. Nothing of OpenSSH is kept in this repository, and the installed scripts are never changed.

import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Stack } from '@sallyport/testkit';
import { type Edit, generalEdits, type Script } from './scripts.ts';

export const installedScripts = '/usr/lib/openssh/regress';

/** The names of the Makefile's list, in its order. */
export async function listedScripts(): Promise<string[]> {
  const makefile = await readFile(join(installedScripts, 'Makefile'), 'utf8');
  const list = /^LTESTS=((?:.*\\\n)*.*)$/m.exec(makefile)?.[1] ?? '';
  return list.split(/[\s\\]+/).filter((name) => name !== '');
}

/** What the stock client needs to come through the door, as `sally ssh-config` told it. */
type Door = { readonly host: string; readonly proxyCommand: string; readonly identity: string; readonly ca: string };

export class Workshop {
  readonly folder: string;
  readonly #stack: Stack;
  readonly #door: Door;

  private constructor(folder: string, stack: Stack, door: Door) {
    this.folder = folder;
    this.#stack = stack;
    this.#door = door;
  }

  static async open(folder: string, stack: Stack): Promise<Workshop> {
    const workshop = new Workshop(folder, stack, await doorOf(stack));
    await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
    await workshop.#makeKeys();
    return workshop;
  }

  /** Every run needs one of each kind; making them takes longer than most scripts. */
  async #makeKeys(): Promise<void> {
    const kinds = (await run(['ssh', '-Q', 'key-plain'])).stdout.split('\n').filter((kind) => /^(ssh|ecdsa)-/.test(kind));
    for (const kind of kinds) {
      await run(['ssh-keygen', '-q', '-N', '', '-t', kind, '-f', join(this.folder, 'keys', kind)]);
    }
  }

  /** The script's own copy of the sources, edited, and its own folder to work in. */
  async prepare(script: Script): Promise<{ source: string; work: string }> {
    const source = join(this.folder, script.name, 'source');
    const work = join(this.folder, script.name, 'work');
    await mkdir(source, { recursive: true, mode: 0o700 });
    await cp(join(this.folder, 'keys'), work, { recursive: true });
    for (const name of ['test-exec.sh', 'scp-ssh-wrapper.sh', 'sshd-log-wrapper.sh', `${script.name}.sh`]) {
      await this.#copy(source, name, [...(generalEdits[name] ?? []), ...(name === `${script.name}.sh` ? script.edits ?? [] : [])]);
    }
    for (const tool of ['mkdtemp', 'modpipe', 'netcat', 'config.h']) {
      await symlink(join(installedScripts, tool), join(work, tool));
    }
    await this.#wrappers(work);
    return { source, work };
  }

  async #copy(source: string, name: string, edits: readonly Edit[]): Promise<void> {
    const original = (await readFile(join(installedScripts, name), 'utf8')).replaceAll('localhost-with-alias', this.#door.host);
    const edited = edits.reduce((text, { find, put, why }) => {
      if (text.match(find) === null) throw new Error(`${name} has nothing like ${find}: ${why}`);
      return text.replace(find, put);
    }, original);
    await writeFile(join(source, name), edited, { mode: 0o755 });
  }

  async #wrappers(work: string): Promise<void> {
    const { proxyCommand, ca } = this.#door;
    await writeFile(join(work, 'door'), `#!/bin/sh\necho through >>${work}/door.log\nexec ${proxyCommand}\n`, { mode: 0o755 });
    await writeFile(join(work, 'door.log'), '');
    await writeFile(join(work, 'door.ca'), ca);
    for (const [tool, host] of [['scp', ''], ['sftp', 'somehost']] as const) {
      await writeFile(join(work, `door-${tool}`), transferWrapper(tool, host, work), { mode: 0o755 });
    }
  }

  environment(work: string, portBase: number): NodeJS.ProcessEnv {
    const { SSH_AUTH_SOCK: _agent, ...env } = this.#stack.env();
    return {
      ...env,
      TMPDIR: work,
      TEST_SHELL: 'sh',
      TEST_SSH_SSH: 'ssh',
      TEST_SSH_SCP: join(work, 'door-scp'),
      TEST_SSH_SFTP: join(work, 'door-sftp'),
      TEST_SSH_SSHD: '/usr/sbin/sshd',
      TEST_SSH_SFTPSERVER: '/usr/lib/openssh/sftp-server',
      TEST_SSH_UNSAFE_PERMISSIONS: '1',
      TEST_SSH_PORT: String(portBase + 90),
      TEST_SSH_SSH_CONFOPTS: this.#options(),
      BUILDDIR: work,
      DOOR: join(work, 'door'),
      DOOR_CA: join(work, 'door.ca'),
      DOOR_PORTS: String(portBase / 100),
      DOOR_CONFIG: join(work, 'ssh_proxy'),
    };
  }

  // The certificate first, because the real sshd that some scripts put behind a forward has none.
  #options(): string {
    return [
      '\tHostKeyAlgorithms ^ssh-ed25519-cert-v01@openssh.com',
      `\tIdentityFile ${this.#door.identity}`,
      '\tIdentitiesOnly yes',
    ].join('\n');
  }
}

// Where a script would start the SFTP server itself (-D), the transfer goes to the server through the door instead.
function transferWrapper(tool: string, host: string, work: string): string {
  return `#!/bin/sh
local=no
for word in "$@"; do
  shift
  if [ "$local" = next ]; then local=yes; continue; fi
  if [ "$word" = -D ]; then local=next; continue; fi
  set -- "$@" "$word"
done
[ "$local" = no ] && exec ${tool} "$@"
exec ${tool} -S "$SSH" -F ${work}/ssh_proxy "$@" ${host}
`;
}

async function doorOf(stack: Stack): Promise<Door> {
  const [, host = ''] = stack.host.split('@');
  const told = (await run(['ssh', '-G', '-F', stack.sshConfig, stack.host], { env: stack.env() })).stdout;
  const option = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(told)?.[1] ?? '';
  const ca = await readFile(option('userknownhostsfile'), 'utf8');
  return { host, proxyCommand: option('proxycommand').replace(/%h$/, host), identity: option('identityfile'), ca };
}

export const isInstalled = existsSync(join(installedScripts, 'test-exec.sh')) && existsSync('/usr/sbin/sshd');

/** The end of each log of a run, for a failure's message. */
export async function logsOf(work: string): Promise<string> {
  const names = (await readdir(work)).filter((name) => /^(failed-regress|failed-ssh|regress)\.log$/.test(name));
  const texts = await Promise.all(names.map(async (name) => `--- ${name}\n${(await readFile(join(work, name), 'latin1')).slice(-4000)}`));
  return texts.join('\n');
}
