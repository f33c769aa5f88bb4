// Shells and languages: text given to them is code, from an option, from a file, or from what is piped in.

import { empty, known, mergedOrigins, unknown, type Value } from '../shell/value.ts';
import { runsCode } from './code.ts';
import { isReadable, scanCode } from './code-scan.ts';
import { inputOf } from './output.ts';
import { type Call, lineOf, type Program, type Programs } from './program.ts';

function shellProgram(call: Call): Value {
  const { operands } = call;
  const rc = call.value('rcfile', 'init-file');
  if (rc !== undefined && rc.stream === undefined) call.emit('execute', rc, 'sourced');
  if (rc?.stream !== undefined) fromStream(call, rc.stream);
  if (call.has('c')) {
    const [code, ...positional] = operands;
    if (code === undefined) return empty;
    runsCode(code, 'shell', call.emit);
    return call.shell(code, positional);
  }
  const [file, ...rest] = operands;
  const isInput =
    file === undefined || call.has('s') || /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/.test(file.text);
  if (isInput) return fromStream(call, call.stdin);
  if (file.stream !== undefined) return fromStream(call, file.stream);
  const content = call.contents(file);
  if (!file.isKnown && file.origins.some((origin) => origin === 'network' || origin === 'decoded'))
    runsCode(file, 'shell', call.emit);
  call.emit('execute', file);
  return writtenScript(call, content, 'shell', () => call.shell(content, [file, ...rest]));
}

/** A file that this text made before is judged by what it put there; any other file is only known by its name. */
function writtenScript(call: Call, content: Value, language: string, follow: () => Value): Value {
  const isOther = content.text === '' && content.origins.length === 1 && content.origins[0] === 'file';
  if (isOther) return unknown('', 'computed');
  runsCode(content, language, call.emit);
  if (content.isKnown) return follow();
  if (content.origins.every((origin) => origin === 'file' || origin === 'computed')) {
    call.emit('code', { ...content, text: language }, 'written');
  }
  return unknown('', ...content.origins, 'computed');
}

function fromStream(call: Call, stream: Value): Value {
  if (stream.isKnown) {
    runsCode(stream, 'shell', call.emit);
    return call.shell(stream, undefined, { stdin: unknown('', 'input') });
  }
  const isTerminal = stream.text === '' && stream.origins.length === 1 && stream.origins[0] === 'input';
  if (!isTerminal) runsCode(stream, 'shell', call.emit);
  else if (call.scope.through.length > 0 || call.has('i'))
    call.emit('shell', call.name, call.scope.through.at(-1) ?? 'interactive');
  return unknown('', ...mergedOrigins([stream]), 'computed');
}

interface Language {
  readonly name: string;
  /** Options whose value is code. */
  readonly code: readonly string[];
  /** Other options that take a value. */
  readonly values?: string;
}

function language({ name, code, values = '' }: Language): Program {
  return {
    values: [...code, values].join(' '),
    stopsAtOperand: true,
    effects: (call) => {
      const texts = call.valuesOf(...code);
      for (const text of texts) {
        call.emit('code', { ...text, text: name, isPattern: false }, text.isKnown ? 'argument' : 'unknown argument');
        runsCode(
          text.isKnown
            ? text
            : { ...text, origins: text.origins.filter((origin) => origin === 'network' || origin === 'decoded') },
          name,
          call.emit,
        );
        scanCode(call, name, text);
      }
      moduleOf(call, name);
      if (texts.length > 0) return unknown('', ...mergedOrigins([call.stdin, ...texts]), 'computed');
      return scriptFile(call, name);
    },
  };
}

const modules: Readonly<Record<string, (call: Call) => undefined>> = {
  'http.server': (call) => call.emit('listen', 'http.server', 'files served'),
  SimpleHTTPServer: (call) => call.emit('listen', 'SimpleHTTPServer', 'files served'),
  pyftpdlib: (call) => call.emit('listen', 'pyftpdlib', 'files served'),
  smtpd: (call) => call.emit('listen', 'smtpd', 'mail'),
  zipfile: (call) => call.emit('archive', 'files'),
  tarfile: (call) => call.emit('archive', 'files'),
  pip: (call) => call.emit('package', lineOf(call.operands), 'pip'),
  base64: (call) => call.emit('decode', 'python', 'base64'),
};

function moduleOf(call: Call, name: string): undefined {
  const module = call.value('m')?.text;
  if (name === 'python' && module !== undefined && Object.hasOwn(modules, module)) modules[module]?.(call);
  if (name === 'php' && call.has('S')) call.emit('listen', 'php', 'files served');
}

function scriptFile(call: Call, name: string): Value {
  if (call.has('m', 'version', 'V', 'help', 'h', 'v', 'l')) return unknown('', ...call.stdin.origins, 'computed');
  const [file] = call.operands;
  if (file === undefined || file.text === '-' || file.text === '/dev/stdin') {
    const { stdin } = call;
    if (stdin.isKnown) scanCode(call, name, stdin);
    const isTerminal = stdin.text === '' && stdin.origins.length === 1 && stdin.origins[0] === 'input';
    if (!isTerminal) runsCode(stdin, name, call.emit);
    return unknown('', ...stdin.origins, 'computed');
  }
  if (file.stream !== undefined) {
    runsCode(file.stream, name, call.emit);
    if (file.stream.isKnown) scanCode(call, name, file.stream);
    return unknown('', 'computed');
  }
  call.emit('execute', file);
  const content = call.contents(file);
  return writtenScript(call, content, name, () => {
    scanCode(call, name, content);
    return unknown('', 'computed');
  });
}

/** The first capture of each match in a program text. */
function captures(call: Call, text: string, pattern: RegExp): readonly Value[] {
  return call.bounded(text.matchAll(pattern)).map((match) => known((match[1] ?? '').replace(/\\"/g, '"')));
}

const awkString = '"((?:\\\\.|[^"\\\\]){0,1024})"';
const awkSystem = new RegExp(`\\bsystem\\s*\\(\\s*${awkString}`, 'g');
const awkPipeTo = new RegExp(`\\|&?\\s*${awkString}`, 'g');
const awkPipeFrom = new RegExp(`${awkString}\\s*\\|&?\\s*getline`, 'g');
const awkWrites = new RegExp(`>>?\\s*${awkString}`, 'g');
const awkReads = new RegExp(`getline\\s*\\w*\\s*<\\s*${awkString}`, 'g');

function awk(call: Call): Value {
  const file = call.value('f', 'file');
  const program = file === undefined ? call.operands[0] : undefined;
  const files = file === undefined ? call.operands.slice(1) : call.operands;
  if (file !== undefined) call.emit('execute', file);
  for (const path of files) if (!/^\w+=/.test(path.text) && path.stream === undefined) call.emit('read', path);
  if (program === undefined) return unknown('', ...call.stdin.origins, 'computed');
  const { text } = program;
  if (!isReadable(call, text)) return unknown('', 'computed');
  for (const code of [...captures(call, text, awkSystem), ...captures(call, text, awkPipeFrom)]) call.shell(code);
  for (const code of captures(call, text, awkPipeTo)) call.shell(code, undefined, { stdin: unknown('', 'computed') });
  for (const path of captures(call, text, awkWrites)) call.emit('write', path);
  for (const path of captures(call, text, awkReads)) call.emit('read', path);
  if (/\bsystem\s*\(\s*[^")\s]/.test(text)) {
    call.emit('unknown', { ...program, isKnown: false }, 'program started by code');
  }
  if (/\/inet\d?\/(?:tcp|udp)\//.test(text)) call.emit('connect', 'awk code', 'shell socket');
  return unknown('', ...mergedOrigins([call.stdin, ...files]), 'computed');
}

const sedWrites = /(?:^|[;{}\n\d$/]|\/[gpIi\d]{1,8})\s{0,8}w\s+([^\s;}]+)/g;

/** GNU sed runs the result of `s/…/…/e`. */
function substituteRuns(text: string): boolean {
  const [, separator] = /^\s*(?:[\d,$]*)s([^\w\s])/.exec(text) ?? [];
  if (separator === undefined) return false;
  return /^[gpIi\d]*e/.test(text.split(separator)[3] ?? '');
}

function sed(call: Call): Value {
  const scripts = call.valuesOf('e', 'expression');
  const file = call.value('f', 'file');
  const rest = scripts.length > 0 || file !== undefined ? call.operands : call.operands.slice(1);
  const all = scripts.length > 0 ? scripts : call.operands.slice(0, file === undefined ? 1 : 0);
  const isInPlace = call.words.some(
    ({ text }) => /^-[a-zA-Z]*i|^--in-place/.test(text) && !/^-[a-df-hj-zA-Z]*e/.test(text),
  );
  for (const path of rest) {
    if (path.text === '' || path.stream !== undefined) continue;
    call.emit(isInPlace ? 'write' : 'read', path, isInPlace ? 'in place' : undefined);
  }
  for (const { text } of all) {
    if (!isReadable(call, text)) break;
    for (const path of captures(call, text, sedWrites)) call.emit('write', path);
    const command = /(?:^|[;\n]|\d|\$)\s*e\s+([^\n}]+)/.exec(text)?.[1];
    if (command !== undefined) call.shell(known(command));
    if (substituteRuns(text)) runsCode(unknown('sed', 'computed', 'input'), 'shell', call.emit);
  }
  const input = rest.length === 0 ? call.stdin : unknown('', 'file');
  return unknown('', ...input.origins, 'computed');
}

const shell: Program = { values: 'o O rcfile init-file', stopsAtOperand: true, effects: shellProgram };

export const interpreters: Programs = {
  sh: shell,
  bash: shell,
  dash: shell,
  ash: shell,
  ksh: shell,
  mksh: shell,
  zsh: shell,
  rbash: shell,
  csh: shell,
  tcsh: shell,
  fish: shell,
  pwsh: language({ name: 'powershell', code: ['c', 'Command', 'command', 'EncodedCommand', 'e'] }),
  python: language({ name: 'python', code: ['c'], values: 'm W X Q' }),
  pypy: language({ name: 'python', code: ['c'], values: 'm W X' }),
  ipython: language({ name: 'python', code: ['c'], values: 'm' }),
  perl: language({ name: 'perl', code: ['e', 'E'], values: 'I M m x' }),
  ruby: language({ name: 'ruby', code: ['e'], values: 'I r C E' }),
  irb: language({ name: 'ruby', code: ['e'] }),
  node: language({ name: 'javascript', code: ['e', 'p', 'eval', 'print'], values: 'r require' }),
  nodejs: language({ name: 'javascript', code: ['e', 'p', 'eval', 'print'], values: 'r require' }),
  deno: language({ name: 'javascript', code: ['eval'] }),
  bun: language({ name: 'javascript', code: ['e', 'eval'] }),
  php: language({ name: 'php', code: ['r', 'B', 'R', 'E'], values: 'd f t S c' }),
  lua: language({ name: 'lua', code: ['e'], values: 'l' }),
  luajit: language({ name: 'lua', code: ['e'], values: 'l' }),
  tclsh: language({ name: 'tcl', code: [] }),
  wish: language({ name: 'tcl', code: [] }),
  osascript: language({ name: 'applescript', code: ['e'], values: 'l' }),
  Rscript: language({ name: 'r', code: ['e'] }),
  julia: language({ name: 'julia', code: ['e', 'E'] }),
  guile: language({ name: 'scheme', code: ['c'] }),
  octave: language({ name: 'octave', code: ['eval'] }),
  jrunscript: language({ name: 'java', code: ['e'] }),
  java: { values: 'cp classpath jar', hasLongDash: true, stopsAtOperand: true, on: { jar: 'execute' } },
  awk: { values: 'F v f file field-separator assign', effects: awk },
  gawk: { values: 'F v f file l i field-separator assign', effects: awk },
  mawk: { values: 'F v f W', effects: awk },
  nawk: { values: 'F v f', effects: awk },
  sed: { values: 'e expression f file l', effects: sed },
  gsed: { values: 'e expression f file l', effects: sed },
  bc: { effects: (call) => unknown('', ...inputOf(call).origins, 'computed') },
  dc: {
    values: 'e f',
    effects: (call) =>
      /^!|\n!/.test(call.value('e')?.text ?? '')
        ? call.shell(known((call.value('e')?.text ?? '').replace(/^!/, '')))
        : undefined,
  },
  gdb: {
    values: 'ex x p pid iex batch',
    hasLongDash: true,
    effects: (call) => {
      if (call.has('p', 'pid')) call.emit('capture', 'another process', 'gdb');
      for (const { text } of call.valuesOf('ex', 'iex')) {
        const [, code] = /^(?:!|shell\s+)(.*)$/.exec(text) ?? [];
        if (code !== undefined) call.shell(known(code));
        if (/^python\b/.test(text)) scanCode(call, 'python', known(text));
      }
    },
  },
};
