// What the shell itself does: builtins that run text, set names, move, or change what later commands mean.

import { normalisePath } from '../shell/path.ts';
import { assign } from '../shell/scope.ts';
import { empty, join, known, unknown, type Value } from '../shell/value.ts';
import { isGenerated, runsCode } from './code.ts';
import { isSteering } from './environment.ts';
import { type Call, isWord, lineOf, type Programs } from './program.ts';

function evaluate(call: Call): Value {
  const text = join(call.words, ' ');
  runsCode(text, 'shell', call.emit);
  return isGenerated(text) ? empty : call.here(text);
}

function source(call: Call): Value {
  const [file, ...positional] = call.operands;
  if (file === undefined) return empty;
  const isInput = /^\/dev\/(?:stdin|fd\/0)$|^-$/.test(file.text);
  const content = isInput ? call.stdin : call.contents(file);
  if (file.stream === undefined && !isInput) call.emit('execute', file, 'sourced');
  const isOwnFile = content.text === '' && content.origins.length === 1 && content.origins[0] === 'file';
  if (!isOwnFile) runsCode(content, 'shell', call.emit);
  if (!file.isKnown && file.origins.includes('network')) runsCode(file, 'shell', call.emit);
  return content.isKnown ? call.here(content, positional[0]) : unknown('', 'computed');
}

function trap(call: Call): Value | undefined {
  const [action, ...signals] = call.operands;
  if (action === undefined || signals.length === 0) return undefined;
  const isReset = action.text === '' || action.text === '-';
  const names = lineOf(signals).toUpperCase();
  if (/\bDEBUG\b/.test(names)) call.emit('define', 'trap DEBUG', isReset ? 'removed' : action.text);
  if (isReset) return undefined;
  call.emit('define', `trap ${names}`, action.text.slice(0, 256));
  runsCode(action, 'shell', call.emit);
  return call.here(action);
}

function changeFolder(call: Call): Value {
  const { scope } = call;
  const [to] = call.operands;
  const before = scope.cwd;
  if (to === undefined) scope.cwd = scope.home;
  else if (to.text === '-') scope.cwd = scope.variables.get('OLDPWD')?.at(-1)?.text ?? scope.cwd;
  else scope.cwd = normalisePath(to.text, scope.cwd);
  assign(scope, 'OLDPWD', [known(before)]);
  assign(scope, 'PWD', [known(scope.cwd)]);
  return empty;
}

function declare(call: Call): Value {
  for (const word of call.operands) {
    const at = word.text.indexOf('=');
    const name = at < 0 ? word.text : word.text.slice(0, at);
    if (at > 0) {
      const value = { ...word, text: word.text.slice(at + 1) };
      assign(call.scope, name, [value]);
      if (isSteering(name)) call.emit('set', name, value.text.slice(0, 256));
    }
  }
  return empty;
}

function unset(call: Call): Value {
  for (const word of call.operands) {
    if (isSteering(word.text)) call.emit('set', word.text, 'unset');
    call.scope.variables.delete(word.text);
    call.scope.functions.delete(word.text);
  }
  return empty;
}

function makeAlias(call: Call): Value {
  for (const { text } of call.operands) {
    const [, name, body] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || body === undefined) continue;
    call.scope.aliases.set(name, body);
    call.emit('define', `alias ${name}`, body.slice(0, 256));
    call.define(known(body));
  }
  return empty;
}

function setOptions(call: Call): Value {
  const line = lineOf(call.words);
  if (/(?:^|\s)\+o\s+history\b|\+H\b/.test(line)) call.emit('history', 'shell history', 'switched off');
  const at = call.words.findIndex(({ text }) => text === '--');
  if (at >= 0) call.scope.positional = [known('sh'), ...call.words.slice(at + 1)];
  else if (call.words.length > 0 && !/^[-+]/.test(call.words[0]?.text ?? '-')) {
    call.scope.positional = [known('sh'), ...call.words];
  }
  return empty;
}

function readVariables(call: Call): Value {
  const array = call.value('a');
  const names = [...call.operands, ...(array === undefined ? [] : [array])].map(({ text }) => text);
  const { stdin } = call;
  const lines =
    stdin.isKnown && call.spend(8 * stdin.text.length) ? stdin.text.split('\n').filter((line) => line !== '') : [];
  for (const [index, name] of (names.length === 0 ? ['REPLY'] : names).entries()) {
    if (lines.length === 0) {
      assign(call.scope, name, [{ ...stdin, isKnown: false, text: stdin.text === '' ? `$${name}` : stdin.text }]);
      continue;
    }
    const isLast = index >= names.length - 1;
    const fields = lines.map((line) => {
      const words = line.trim().split(/\s+/);
      return known(isLast ? words.slice(index).join(' ') : (words[index] ?? ''));
    });
    assign(call.scope, name, fields);
  }
  return empty;
}

function history(call: Call): Value {
  if (call.has('c')) call.emit('history', 'shell history', 'erased');
  if (call.has('d')) call.emit('history', 'shell history', 'entries removed');
  if (call.has('w', 'a') && call.operands.length > 0) call.emit('write', call.operands[0] ?? empty);
  return unknown('', 'file');
}

function shift(call: Call): Value {
  const count = Number(call.words[0]?.text ?? 1);
  const [zero, ...rest] = call.scope.positional ?? [];
  if (zero !== undefined) call.scope.positional = [zero, ...rest.slice(Number.isNaN(count) ? 1 : count)];
  return empty;
}

function findCommand(call: Call): Value {
  if (call.has('v', 'V')) return join(call.operands.slice(0, 1));
  return call.run(call.operands);
}

export const shellBuiltins: Programs = {
  eval: { stopsAtOperand: true, effects: evaluate },
  '.': { effects: source },
  source: { effects: source },
  trap: { effects: trap },
  cd: { effects: changeFolder },
  pushd: { effects: changeFolder },
  popd: { effects: () => empty },
  export: { effects: declare },
  declare: { effects: declare },
  typeset: { effects: declare },
  local: { effects: declare },
  readonly: { effects: declare },
  unset: { effects: unset },
  alias: { effects: makeAlias },
  unalias: {},
  set: { stopsAtOperand: true, effects: setOptions },
  shopt: {
    effects: (call) => {
      const line = lineOf(call.words);
      if (/-u\b/.test(line) && /\b(?:extdebug|functrace|histappend|cmdhist)\b/.test(line))
        call.emit('define', 'shopt', line);
      if (/-u\b/.test(line) && /\bhistory\b/.test(line)) call.emit('history', 'shell history', 'switched off');
    },
  },
  read: { values: 'd n N p t u i a', effects: readVariables },
  mapfile: { values: 'd n O s u C c', effects: readVariables },
  readarray: { values: 'd n O s u C c', effects: readVariables },
  history: { values: 'd p s', effects: history },
  fc: {
    values: 'e',
    effects: (call) => void (call.has('s') && call.emit('unknown', 'a line of the history', 'program')),
  },
  shift: { effects: shift },
  command: { stopsAtOperand: true, effects: findCommand },
  builtin: { stopsAtOperand: true, effects: (call) => call.run(call.operands) },
  exec: { values: 'a', stopsAtOperand: true, effects: (call) => call.run(call.operands) },
  time: { values: 'f o', stopsAtOperand: true, effects: (call) => call.run(call.operands) },
  coproc: { stopsAtOperand: true, effects: (call) => call.run(call.operands) },
  noglob: { stopsAtOperand: true, effects: (call) => call.run(call.operands) },
  nocorrect: { stopsAtOperand: true, effects: (call) => call.run(call.operands) },
  enable: {
    values: 'f',
    on: { f: 'execute' },
    effects: (call) => void (call.has('n') && call.emit('define', 'enable', lineOf(call.words))),
  },
  bind: {
    values: 'x f u r q m',
    effects: (call) => {
      const bound = call.value('x');
      if (bound !== undefined) call.emit('define', 'key binding', bound.text);
    },
  },
  complete: { values: 'C F W A G o P S X' },
  compgen: {},
  hash: {
    values: 'p',
    effects: (call) => void (call.has('p') && call.emit('define', `hash ${lineOf(call.operands)}`, lineOf(call.words))),
  },
  ulimit: {},
  umask: {},
  let: {},
  test: {},
  '[': {},
  true: { effects: () => empty },
  false: { effects: () => empty },
  ':': { effects: () => empty },
  return: { effects: () => empty },
  exit: { effects: () => empty },
  break: { effects: () => empty },
  continue: { effects: () => empty },
  wait: { effects: () => empty },
  jobs: {},
  bg: {},
  fg: {},
  disown: {},
  dirs: {},
  getopts: {},
  kill: {
    effects: (call) => {
      if (isWord(call.words[0], '-l', '-L', '-0')) return;
      const target = lineOf(call.operands);
      if (/(?:^|\s)-1(?:\s|$)/.test(lineOf(call.words.slice(1)))) call.emit('kill', '-1', 'all processes');
      else call.emit('kill', target === '' ? lineOf(call.words) : target);
    },
  },
};
