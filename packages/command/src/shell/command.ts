// One simple command: its words, assignments and redirections, and who takes it: a function, an alias, a program of the tables,
// a file that the text itself wrote, or nobody that is known.

import type { Assignment, Command, Word } from 'unbash';
import { codeFrom, runsCode } from '../program/code.ts';
import { isSteering } from '../program/environment.ts';
import { effectAdder, programName, startProgram } from '../program/start.ts';
import { expandText, expandWord } from './expand.ts';
import { baseName, folderOf, normalisePath } from './path.ts';
import { applyRedirections } from './redirection.ts';
import { alias, assign, callScope, functionBody, type Scope } from './scope.ts';
import type { Shell } from './shell.ts';
import { empty, join, known, mergedOrigins, unknown, type Value } from './value.ts';

const systemFolders = /^\/(?:usr\/(?:local\/)?)?s?bin$|^\/(?:usr\/)?(?:lib|libexec)(?:\/|$)|^\/snap\/bin$/;
const declaring = new Set(['export', 'declare', 'typeset', 'local', 'readonly', 'alias']);

export function runCommand(node: Command, scope: Scope, stdin: Value, shell: Shell): Value {
  const { name } = node;
  for (const item of node.prefix) if (item.type === 'Assignment') setVariable(item, scope, shell, name === undefined);
  const flow = applyRedirections(node.redirects, scope, stdin, shell);
  if (name === undefined) return flow.give(empty);
  const replaced = name.text === name.value && !scope.calls.includes(name.value) ? alias(scope, name.value) : undefined;
  const words = [...expandWord(name, scope, shell), ...argumentsOf(node, scope, shell)];
  if (flow.isDiscarded && words[0]?.text === 'yes')
    effectAdder(shell.recorder, scope, 'yes')('exhaust', 'processor', 'endless output');
  if (replaced !== undefined) {
    const text = [replaced, ...node.args.map((word) => word.text)].join(' ');
    return flow.give(shell.script(known(text), callScope(scope, name.value, scope.positional ?? []), flow.stdin));
  }
  return flow.give(dispatch(words, scope, flow.stdin, shell));
}

function argumentsOf(node: Command, scope: Scope, shell: Shell): readonly Value[] {
  const isDeclaring = node.name !== undefined && declaring.has(node.name.value);
  return node.args.flatMap((word) => {
    if (word.type === 'Word') return expandWord(word, scope, shell);
    const value = setVariable(word, scope, shell, isDeclaring && node.name?.value !== 'alias');
    return [join([known(`${word.name}=`), value])];
  });
}

function setVariable(item: Assignment, scope: Scope, shell: Shell, isKept: boolean): Value {
  const emit = effectAdder(shell.recorder, scope, 'sh');
  if (item.value.type === 'ArrayValue') {
    const elements = item.value.elements.flatMap((word: Word) => expandWord(word, scope, shell));
    if (isKept) {
      scope.variables.set(`${item.name}[@]`, elements);
      assign(scope, item.name, elements.slice(0, 1));
    }
    return join(elements, ' ');
  }
  const given = expandText(item.value, scope, shell);
  const before = item.append === true ? (shell.choose(scope.variables.get(item.name) ?? [empty]) ?? empty) : empty;
  const value = item.append === true ? join([before, given]) : given;
  if (isKept) assign(scope, item.name, [value]);
  if (isSteering(item.name)) emit('set', item.name, value.text.slice(0, 256));
  if (item.name === 'PROMPT_COMMAND') shell.script(value, callScope(scope, item.name, []), empty);
  if (item.name === 'PS4') shell.script(join([known(': '), value]), callScope(scope, item.name, []), empty);
  return value;
}

/** Words as a command: what the shell does with them once they are expanded. */
function dispatch(words: readonly Value[], scope: Scope, stdin: Value, shell: Shell): Value {
  const [first] = words;
  const isFunction = first?.isKnown === true && functionBody(scope, first.text) !== undefined;
  if (!isFunction) return startWords(words, scope, stdin, shell);
  return shell.recorder.spendCommand() ? callFunction(first.text, words, scope, stdin, shell) : empty;
}

/** Words as a program: what a wrapper does with them. It knows no function of the shell. */
export function startWords(words: readonly Value[], scope: Scope, stdin: Value, shell: Shell): Value {
  if (!shell.recorder.spendCommand()) return unknown('', 'computed');
  const [first, ...rest] = words;
  if (first === undefined) return empty;
  if (first.isPattern && first.isKnown) return likeNames(first, rest, scope, stdin, shell);
  if (!first.isKnown) return unknownProgram(first, rest, scope, stdin, shell);
  const { text } = first;
  // A prompt that was pasted along with the command.
  if (/^[$#%>]$/.test(text) && rest.length > 0) return dispatch(rest, scope, stdin, shell);
  return start(text, rest, scope, stdin, shell);
}

function callFunction(name: string, words: readonly Value[], scope: Scope, stdin: Value, shell: Shell): Value {
  const body = functionBody(scope, name);
  const since = scope.calls.indexOf(name);
  if (body === undefined) return empty;
  if (since >= 0) {
    // It calls itself: in the background or through a pipe it fills the process table.
    const isSpreading = scope.calls.slice(since).some((call) => call === '|' || call === '&');
    if (isSpreading) effectAdder(shell.recorder, scope, name)('exhaust', 'processes', 'a function that starts itself');
    return unknown('', 'computed');
  }
  const inner = callScope(scope, name, words);
  const printed = shell.functionCall(body, inner, stdin);
  scope.cwd = inner.cwd;
  return printed;
}

const chosenByTheLogin = /^\$\{?(?:EDITOR|VISUAL|PAGER|BROWSER|SUDO_EDITOR)\b/;

function unknownProgram(first: Value, rest: readonly Value[], scope: Scope, stdin: Value, shell: Shell): Value {
  if (chosenByTheLogin.test(first.text)) return start('editor', rest, scope, stdin, shell);
  const emit = effectAdder(shell.recorder, scope, 'sh');
  emit('unknown', first, 'program');
  runsCode(first, 'shell', emit);
  // What follows may be a command of its own if the unknown word is a wrapper (`$SUDO rm …`).
  const [next] = rest;
  const isNamed = next?.isKnown === true && shell.entryOf(next.text) !== undefined;
  if (isNamed) dispatch(rest, scope, stdin, shell);
  return unknown('', ...mergedOrigins([first, stdin]), 'computed');
}

const isUnseen = ({ text, origins }: Value): boolean => text === '' && origins.length === 1 && origins[0] === 'input';

function likeNames(first: Value, rest: readonly Value[], scope: Scope, stdin: Value, shell: Shell): Value {
  const emit = effectAdder(shell.recorder, scope, 'sh');
  emit('unknown', first, 'program spelled as a pattern');
  const printed = shell.namesLike(baseName(first.text)).map((name) => start(name, rest, scope, stdin, shell));
  return unknown('', ...mergedOrigins(printed), 'computed');
}

function start(text: string, rest: readonly Value[], scope: Scope, stdin: Value, shell: Shell): Value {
  const { recorder } = shell;
  const name = programName(text, (candidate) => shell.entryOf(candidate) !== undefined);
  const emit = effectAdder(recorder, scope, name);
  const path = text.includes('/') ? normalisePath(text, scope.cwd) : text;
  const { login, through } = scope;
  recorder.add({
    kind: 'run',
    target: name,
    program: name,
    as: login,
    isKnown: true,
    isPattern: false,
    path,
    // For people to read; what is judged are the other effects.
    arguments: rest.slice(0, 256).map((word) => word.text.slice(0, 1_024)),
    ...(through.length === 0 ? {} : { through }),
  });
  const entry = shell.entryOf(name);
  if (entry === undefined && /^[A-Z][A-Za-z]+-[A-Z][A-Za-z]+$/.test(text)) emit('unknown', text, 'not a shell command');
  if (text.includes('/') && !systemFolders.test(folderOf(path))) {
    emit('execute', known(path));
    const written = recorder.files.get(path);
    if (written !== undefined) {
      runsCode(written, 'program', emit);
      if (written.isKnown) codeFrom(written, scope, stdin, shell);
    }
  }
  if (entry === undefined)
    return unknown('', ...mergedOrigins([stdin, ...rest]), isUnseen(stdin) ? 'generated' : 'computed');
  return startProgram(name, entry, rest, scope, stdin, shell);
}
