// Programs that make, copy, change and remove files.

import { baseName } from '../shell/path.ts';
import { known, unknown, type Value } from '../shell/value.ts';
import { inputOf } from './output.ts';
import { type Call, isWord, lineOf, type Program, type Programs } from './program.ts';

/** The end of a copy: a folder named last, or by `-t`. */
function targetOf(call: Call): { readonly sources: readonly Value[]; readonly target: Value | undefined } {
  const folder = call.value('t', 'target-directory');
  if (folder !== undefined) return { sources: call.operands, target: folder };
  return { sources: call.operands.slice(0, -1), target: call.operands.at(-1) };
}

function copy(call: Call): undefined {
  const { sources, target } = targetOf(call);
  if (target === undefined) return;
  for (const source of sources) {
    if (source.stream === undefined) call.emit('read', source);
    const content = call.contents(source);
    call.holds(target, content);
    call.holds(inside(target, source), content);
  }
  call.emit('write', target, 'copy');
  for (const source of sources)
    if (!source.isPattern && source.isKnown) call.emit('write', inside(target, source), 'copy');
}

function inside(folder: Value, source: Value): Value {
  return { ...folder, text: `${folder.text}/${baseName(source.text)}`, isKnown: folder.isKnown && source.isKnown };
}

function move(call: Call): undefined {
  copy(call);
  for (const source of targetOf(call).sources) call.emit('delete', source, 'moved');
}

function link(call: Call): undefined {
  const { sources, target } = targetOf(call);
  const isSymbolic = call.has('s', 'symbolic');
  if (target === undefined) return;
  for (const source of sources) {
    if (!isSymbolic) call.emit('read', source, 'hard link');
    call.emit('list', source, isSymbolic ? 'link to it' : 'hard link');
    call.emit('write', inside(target, source), `link to ${source.text}`);
  }
  call.emit('write', target, sources.length === 0 ? 'link' : `link to ${sources[0]?.text ?? ''}`);
}

function remove(call: Call): undefined {
  const isRecursive = call.has('r', 'R', 'recursive');
  for (const path of call.operands) call.emit('delete', path, isRecursive ? 'recursive' : undefined);
}

function changeMode(call: Call): undefined {
  const words = call.words.filter(({ text }) => !/^-[Rvcf]+$|^--/.test(text));
  const reference = call.value('reference');
  const mode = reference === undefined ? words[0] : undefined;
  const files = reference === undefined ? words.slice(1) : words;
  const detail = modeDetail(mode?.text ?? '', call.has('R', 'recursive'));
  for (const file of files) call.emit('change', file, detail);
}

/** What a mode means for others: set-id bits, writable by everybody, runnable. */
function modeDetail(mode: string, isRecursive: boolean): string {
  const numeric = /^[0-7]{3,4}$/.exec(mode.replace(/^0+(?=\d{3})/, ''))?.[0];
  const special = numeric?.length === 4 ? Number(numeric.charAt(0)) : 0;
  const others = numeric === undefined ? 0 : Number(numeric.at(-1));
  const hasSetId = special >= 2 ? (special & 6) !== 0 : /(?:^|,)[ugoa]*[+=][rwxXt]*s/.test(mode);
  const isOpen = (others & 2) !== 0 || /(?:^|,)(?:[ug]*[oa][ugoa]*|)[+=][rxXst]*w/.test(mode) || mode === '+w';
  const isShut = numeric === '000' || numeric === '0000' || /^a?-r?wx?$|^a-rwx$|^a=$/.test(mode);
  const words = [
    'mode',
    hasSetId ? 'set-id' : '',
    isOpen && mode !== '+w' ? 'world-writable' : '',
    isShut ? 'no access' : '',
    isRecursive ? 'recursive' : '',
    mode,
  ];
  return words.filter((word) => word !== '').join(' ');
}

function changeOwner(call: Call): undefined {
  const reference = call.has('reference');
  const [owner, ...rest] = call.operands;
  const files = reference ? call.operands : rest;
  const detail = `owner ${owner?.text ?? ''}${call.has('R', 'recursive') ? ' recursive' : ''}`;
  for (const file of files) call.emit('change', file, detail);
}

function dd(call: Call): Value | undefined {
  const given = new Map(call.words.map((word) => [word.text.slice(0, word.text.indexOf('=')), word]));
  const source = pick(given.get('if'));
  const target = pick(given.get('of'));
  const seeks = /\b(?:skip|seek|bs|count|conv)=/.test(lineOf(call.words));
  if (source !== undefined) call.emit('read', source);
  if (target !== undefined) {
    call.emit('write', target, 'overwrite');
    const isDevice = /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|mapper\/|md|dm-|disk\/|loop)/.test(target.text);
    if (isDevice) call.emit('disk', target, 'raw write');
    const isEndless = source !== undefined && /^\/dev\/(?:zero|u?random|full)$/.test(source.text);
    if (isEndless && !call.words.some(({ text }) => text.startsWith('count=')) && !isDevice) {
      call.emit('exhaust', target.text === '/dev/null' ? 'processor' : 'disk', 'endless copy');
    }
    if (/conv=\S*notrunc|oflag=append/.test(lineOf(call.words)) && isEndless) call.emit('change', target, 'padded');
    call.holds(target, source === undefined ? call.stdin : call.contents(source));
    return known('');
  }
  if (source === undefined) return seeks ? undefined : call.stdin;
  if (/^\/dev\/(?:zero|u?random)$/.test(source.text) && given.get('count') === undefined)
    call.emit('exhaust', 'processor', 'endless read');
  return /^\/dev\/(?:zero|u?random)$/.test(source.text) ? unknown(source.text, 'computed') : call.contents(source);
}

function pick(word: Value | undefined): Value | undefined {
  return word === undefined ? undefined : { ...word, text: word.text.slice(word.text.indexOf('=') + 1) };
}

function tee(call: Call): Value {
  for (const file of call.operands) {
    if (file.stream === undefined) call.emit('write', file, call.has('a', 'append') ? 'append' : 'overwrite');
    call.holds(file, call.stdin);
  }
  return call.stdin;
}

function touch(call: Call): undefined {
  const isDated = call.has('t', 'd', 'r', 'date', 'reference', 'time');
  const reference = call.value('r', 'reference');
  if (reference !== undefined) call.emit('list', reference);
  for (const file of call.operands) call.emit(isDated ? 'change' : 'write', file, isDated ? 'times' : 'touched');
}

function install(call: Call): undefined {
  if (call.has('d', 'directory')) {
    for (const folder of call.operands) call.emit('write', folder, 'folder');
    return;
  }
  copy(call);
  const mode = call.value('m', 'mode');
  const { target } = targetOf(call);
  if (mode !== undefined && target !== undefined) call.emit('change', target, modeDetail(mode.text, false));
}

function truncate(call: Call): undefined {
  const size = call.value('s', 'size')?.text ?? '';
  for (const file of call.operands) {
    call.emit('write', file, size.startsWith('+') ? 'append' : 'overwrite');
    if (size.startsWith('+')) call.emit('change', file, 'padded');
  }
}

const permissions: Program = {
  values: 'm M x X n name v value',
  effects: (call) => {
    const [first, ...rest] = call.operands;
    const change =
      call.name === 'chattr' ? (call.words.find(({ text }) => /^[-+=][a-zA-Z]+$/.test(text))?.text ?? '') : '';
    const files = call.name === 'chattr' && first !== undefined && /^[-+=]/.test(first.text) ? rest : call.operands;
    const entry = call.value('m', 'M')?.text ?? '';
    const isOpen = /(?:^|,)(?:o|other)?:?:[r-]?w|o::?\w*w|u:\w+:\w*w/.test(entry);
    for (const file of files)
      call.emit(
        'change',
        file,
        `attributes ${change}${isOpen ? 'world-writable' : ''}${entry === '' ? '' : ` ${entry}`}`,
      );
  },
};

export const filePrograms: Programs = {
  cp: { values: 't S suffix target-directory', effects: copy },
  mv: { values: 't S suffix target-directory', effects: move },
  ln: { values: 't S suffix target-directory', effects: link },
  link: { effects: link },
  rm: { values: 'interactive', effects: remove },
  unlink: { operands: 'delete' },
  rmdir: { operands: 'delete' },
  trash: { operands: 'delete' },
  shred: {
    values: 'n s iterations size random-source',
    effects: (call) => {
      for (const file of call.operands) {
        call.emit(call.has('u', 'remove') ? 'delete' : 'write', file, 'shred');
        if (/^\/dev\/[shvx]|^\/dev\/nvme/.test(file.text)) call.emit('disk', file, 'raw write');
      }
    },
  },
  srm: {
    effects: (call) => {
      for (const file of call.operands) call.emit('delete', file, 'shred');
    },
  },
  wipe: {
    values: 'Q P',
    effects: (call) => {
      for (const file of call.operands) call.emit('delete', file, 'shred');
    },
  },
  truncate: { values: 's size r reference', effects: truncate },
  fallocate: {
    values: 'l o length offset',
    operands: 'write',
    effects: (call) =>
      void (
        call.operands.length > 0 &&
        Number.parseInt(call.value('l', 'length')?.text ?? '0', 10) > 50 &&
        /[GT]/i.test(call.value('l', 'length')?.text ?? '') &&
        call.emit('exhaust', 'disk', 'a very large file')
      ),
  },
  chmod: { values: 'reference', effects: changeMode },
  chown: { values: 'reference from', effects: changeOwner },
  chgrp: { values: 'reference', effects: changeOwner },
  chattr: permissions,
  setfacl: permissions,
  setfattr: permissions,
  getfacl: { operands: 'list' },
  lsattr: { operands: 'list' },
  dd: { effects: dd },
  dcfldd: { effects: dd },
  tee: { effects: tee },
  sponge: { effects: tee },
  touch: { values: 't d r date reference time', effects: touch },
  install: { values: 'm mode o owner g group t target-directory S', effects: install },
  mkdir: {
    values: 'm mode',
    effects: (call) => {
      for (const folder of call.operands) call.emit('write', folder, 'folder');
    },
  },
  mkfifo: {
    values: 'm mode',
    effects: (call) => {
      for (const path of call.operands) call.emit('write', path, 'pipe');
    },
  },
  mknod: {
    values: 'm mode',
    effects: (call) => {
      const [path, type] = call.operands;
      if (path !== undefined) call.emit('write', path, isWord(type, 'p') ? 'pipe' : 'device');
    },
  },
  rename: { first: 'ignore', operands: 'write' },
  split: {
    values: 'l b n a C d',
    first: 'read',
    effects: (call) => void call.emit('archive', call.operands[0] ?? 'input', 'split'),
  },
  csplit: { values: 'f b n', first: 'read' },
  patch: { values: 'p i d o', operands: 'write', on: { i: 'read' } },
  ls: { values: 'I ignore w', operands: 'list', prints: 'listing' },
  dir: { operands: 'list', prints: 'listing' },
  tree: { values: 'L P I', operands: 'list', prints: 'listing' },
  stat: { values: 'c printf format', operands: 'list' },
  file: { values: 'f m', operands: 'list' },
  du: { values: 'd max-depth exclude', operands: 'list' },
  wc: { operands: 'list' },
  md5sum: { operands: 'read' },
  sha1sum: { operands: 'read' },
  sha256sum: { operands: 'read' },
  cksum: { operands: 'read' },
  cmp: { operands: 'read' },
  diff: { values: 'U I x', operands: 'read' },
  comm: { operands: 'read' },
  join: { values: 't 1 2 j o', operands: 'read' },
  paste: { values: 'd', operands: 'read' },
  cut: {
    values: 'd f c b output-delimiter',
    effects: (call) => ({ ...known(''), isKnown: false, origins: inputOf(call).origins }),
  },
  nl: { values: 'b n w s', operands: 'read' },
  od: { values: 'A t N j w', operands: 'read' },
  hexdump: { values: 'n s e', operands: 'read' },
  strings: { values: 'n t', operands: 'read' },
  fold: { values: 'w', operands: 'read' },
  column: { values: 't s', operands: 'read' },
  expand: { operands: 'read' },
  pr: { operands: 'read' },
  fmt: { operands: 'read' },
  look: { operands: 'read' },
  jq: { values: 'arg argjson slurpfile rawfile', first: 'ignore', operands: 'read' },
  yq: { first: 'ignore', operands: 'read' },
  iconv: { values: 'f t o', operands: 'read', on: { o: 'write' } },
  zcat: { operands: 'read' },
  bzcat: { operands: 'read' },
  xzcat: { operands: 'read' },
  zless: { operands: 'read' },
};
