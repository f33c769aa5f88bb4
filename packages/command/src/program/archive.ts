// Packing, unpacking, encrypting and hiding files.

import { baseName } from '../shell/path.ts';
import { known, mergedOrigins, unknown, type Value } from '../shell/value.ts';
import { fromBase64 } from './decode.ts';
import { decoded, inputOf } from './output.ts';
import { type Call, isWord, lineOf, type Program, type Programs } from './program.ts';

function tar(call: Call): Value {
  // `tar czf x.tgz folder`: the first word may be options without a dash.
  const [first, ...rest] = call.words;
  const isBare = first?.isKnown === true && /^[a-zA-Z]+$/.test(first.text) && /[cxtruA]/.test(first.text);
  const letters = isBare ? first.text : '';
  const has = (letter: string, long: string): boolean => letters.includes(letter) || call.has(letter, long);
  const operands = isBare ? rest.filter(({ text }) => text === '-' || !text.startsWith('-')) : call.operands;
  const file = isBare && letters.includes('f') ? operands[0] : call.value('f', 'file');
  const members = isBare && letters.includes('f') ? operands.slice(1) : operands;
  const folder = call.value('C', 'directory');
  for (const action of call.valuesOf('checkpoint-action')) {
    const [, code] = /^exec=(.*)$/s.exec(action.text) ?? [];
    if (code !== undefined) call.shell(known(code));
  }
  for (const option of [
    'I',
    'use-compress-program',
    'to-command',
    'rsh-command',
    'F',
    'info-script',
    'new-volume-script',
  ]) {
    const program = call.value(option);
    if (program !== undefined) call.shell(program);
  }
  if (has('x', 'extract') || has('x', 'get')) {
    if (file !== undefined) call.emit('read', file);
    call.emit('write', folder ?? '.', 'unpacked');
    const origins = mergedOrigins([call.stdin, ...(file === undefined ? [] : [call.contents(file)])]);
    return unknown('', ...origins, 'file');
  }
  if (has('c', 'create') || has('r', 'append') || has('u', 'update')) {
    for (const member of members) if (member.stream === undefined) call.emit('archive', member);
    if (file !== undefined && file.text !== '-') call.emit('write', file);
    if (call.has('remove-files')) for (const member of members) call.emit('delete', member, 'recursive');
    return unknown('', 'file');
  }
  if (file !== undefined) call.emit('read', file);
  return unknown('', 'listing');
}

function zip(call: Call): Value {
  const [target, ...members] = call.operands;
  if (target !== undefined) call.emit('write', target);
  for (const member of members) call.emit('archive', member);
  if (call.has('P', 'password', 'e', 'encrypt')) call.emit('encrypt', target ?? 'files', 'password');
  if (call.has('P', 'password')) call.emit('password', call.name, 'in the command line');
  if (call.has('m', 'move')) for (const member of members) call.emit('delete', member, 'moved');
  const tester = call.value('TT', 'unzip-command');
  if (tester !== undefined) call.shell(tester);
  return unknown('', 'file');
}

const compress: Program = {
  values: 'S T level threads',
  effects: (call) => {
    const isUnpacking = call.has('d', 'decompress', 'uncompress') || /^(?:gun|bun|un)/.test(call.name);
    const input = isUnpacking ? inputOf(call) : call.stdin;
    const isToOutput = call.has('c', 'stdout', 'to-stdout') || call.operands.length === 0;
    for (const file of call.operands) {
      if (!isUnpacking) call.emit('archive', file);
      if (!isToOutput && !call.has('t', 'test', 'l', 'list'))
        call.emit('write', { ...file, text: `${file.text}.out` }, 'packed');
    }
    return unknown('', ...input.origins, 'file');
  },
};

function seven(call: Call): Value {
  const [action, target, ...members] = call.operands;
  const isPacking = isWord(action, 'a', 'u');
  if (target !== undefined) call.emit(isPacking ? 'write' : 'read', target);
  for (const member of isPacking ? members : []) call.emit('archive', member);
  if (call.words.some(({ text }) => /^-h?p./.test(text))) call.emit('encrypt', target ?? 'files', 'password');
  return unknown('', 'file');
}

function gpg(call: Call): Value {
  const isDecrypting = call.has('d', 'decrypt');
  for (const file of call.operands) call.emit(isDecrypting ? 'read' : 'archive', file);
  if (call.has('c', 'symmetric', 'e', 'encrypt', 's'))
    call.emit('encrypt', call.operands[0] ?? 'input', call.has('c', 'symmetric') ? 'password' : 'key');
  if (call.has('passphrase')) call.emit('password', 'gpg', 'in the command line');
  if (call.has('export-secret-keys', 'export-secret-subkeys')) call.emit('read', '/home/user/.gnupg/private-keys-v1.d');
  return unknown('', ...call.stdin.origins, 'file');
}

const opensslValues =
  'in out pass k K iv passin passout e inkey md connect host port key cert CAfile days subj newkey keyout config salt S iter sign verify accept www';

function openssl(call: Call): Value {
  const [command] = call.operands;
  const text = command?.text ?? '';
  const decrypts = call.has('d', 'decrypt');
  const source = call.value('in');
  const target = call.value('out');
  if (source !== undefined) call.emit('read', source);
  if (target !== undefined) call.emit('write', target);
  if (text === 's_client') {
    call.emit('connect', call.value('connect') ?? call.value('host') ?? 'openssl', 'TLS client');
    return unknown('', 'network');
  }
  if (text === 's_server') call.emit('listen', 'openssl s_server');
  if (/^(?:passwd)$/.test(text)) call.emit('encode', 'password hash');
  const isCipher = /^(?:enc|aes|des|bf|rc4|camellia|chacha|smime|cms|rsautl|pkeyutl|base64)/.test(text);
  if (!isCipher) return unknown('', ...call.stdin.origins, 'computed');
  const isBase64 =
    text === 'base64' ||
    (/^enc$/.test(text) &&
      call.has('base64', 'a') &&
      !call.words.some(({ text: word }) => /^-(?:aes|des|bf|rc4|chacha)/.test(word)));
  if (decrypts && isBase64)
    return decoded({ ...call, operands: source === undefined ? [] : [source] }, 'base64', fromBase64);
  if (decrypts) {
    call.emit('decode', 'openssl', 'cipher');
    return unknown('', ...call.stdin.origins, 'decoded');
  }
  call.emit(isBase64 ? 'encode' : 'encrypt', source ?? 'input', isBase64 ? 'base64' : 'password');
  return unknown('', ...call.stdin.origins, 'computed');
}

const encrypts: Program = {
  values: 'K k r recipient e R i identity o',
  effects: (call) => {
    for (const file of call.operands) call.emit('encrypt', file, call.name);
    return unknown('', 'file');
  },
};

export const archivePrograms: Programs = {
  tar: {
    values:
      'f file C directory X T exclude I use-compress-program checkpoint-action to-command rsh-command F info-script new-volume-script files-from transform',
    effects: tar,
  },
  bsdtar: { values: 'f file C directory', effects: tar },
  zip: { values: 'P password TT unzip-command i x t tt b', effects: zip },
  unzip: {
    values: 'd P x',
    first: 'read',
    effects: (call) => {
      const folder = call.value('d');
      call.emit('write', folder ?? '.', 'unpacked');
      return unknown('', 'file');
    },
  },
  '7z': { effects: seven },
  '7za': { effects: seven },
  '7zr': { effects: seven },
  rar: { effects: seven },
  unrar: { operands: 'read' },
  cpio: {
    values: 'F D',
    effects: (call) => {
      call.emit(call.has('o') ? 'archive' : 'write', '.', 'cpio');
      return unknown('', 'file');
    },
  },
  ar: {},
  gzip: compress,
  gunzip: compress,
  bzip2: compress,
  bunzip2: compress,
  xz: compress,
  unxz: compress,
  zstd: compress,
  lz4: compress,
  compress,
  uncompress: compress,
  pigz: compress,
  gpg: {
    values: 'r recipient o output u local-user passphrase passphrase-fd passphrase-file homedir export-secret-keys',
    on: { o: 'write', output: 'write' },
    effects: gpg,
  },
  gpg2: {
    values: 'r recipient o output passphrase passphrase-fd passphrase-file',
    on: { o: 'write', output: 'write' },
    effects: gpg,
  },
  openssl: { values: opensslValues, hasLongDash: true, effects: openssl },
  ccrypt: encrypts,
  ccencrypt: encrypts,
  mcrypt: encrypts,
  bcrypt: encrypts,
  age: encrypts,
  scrypt: encrypts,
  ecryptfs: encrypts,
  cryptsetup: {
    effects: (call) => void call.emit('disk', call.operands[1] ?? 'a device', lineOf(call.operands.slice(0, 1))),
  },
  steghide: {
    values: 'ef cf sf p xf',
    hasLongDash: true,
    effects: (call) => {
      call.emit(isWord(call.operands[0], 'extract') ? 'decode' : 'encode', 'steghide', 'hidden in a file');
      return unknown('', 'decoded');
    },
  },
  outguess: { does: [['encode', 'outguess', 'hidden in a file']] },
  zsteg: { does: [['decode', 'zsteg', 'hidden in a file']] },
  exiftool: {
    values: 'o',
    effects: (call) => {
      for (const { text } of call.words)
        if (/^-\w+<=|^-Comment=/i.test(text)) call.emit('encode', baseName(text), 'hidden in a file');
    },
  },
};
