// OpenSSH's own server on loopback, as the peer that Sallyport is measured beside and judged against.

import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, Running, run } from './program.ts';

export type Sshd = {
  readonly port: number;
  /** ssh_config that reaches it as `direct`, and through itself as a bastion as `jump`. */
  readonly sshConfig: string;
  stop(): Promise<void>;
};

export const sshdProgram = '/usr/sbin/sshd';

export async function startSshd(folder: string, login: string): Promise<Sshd> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) await mkdir('/run/sshd', { mode: 0o755 });
  const [hostKey, userKey, authorized] = [
    join(folder, 'host_key'),
    join(folder, 'user_key'),
    join(folder, 'authorized_keys'),
  ];
  for (const key of [hostKey, userKey]) await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKey = await run(['ssh-keygen', '-y', '-f', userKey]);
  await writeFile(authorized, publicKey.stdout, { mode: 0o600 });
  await chmod(folder, 0o700);
  const port = await freePort();
  const serverConfig = join(folder, 'sshd_config');
  await writeFile(serverConfig, sshdConfig({ port, hostKey, authorized, folder }));
  const server = new Running([sshdProgram, '-D', '-e', '-f', serverConfig]);
  await server.until(/Server listening/);
  const sshConfig = join(folder, 'ssh_config');
  await writeFile(sshConfig, clientConfig({ port, login, userKey }));
  return { port, sshConfig, stop: () => server.stop() };
}

function sshdConfig({
  port,
  hostKey,
  authorized,
  folder,
}: {
  port: number;
  hostKey: string;
  authorized: string;
  folder: string;
}): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorized}`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    'PermitRootLogin yes',
    'StrictModes no',
    'PasswordAuthentication no',
    'UsePAM no',
    'Subsystem sftp internal-sftp',
    'MaxStartups 100',
    'MaxSessions 100',
    '',
  ].join('\n');
}

function clientConfig({ port, login, userKey }: { port: number; login: string; userKey: string }): string {
  const common = [
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${login}`,
    `  IdentityFile ${userKey}`,
    '  IdentitiesOnly yes',
    '  StrictHostKeyChecking no',
    '  UserKnownHostsFile /dev/null',
    '  LogLevel ERROR',
  ];
  return ['Host direct bastion', ...common, 'Host jump', ...common, '  ProxyJump bastion', ''].join('\n');
}
