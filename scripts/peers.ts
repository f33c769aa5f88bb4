// The programs of the operating system that the tests and the demonstration use as real peers.
// As root on Debian the missing ones are installed; otherwise it says which are missing and what will be skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type PeerSet = 'test' | 'demo';

interface Peer {
  readonly debianPackage: string;
  /** Program names on the PATH or the system folders, or file patterns that begin with `/`; all must be there. */
  readonly probes: readonly string[];
  readonly neededBy: string;
  readonly sets: readonly PeerSet[];
}

const peers: readonly Peer[] = [
  {
    debianPackage: 'openssh-client',
    probes: ['ssh', 'scp', 'sftp', 'ssh-keygen', 'ssh-agent'],
    neededBy: 'OpenSSH through the SSH door',
    sets: ['test', 'demo'],
  },
  {
    debianPackage: 'openssh-sftp-server',
    probes: ['/usr/lib/openssh/sftp-server'],
    neededBy: 'file transfer on a server',
    sets: ['test', 'demo'],
  },
  { debianPackage: 'openssh-server', probes: ['sshd'], neededBy: 'comparison with OpenSSH', sets: ['test'] },
  {
    debianPackage: 'openssh-tests',
    probes: ['/usr/lib/openssh/regress/Makefile'],
    neededBy: "OpenSSH's own regression scripts against the SSH door",
    sets: ['test'],
  },
  {
    debianPackage: 'postgresql',
    probes: ['/usr/lib/postgresql/*/bin/postgres', '/usr/lib/postgresql/*/bin/initdb'],
    neededBy: 'the store on PostgreSQL',
    sets: ['test'],
  },
  { debianPackage: 'rsync', probes: ['rsync'], neededBy: 'rsync through the SSH door', sets: ['test'] },
  { debianPackage: 'git', probes: ['git'], neededBy: 'git through the SSH door', sets: ['test'] },
  { debianPackage: 'procps', probes: ['ps', 'pgrep'], neededBy: 'processes of a login', sets: ['test'] },
  {
    debianPackage: 'util-linux',
    probes: ['setpriv', 'runuser', 'script'],
    neededBy: 'sessions as another login, terminals',
    sets: ['test'],
  },
  { debianPackage: 'iproute2', probes: ['ip', 'ss', 'tc'], neededBy: 'listening sockets, slow lines', sets: ['test'] },
  { debianPackage: 'passwd', probes: ['useradd', 'userdel'], neededBy: 'throw-away logins', sets: ['test'] },
  { debianPackage: 'openssl', probes: ['openssl'], neededBy: 'certificates seen from outside', sets: ['test'] },
];

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const isThere = (probe: string): boolean => {
  if (probe.startsWith('/')) return globSync(probe).length > 0;
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...systemFolders];
  return folders.some((folder) => existsSync(join(folder, probe)));
};

const missingFrom = (set: PeerSet): readonly Peer[] =>
  peers.filter((peer) => peer.sets.includes(set) && !peer.probes.every(isThere));

const say = (line: string): void => {
  process.stderr.write(`sallyport: ${line}\n`);
};

const aptGet = (args: readonly string[]): boolean => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync('apt-get', args, { env, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  if (result.status !== 0) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  return result.status === 0;
};

const servicePolicy = '/usr/sbin/policy-rc.d';

/** Debian starts a service when its package is installed. Tests start their own, so no sshd or database may begin to run here. */
const withoutStartingServices = (install: () => boolean): boolean => {
  const isOurs = !existsSync(servicePolicy);
  if (isOurs) writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return install();
  } finally {
    if (isOurs) rmSync(servicePolicy, { force: true });
  }
};

const canInstall = (): boolean => process.getuid?.() === 0 && isThere('apt-get');

const installMissing = (missing: readonly Peer[]): void => {
  const names = missing.map(({ debianPackage }) => debianPackage);
  say(`installing Debian packages: ${names.join(', ')} …`);
  const isDone =
    aptGet(['update', '-qq']) &&
    withoutStartingServices(() => aptGet(['install', '-y', '-qq', '--no-install-recommends', ...names]));
  if (!isDone) say('apt-get failed; its output is above');
};

/** Brings the peers of a set where that is possible. Never fails: what needs a missing peer skips with its reason. */
const preparePeers = (set: PeerSet): void => {
  const missing = missingFrom(set);
  if (missing.length > 0 && canInstall()) installMissing(missing);
  for (const { debianPackage, neededBy } of missingFrom(set)) {
    say(
      `missing: ${debianPackage} (for ${neededBy}); ${set === 'test' ? 'tests that need it are skipped' : 'that part is left out'}`,
    );
  }
};

const [set] = process.argv.slice(2);
if (set === 'test' || set === 'demo') preparePeers(set);
else {
  say('usage: node scripts/run.mjs scripts/peers.ts test|demo');
  process.exitCode = 2;
}
