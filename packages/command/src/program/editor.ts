// Editors, pagers and other interactive programs that can open a shell or run a command from their own command line.

import { known, unseenInput, type Value } from '../shell/value.ts';
import { runsCode } from './code.ts';
import { scanCode } from './code-scan.ts';
import { type Call, lineOf, type Program, type Programs } from './program.ts';

/** `:!cmd`, `+!cmd`, `:shell`, `:py import os; …` of vi and its kin. */
function exCommand(call: Call, command: Value): undefined {
  for (const text of command.text.split('|')) {
    const line = text.trim().replace(/^[:+]+/, '');
    const [, code] = /^(?:%|\d*,?\d*)?(?:r\s*|w\s*|silent\s+|exe\w*\s+["'])?!\s*(.*)$/.exec(line) ?? [];
    if (code !== undefined) {
      call.emit('shell', call.name, 'command from an editor');
      call.shell(known(code));
    } else if (/^(?:sh|shell|ter|term|terminal)\b/.test(line)) call.emit('shell', call.name, 'shell from an editor');
    else if (/^(?:py\w*|lua|perl|ruby|tcl)\b/.test(line)) scanCode(call, 'python', known(line));
    else if (/\b(?:system|libcall)\s*\(/.test(line)) call.emit('shell', call.name, 'command from an editor');
    const [, path] = /^(?:w|sav\w*)!?\s+(?:>>\s*)?([/~.]\S+)/.exec(line) ?? [];
    if (path !== undefined) call.emit('write', known(path));
    const [, shell] = /^set\s+shell=(\S+)/.exec(line) ?? [];
    if (shell !== undefined) call.emit('shell', call.name, shell);
  }
}

function vi(call: Call): undefined {
  for (const command of [
    ...call.valuesOf('c', 'cmd', 'S'),
    ...call.operands.filter(({ text }) => text.startsWith('+')),
  ]) {
    exCommand(call, command);
  }
  for (const file of call.operands)
    if (!file.text.startsWith('+')) call.emit(call.has('R') ? 'read' : 'write', file, 'edited');
  const { stdin } = call;
  if (stdin.isKnown && stdin.text !== '')
    for (const line of call.bounded(stdin.text.split('\n'))) exCommand(call, known(line));
}

const viLike: Program = { values: 'c S cmd u U i T', effects: vi };
const edits: Program = {
  values: 'c T o Y r',
  effects: (call) => {
    for (const file of call.operands) if (!file.text.startsWith('+')) call.emit('write', file, 'edited');
    return undefined;
  },
};
const pages: Program = {
  values: 'o O p P t T k j',
  operands: 'read',
  effects: (call) => {
    for (const { text } of call.operands) if (text.startsWith('+!')) call.shell(known(text.slice(2)));
  },
};

/** ed reads its commands from input: `e`, `r`, `w` name files, `!` runs a command. */
function ed(call: Call): undefined {
  for (const file of call.operands) call.emit('write', file, 'edited');
  const { stdin } = call;
  if (!stdin.isKnown) {
    if (!stdin.origins.includes('input')) runsCode(stdin, 'ed', call.emit);
    return;
  }
  for (const line of call.bounded(stdin.text.split('\n'))) {
    const [, command = '', name = ''] = /^\s*(?:[\d,$.%]*)\s*([erwEWf!])\s*(.+)$/.exec(line) ?? [];
    if (command === '!' || name.startsWith('!'))
      call.shell(known(name.replace(/^!/, '')), undefined, { stdin: unseenInput });
    else if (/[erE]/.test(command)) call.emit('read', known(name));
    else if (/[wW]/.test(command)) call.emit('write', known(name));
  }
}

function escapesTo(option: string, pattern: RegExp): (call: Call) => undefined {
  return (call) => {
    for (const { text } of [...call.valuesOf(...option.split(' ')), call.stdin]) {
      const [, code] = pattern.exec(text) ?? [];
      if (code === undefined) continue;
      call.emit('shell', call.name, 'command from a client');
      call.shell(known(code));
    }
  };
}

export const editors: Programs = {
  vi: viLike,
  vim: viLike,
  nvim: viLike,
  view: viLike,
  vimdiff: viLike,
  rvim: viLike,
  gvim: viLike,
  ex: viLike,
  editor: edits,
  nano: { ...edits, when: { s: ['shell', 'nano', 'program from an editor'] } },
  pico: edits,
  ee: edits,
  micro: edits,
  joe: edits,
  mg: edits,
  gedit: edits,
  kate: edits,
  code: edits,
  emacs: {
    values: 'eval l load f funcall execute',
    operands: 'write',
    hasLongDash: true,
    effects: (call) => {
      for (const { text } of call.valuesOf('eval', 'execute')) {
        if (/shell|term|process|start-/.test(text)) call.emit('shell', 'emacs', 'shell from an editor');
        scanCode(call, 'lisp', known(text));
      }
    },
  },
  ed: { values: 'p', effects: ed },
  red: { values: 'p', effects: ed },
  visudo: { values: 'f', does: [['write', '/etc/sudoers', 'edited']], on: { f: 'write' } },
  vipw: { does: [['write', '/etc/passwd', 'edited']] },
  vigr: { does: [['write', '/etc/group', 'edited']] },
  less: pages,
  more: pages,
  most: pages,
  pg: pages,
  bat: pages,
  man: {
    values: 'P pager H s S M C e p',
    effects: (call) => {
      const pager = call.value('P', 'pager', 'H');
      if (pager === undefined) return;
      call.emit('shell', 'man', 'program from a pager');
      call.shell(pager);
    },
  },
  screen: {
    values: 'S c s t T e p h X',
    stopsAtOperand: true,
    effects: (call) =>
      call.operands.length === 0 || call.has('X', 'r', 'x', 'd', 'D', 'ls', 'list')
        ? undefined
        : call.run(call.operands),
  },
  tmux: {
    values: 'L S f c',
    stopsAtOperand: true,
    effects: (call) => {
      const [command, ...rest] = call.operands;
      if (
        command === undefined ||
        !/^(?:new|neww|new-session|new-window|split-window|splitw|run|run-shell|respawn-pane|if-shell|pipe-pane)$/.test(
          command.text,
        )
      )
        return;
      const last = rest.at(-1);
      if (last !== undefined && /\s/.test(last.text)) call.shell(last);
    },
  },
  mysql: {
    values: 'e execute u user h host P port D database',
    effects: escapesTo('e execute', /(?:\\!|\bsystem)\s+(.+)/),
  },
  psql: {
    values: 'c command f file U username h host p port d dbname o output',
    on: { f: 'execute', o: 'write' },
    effects: escapesTo('c command', /\\!\s*(.+)|COPY\b.*\bPROGRAM\s+'(.+)'/i),
  },
  sqlite: {
    values: 'cmd init',
    effects: (call) => escapesTo('cmd', /\.(?:shell|system)\s+(.+)/)({ ...call, stdin: known(lineOf(call.words)) }),
  },
  ftp: { values: 'p s', effects: escapesTo('', /^!\s*(.+)/m) },
  mail: { values: 's a r c b f u', effects: (call) => mail(call) },
  mailx: { values: 's a r c b f u', effects: (call) => mail(call) },
  mutt: { values: 's a i F c b e', on: { a: 'read', i: 'read' }, effects: (call) => mail(call) },
  sendmail: { values: 'f F', effects: (call) => mail(call) },
  swaks: {
    values: 'to from server attach body',
    effects: (call) => call.emit('upload', call.value('server')?.text ?? 'mail', 'mail'),
  },
};

function mail(call: Call): undefined {
  const attached = call.value('a');
  if (attached !== undefined) call.emit('upload', call.operands[0] ?? 'mail', 'file by mail');
  else if (call.stdin.origins.some((origin) => origin === 'file'))
    call.emit('upload', call.operands[0] ?? 'mail', 'mail');
}
