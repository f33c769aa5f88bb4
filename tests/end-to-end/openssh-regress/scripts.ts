// OpenSSH's regression scripts that run against the SSH door: with what edits to their copies, and why.

import { cut, type Edit } from './edit.ts';

export type Script = {
  readonly name: string;
  /** Of the whole script, on two cores that were shared; the longest begin first. */
  readonly seconds: number;
  readonly edits?: readonly Edit[];
  /** Without SALLY_REGRESS=all. */
  readonly quickEdits?: readonly Edit[];
};

const doorsOwn = (list: string, names: string): Edit => ({
  find: new RegExp(`\`\\$\\{SSH\\} -Q ${list}\``, 'g'),
  put: names,
  why: 'the door has X25519 and AES-GCM only (CON-5)',
});
const keyExchanges = doorsOwn('kex', 'curve25519-sha256 curve25519-sha256@libssh.org');
const ciphers = doorsOwn('cipher', 'aes128-gcm@openssh.com aes256-gcm@openssh.com');
const aeadCiphers = doorsOwn('cipher-auth', 'aes128-gcm@openssh.com aes256-gcm@openssh.com');
const noMacs = doorsOwn('mac', '');

const ownPorts = (find: RegExp, put: string): Edit => ({ find, put, why: 'ports of this run only' });

const listed: readonly Script[] = [
  { name: 'connect', seconds: 2 },
  {
    name: 'proxy-connect',
    seconds: 1,
    edits: [cut(/^verbose "username with style"$/, '`user:style` is for the BSD authentication of sshd')],
  },
  { name: 'connect-uri', seconds: 2 },
  {
    name: 'proto-version',
    seconds: 1,
    edits: [{ find: /\$\{SSHD\} -i -f \$\{OBJ\}\/sshd_proxy/, put: '$DOOR', why: 'the banner of the door' }],
  },
  { name: 'exit-status', seconds: 31 },
  { name: 'exit-status-signal', seconds: 1 },
  { name: 'envpass', seconds: 6, edits: [cut(/^trace "server setenv wins"$/, 'SetEnv of sshd_config')] },
  { name: 'transfer', seconds: 6 },
  {
    name: 'rekey',
    seconds: 85,
    edits: [
      ...[keyExchanges, ciphers, noMacs, aeadCiphers],
      cut(/^for s in 16 1k 128k 256k; do\n\tverbose "server rekeylimit/, 'RekeyLimit of sshd_config, and its parsing'),
    ],
  },
  { name: 'stderr-data', seconds: 15 },
  { name: 'stderr-after-eof', seconds: 3 },
  {
    name: 'broken-pipe',
    seconds: 3,
    edits: [
      {
        find: /ssh_config_config/,
        put: 'ssh_proxy',
        why: 'the script names a file that does not exist, and so connects to nothing',
      },
    ],
  },
  { name: 'try-ciphers', seconds: 2, edits: [ciphers] },
  { name: 'yes-head', seconds: 3 },
  { name: 'scp', seconds: 43 },
  { name: 'scp3', seconds: 11 },
  { name: 'scp-uri', seconds: 11 },
  {
    name: 'sftp',
    seconds: 185,
    quickEdits: [
      {
        find: /^BUFFERSIZE=/m,
        put: 'head -c 40000 $DATA > $DATA.head; mv $DATA.head $DATA\n$&',
        why: 'a file of 400 kB by requests of five bytes takes two minutes',
      },
    ],
  },
  { name: 'sftp-cmds', seconds: 40 },
  { name: 'sftp-badcmds', seconds: 8 },
  { name: 'sftp-batch', seconds: 4 },
  { name: 'sftp-glob', seconds: 6 },
  { name: 'sftp-uri', seconds: 4 },
  { name: 'dynamic-forward', seconds: 27 },
  { name: 'forwarding', seconds: 17, edits: [ownPorts(/^base=33$/m, 'base=$DOOR_PORTS')] },
  { name: 'multiplex', seconds: 79, edits: [ownPorts(/^P=3301\b/m, 'P="$DOOR_PORTS"01')] },
  { name: 'percent', seconds: 33 },
  { name: 'localcommand', seconds: 1 },
  { name: 'portnum', seconds: 4 },
  { name: 'kextype', seconds: 5, edits: [keyExchanges] },
  { name: 'host-expand', seconds: 1 },
  {
    name: 'forward-control',
    seconds: 9,
    edits: [
      ownPorts(/^LFWD_PORT=33(20)\nRFWD_PORT=33(21)$/m, 'LFWD_PORT="$DOOR_PORTS"$1\nRFWD_PORT="$DOOR_PORTS"$2'),
      cut(/^# Usage: lperm_tests/, 'AllowTcpForwarding and PermitOpen of sshd_config and authorized_keys'),
    ],
  },
  {
    name: 'integrity',
    seconds: 15,
    edits: [{ find: /^cmd=".*"$/m, put: 'cmd="$DOOR"', why: 'the bytes of the door are changed' }, noMacs, aeadCiphers],
  },
  { name: 'authinfo', seconds: 1, edits: [cut(/^verbose "ExposeAuthInfo=yes"$/, 'ExposeAuthInfo of sshd_config')] },
  {
    name: 'knownhosts-command',
    seconds: 2,
    edits: [cut(/^for keytype in/, 'a host key of each kind; the door has Ed25519 only')],
  },
];

export const scripts: readonly Script[] = listed.toSorted((one, other) => other.seconds - one.seconds);
