// OpenSSH's regression scripts (the Makefile's LTESTS): which run against the SSH door, with what edits to their copy and why, and which
// cannot. An edit never changes what is asserted about the door: it points a connection at it, or cuts what is about sshd's own settings.

export type Edit = { readonly find: RegExp; readonly put: string; readonly why: string };

export type Script = {
  readonly name: string;
  /** Also without SALLY_REGRESS=all. */
  readonly isCore?: boolean;
  readonly edits?: readonly Edit[];
};

const cut = (from: RegExp, why: string): Edit => ({ find: new RegExp(`${from.source}[\\s\\S]*$`, from.flags), put: '', why });

/** Edits to files that several scripts use. */
export const generalEdits: Readonly<Record<string, readonly Edit[]>> = {
  'test-exec.sh': [
    { find: /^chmod 644 \$OBJ\/authorized_keys_\$USER$/m, put: '$&\ncat $DOOR_CA >> $OBJ/known_hosts', why: 'the host certificates of the workspace are known' },
    { find: /echo proxycommand .*sshd_proxy$/m, put: 'echo ProxyCommand $DOOR', why: 'where sshd -i would be started, the door is' },
    {
      find: /^# check proxy config$/m,
      put: 'printf \'Match exec "test %%p = %s"\\n\\tProxyCommand %s\\nHost *\\n\' $PORT $DOOR >> $OBJ/ssh_config\n$&',
      why: 'the port of the script is the door; other ports are what the script forwards to the real sshd',
    },
  ],
  'scp-ssh-wrapper.sh': [
    { find: /^printname \(\) \{$/m, put: 'test "x$SCPTESTMODE" = x && exec $SSH -F $DOOR_CONFIG "$@"\n$&', why: 'the remote scp runs on the server' },
  ],
};

const onlyTheDoors = (list: string, names: string): Edit => ({
  find: new RegExp(`\`\\$\\{SSH\\} -Q ${list}\``, 'g'),
  put: names,
  why: 'the door has AEAD ciphers and X25519 only (CON-5)',
});
const keyExchanges = onlyTheDoors('kex', 'curve25519-sha256 curve25519-sha256@libssh.org');
const ciphers = onlyTheDoors('cipher', 'aes128-gcm@openssh.com aes256-gcm@openssh.com');
const aeadCiphers = onlyTheDoors('cipher-auth', 'aes128-gcm@openssh.com aes256-gcm@openssh.com');

export const scripts: readonly Script[] = [
  { name: 'connect', isCore: true },
  {
    name: 'proxy-connect',
    isCore: true,
    edits: [cut(/^verbose "username with style"$/m, '`user:style` is for the BSD authentication of sshd')],
  },
  { name: 'connect-uri', isCore: true },
  {
    name: 'proto-version',
    isCore: true,
    edits: [{ find: /\$\{SSHD\} -i -f \$\{OBJ\}\/sshd_proxy/, put: '$DOOR', why: 'the banner is the one of the door' }],
  },
  { name: 'exit-status', isCore: true },
  { name: 'exit-status-signal', isCore: true },
  { name: 'envpass', isCore: true, edits: [cut(/^trace "server setenv wins"$/m, "sshd's own SetEnv")] },
  { name: 'transfer', isCore: true },
  {
    name: 'rekey',
    isCore: true,
    edits: [
      keyExchanges,
      ciphers,
      onlyTheDoors('mac', ''),
      aeadCiphers,
      cut(/^for s in 16 1k 128k 256k; do\n\tverbose "server rekeylimit/m, "sshd's own RekeyLimit, and how sshd reads it"),
    ],
  },
  { name: 'stderr-data', isCore: true },
  { name: 'stderr-after-eof', isCore: true },
  {
    name: 'broken-pipe',
    isCore: true,
    edits: [{ find: /ssh_config_config/, put: 'ssh_proxy', why: 'the script names a file that does not exist, and so never connects' }],
  },
  { name: 'try-ciphers', isCore: true, edits: [ciphers] },
  { name: 'yes-head', isCore: true },
  { name: 'scp', isCore: true },
  { name: 'scp3', isCore: true },
  { name: 'scp-uri', isCore: true },
  { name: 'sftp', isCore: true },
  { name: 'sftp-cmds', isCore: true },
  { name: 'sftp-badcmds', isCore: true },
  { name: 'sftp-batch', isCore: true },
  { name: 'sftp-glob', isCore: true },
  { name: 'sftp-uri', isCore: true },
  { name: 'dynamic-forward', isCore: true },
  { name: 'forwarding', isCore: true, edits: [{ find: /^base=33$/m, put: 'base=$DOOR_PORTS', why: 'ports of this run only' }] },
  { name: 'multiplex', isCore: true, edits: [{ find: /^P=3301\b/m, put: 'P=${DOOR_PORTS}01', why: 'a port of this run only' }] },
  { name: 'percent' },
  { name: 'localcommand', isCore: true },
  { name: 'portnum', isCore: true },
  { name: 'kextype', isCore: true, edits: [keyExchanges] },
  { name: 'host-expand', isCore: true },
  {
    name: 'forward-control',
    isCore: true,
    edits: [
      { find: /^LFWD_PORT=3320\nRFWD_PORT=3321$/m, put: 'LFWD_PORT=${DOOR_PORTS}20\nRFWD_PORT=${DOOR_PORTS}21', why: 'ports of this run only' },
      cut(/^# Usage: lperm_tests/m, 'AllowTcpForwarding and PermitOpen of sshd_config and authorized_keys'),
    ],
  },
  { name: 'integrity', edits: [{ find: /^cmd=".*"$/m, put: 'cmd="$DOOR"', why: 'bytes of the door are changed, not of sshd -i' }, onlyTheDoors('mac', ''), aeadCiphers] },
  { name: 'authinfo', isCore: true, edits: [cut(/^verbose "ExposeAuthInfo=yes"$/m, "sshd's own ExposeAuthInfo")] },
  {
    name: 'knownhosts-command',
    isCore: true,
    edits: [cut(/^for keytype in/m, 'a host key of each kind; the door has Ed25519 only')],
  },
];
