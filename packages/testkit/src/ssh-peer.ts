// OpenSSH's own client against an SSH door that listens on a Unix socket of the test, with one key and the workspace's certificate.

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@sallyport/core';
import { certifyHostKey, openSshPublicKey, type SshDoor, type SshDoorOptions, serveSsh } from '@sallyport/session';
import { type Finished, run } from './program.ts';

export type SshPeerOptions = Pick<SshDoorOptions, 'open'> & Partial<SshDoorOptions>;

export interface SshPeer {
  /** A folder of its own, removed at the end. */
  readonly folder: string;
  readonly config: string;
  readonly socket: string;
  /** One for each connection so far. */
  readonly doors: readonly SshDoor[];
  ssh(args: readonly string[], input?: string | Uint8Array): Promise<Finished>;
  stop(): Promise<void>;
}

const bridge = `const s=require('net').connect(process.argv[2]);process.stdin.pipe(s);s.pipe(process.stdout);s.on('close',()=>process.exit())`;

export async function sshPeer(options: SshPeerOptions): Promise<SshPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'sally-ssh-'));
  const [hostKey, workspaceKey] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const socket = join(folder, 'door.sock');
  const config = join(folder, 'config');
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')]);
  await writeFile(join(folder, 'known_hosts'), `@cert-authority *.ws ${openSshPublicKey(workspaceKey.publicKey)}\n`);
  await writeFile(join(folder, 'bridge.cjs'), bridge);
  await writeFile(config, clientConfig(folder, socket));
  const doors: SshDoor[] = [];
  const door = {
    ...options,
    hostKey: hostKey.privateKey,
    hostCertificate: certify(hostKey.publicKey, workspaceKey.privateKey),
  };
  const server = createServer((connection) => {
    const { clock = systemClock, authenticate = () => true } = options;
    doors.push(serveSsh(connection, { ...door, clock, authenticate }));
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    folder,
    config,
    socket,
    doors,
    ssh: (args, input = '') => run(['ssh', '-F', config, ...args], { input, timeoutMs: 20_000 }),
    stop: async () => {
      server.close();
      for (const one of doors) one.end({ code: 'STOPPING', message: 'the test is over', rule: 'test', hint: 'none' });
      await Promise.all(doors.map(({ closed }) => closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function certify(hostKey: KeyObject, signingKey: KeyObject): Buffer {
  const now = systemClock.now();
  const validity = { validFrom: now - 60_000, validUntil: now + 3_600_000 };
  return certifyHostKey({ hostKey, signingKey, hostNames: ['web.ws'], keyId: 'web', ...validity, random: randomBytes });
}

function clientConfig(folder: string, socket: string): string {
  return [
    'Host *',
    '  User root',
    `  ProxyCommand ${process.execPath} ${join(folder, 'bridge.cjs')} ${socket}`,
    `  UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    `  IdentityFile ${join(folder, 'id')}`,
    '  IdentitiesOnly yes',
    '  BatchMode yes',
    '  LogLevel ERROR',
    '',
  ].join('\n');
}
