// Remote shells and copies between machines: ssh and what is built on it.

import { normalisePath } from '../shell/path.ts';
import { join, known, unknown, type Value } from '../shell/value.ts';
import { runsCode } from './code.ts';
import { isData } from './network.ts';
import { type Call, isWord, type Programs } from './program.ts';

const sshValues = 'b B c D E e F I i J L l m O o p Q R S W w';

function sshOptions(call: Call): undefined {
  for (const { text } of call.valuesOf('o')) {
    const [, program] = /^\s*(?:ProxyCommand|LocalCommand|KnownHostsCommand)\s*[=\s]\s*(.+)$/i.exec(text) ?? [];
    if (program !== undefined && program !== 'none') {
      call.emit('shell', call.name, 'command from an option');
      call.shell(known(program));
    }
  }
}

function ssh(call: Call): Value {
  const [host, ...words] = call.operands;
  sshOptions(call);
  for (const forward of call.valuesOf('R')) call.emit('listen', forward, 'reverse tunnel');
  for (const forward of call.valuesOf('D')) call.emit('listen', forward, 'SOCKS tunnel');
  for (const forward of call.valuesOf('L')) call.emit('listen', forward, 'forward tunnel');
  if (call.has('w')) call.emit('listen', 'tun device', 'reverse tunnel');
  if (host === undefined) return unknown('', 'network');
  call.emit('connect', host, 'ssh');
  const user = /^([^@]+)@/.exec(host.text)?.[1] ?? call.value('l')?.text ?? call.scope.login;
  if (words.length > 0) {
    const text = join(words, ' ');
    runsCode(
      text.isKnown
        ? text
        : { ...text, origins: text.origins.filter((origin) => origin === 'network' || origin === 'decoded') },
      'shell',
      call.emit,
    );
    call.shell(text, undefined, { login: user, cwd: user === 'root' ? '/root' : `/home/${user}`, isElsewhere: true });
    if (isData(call.stdin)) call.emit('upload', host, 'ssh');
  }
  return unknown('', 'file');
}

const isRemote = (text: string): boolean =>
  /^(?:[\w.-]+@)?[\w.$"{}-]+:(?!\/\/)|^(?:rsync|scp|sftp):\/\/|::/.test(text) && !text.startsWith('/');

function remoteCopy(call: Call): undefined {
  sshOptions(call);
  const shell = call.value('e', 'rsh', 'S', 'rsync-path');
  if (shell !== undefined && /\s|\//.test(shell.text) && !/^["']?(?:\/usr\/bin\/)?ssh\b/.test(shell.text))
    call.shell(shell);
  const target = call.operands.at(-1);
  const sources = call.operands.slice(0, -1);
  if (target === undefined) return;
  for (const source of sources) {
    if (isRemote(source.text)) {
      call.emit('download', source, call.name);
      call.holds(isRemote(target.text) ? source : target, unknown('', 'network'));
    } else call.emit(call.has('list-only') ? 'list' : 'read', source);
    if (isRemote(target.text) && !isRemote(source.text)) call.emit('upload', target, call.name);
    if (call.has('remove-source-files')) call.emit('delete', source, 'moved');
  }
  if (!isRemote(target.text) && sources.length > 0)
    call.emit(
      'write',
      target,
      call.has('delete', 'delete-after', 'delete-before', 'delete-excluded') ? 'mirror' : 'copy',
    );
}

export const remotePrograms: Programs = {
  ssh: { values: sshValues, stopsAtOperand: true, effects: ssh },
  autossh: { values: `${sshValues} M`, stopsAtOperand: true, effects: ssh },
  rsh: { values: 'l', stopsAtOperand: true, effects: ssh },
  scp: { values: 'c F i J l o P S D', effects: remoteCopy },
  rsync: {
    values:
      'e rsh rsync-path exclude include exclude-from include-from files-from bwlimit port password-file log-file partial-dir temp-dir out-format filter f T M B backup-dir link-dest compare-dest iconv timeout chmod chown',
    effects: remoteCopy,
  },
  'ssh-copy-id': {
    values: 'i p o F',
    effects: (call) => call.emit('connect', call.operands[0] ?? 'ssh', 'key copied'),
  },
  'ssh-keygen': {
    values: 'f t b C N P O s I n V z F R E m r l',
    effects: (call) => {
      const file = call.value('f');
      if (file !== undefined && !call.has('l', 'y', 'F', 'R', 'H', 'e', 'i'))
        call.emit('write', `${normalisePath(file.text, call.scope.cwd)}.pub`);
      const library = call.value('D');
      if (library !== undefined) call.emit('execute', library);
    },
  },
  'ssh-add': { operands: 'ignore' },
  'ssh-keyscan': { effects: (call) => call.emit('download', call.operands[0] ?? 'ssh', 'host keys') },
  mosh: { values: 'ssh p', effects: (call) => void call.emit('connect', call.operands[0] ?? 'mosh', 'ssh') },
  rlogin: { values: 'l', effects: (call) => void call.emit('connect', call.operands[0] ?? 'rlogin', 'raw') },
  rclone: {
    effects: (call) => {
      const [action, , target] = call.operands;
      if (isWord(action, 'copy', 'sync', 'move', 'copyto', 'moveto')) call.emit('upload', target ?? 'rclone', 'rclone');
    },
  },
};
