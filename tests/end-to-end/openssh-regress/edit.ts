// A change to a copy of one of OpenSSH's scripts. It points a connection at the door or cuts what is about sshd's own settings, and
// never changes what is asserted.

export type Edit = { readonly find: RegExp; readonly put: string; readonly why: string };

/** Leaves the script out from there to its end. */
export function cut(from: RegExp, why: string): Edit {
  return { find: new RegExp(`${from.source}[^]*$`, 'm'), put: '', why };
}

/** The edited text. A script that has nothing to edit is another version than the one that was looked at. */
export function edited(name: string, text: string, edits: readonly Edit[]): string {
  return edits.reduce((current, { find, put, why }) => {
    if (current.search(find) < 0) throw new Error(`${name} has nothing like ${find} (${why})`);
    return current.replace(find, put);
  }, text);
}

/** Edits to the files that every script runs under. */
export const frameEdits: Readonly<Record<string, readonly Edit[]>> = {
  'test-exec.sh': [
    {
      find: /^chmod 644 \$OBJ\/authorized_keys_\$USER$/m,
      put: '$&\ncat $DOOR_CA >> $OBJ/known_hosts',
      why: 'host certificates of the workspace are known without a question',
    },
    {
      find: /echo proxycommand .*sshd_proxy$/m,
      put: 'echo ProxyCommand $DOOR',
      why: 'ssh_proxy starts `sshd -i`; it is the door here',
    },
    {
      find: /^# check proxy config$/m,
      put: `printf 'Match exec "test %%p = %s"\\n\\tProxyCommand %s\\nHost *\\n' $PORT $DOOR >> $OBJ/ssh_config\n$&`,
      why: 'ssh_config reaches sshd by its port; it is the door here. Other ports are forwards, at whose end the real sshd is',
    },
  ],
  'scp-ssh-wrapper.sh': [
    {
      find: /^printname \(\) \{$/m,
      put: 'test "x$SCPTESTMODE" = x && exec $SSH -F $DOOR_CONFIG "$@"\n$&',
      why: 'it runs the remote scp on this machine; it runs on the server here',
    },
  ],
  'sshd-log-wrapper.sh': [],
};
