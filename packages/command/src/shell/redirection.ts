// Redirections: what a command reads instead of its input and where its output goes, `/dev/tcp` and here-documents included.

import type { Redirect, Redirection } from 'unbash';
import { effectAdder } from '../program/start.ts';
import { expandParts, expandText } from './expand.ts';
import { normalisePath } from './path.ts';
import type { Scope } from './scope.ts';
import type { Shell } from './shell.ts';
import { empty, join, known, unknown, unseenInput, type Value } from './value.ts';

export interface Flow {
  readonly stdin: Value;
  /** Its output goes to /dev/null. */
  readonly isDiscarded: boolean;
  /** Takes what the command prints; answers what is left for the pipe. */
  give(printed: Value): Value;
}

const harmless = /^\/dev\/(?:null|stdin|stdout|stderr|tty|fd\/\d+|pts\/\d+)$/;

export function applyRedirections(list: readonly Redirection[], scope: Scope, stdin: Value, shell: Shell): Flow {
  let input = stdin;
  const outputs: {
    readonly path: string;
    readonly isAppended: boolean;
    readonly isStdout: boolean;
    readonly sink: Value;
  }[] = [];
  for (const redirection of list) {
    if (redirection.type === 'HereString') {
      input = redirection.target === undefined ? unseenInput : expandText(redirection.target, scope, shell);
      continue;
    }
    if (redirection.type === 'HereDoc') {
      const { body, delimiter } = redirection;
      const isLiteral = delimiter?.quoted === true || body.parts === undefined;
      input = isLiteral ? known(body.text) : expandParts(body.parts ?? [], scope, shell);
      continue;
    }
    const file = fileOf(redirection, scope, shell);
    if (file === undefined) continue;
    if (redirection.operator === '<') {
      input = file.stream ?? opened(file, scope, shell);
      continue;
    }
    const fd = redirection.descriptor?.type === 'FileDescriptor' ? redirection.descriptor.value : undefined;
    const path = normalisePath(file.text, scope.cwd);
    if (redirection.operator === '<>') input = opened(file, scope, shell);
    else write(file, redirection.operator, scope, shell);
    const isStdout = fd === undefined || fd === 1;
    outputs.push({ path, isAppended: redirection.operator.endsWith('>>'), isStdout, sink: file });
  }
  return {
    stdin: input,
    isDiscarded: outputs.some(({ path, isStdout }) => isStdout && path === '/dev/null'),
    give: (printed) => {
      const sinks = outputs.filter(({ isStdout }) => isStdout);
      for (const { path, isAppended, sink } of sinks) {
        if (isAppended && /^\/dev\/(?:zero|u?random)$/.test(printed.text))
          effectAdder(shell.recorder, scope, 'sh')('change', sink, 'padded');
        const before = isAppended ? shell.recorder.files.get(path) : undefined;
        if (sink.stream === undefined && !harmless.test(path))
          shell.recorder.files.set(path, appended(before, printed));
      }
      return sinks.length > 0 ? empty : printed;
    },
  };
}

function appended(before: Value | undefined, printed: Value): Value {
  if (before === undefined) return printed;
  return join([before, printed]);
}

/** The file of a redirection; undefined when it only joins descriptors. */
function fileOf(redirection: Redirect, scope: Scope, shell: Shell): Value | undefined {
  const { operator, target } = redirection;
  if (target === undefined) return undefined;
  const file = expandText(target, scope, shell);
  const isDescriptor = (operator === '>&' || operator === '<&') && /^(?:\d+|-|\d+-|\$\{?\w+\}?)$/.test(file.text);
  return isDescriptor ? undefined : file;
}

function opened(file: Value, scope: Scope, shell: Shell): Value {
  const emit = effectAdder(shell.recorder, scope, 'sh');
  const path = normalisePath(file.text, scope.cwd);
  if (connects(path, emit)) return unknown('', 'network');
  if (harmless.test(path)) return unknown('', 'input');
  emit('read', file);
  return shell.recorder.files.get(path) ?? unknown('', 'file');
}

function write(file: Value, operator: string, scope: Scope, shell: Shell): void {
  const emit = effectAdder(shell.recorder, scope, 'sh');
  const path = normalisePath(file.text, scope.cwd);
  if (file.stream !== undefined || connects(path, emit) || harmless.test(path)) return;
  emit('write', file, operator.endsWith('>>') ? 'append' : 'overwrite');
}

/** bash opens a connection for these names, which are no files (bash manual 3.6). */
function connects(path: string, emit: ReturnType<typeof effectAdder>): boolean {
  const found = /^\/dev\/(tcp|udp)\/([^/]*)\/?([^/]*)/.exec(path);
  if (found === null) return false;
  const [, , host = '', port = ''] = found;
  const isProbe = /^(?:localhost|127\.|::1)/.test(host);
  emit('connect', `${host}:${port}`, isProbe ? 'shell socket to this machine' : 'shell socket');
  return true;
}
