// Programs that start another one: the words after their own options are a command, and count as if they stood alone.

import { empty, join, known, unknown, type Value } from '../shell/value.ts';
import { runsCode } from './code.ts';
import { type Call, isWord, lineOf, type Program, type Programs } from './program.ts';

const wraps = (values = '', skip = 0): Program => ({
  values,
  stopsAtOperand: true,
  effects: (call) => call.run(call.operands.slice(skip)),
});

/** `VAR=value` words before a command, as `env` and `sudo` take them. */
function withoutAssignments(call: Call, words: readonly Value[]): readonly Value[] {
  const at = words.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  for (const { text } of at < 0 ? words : words.slice(0, at)) {
    const name = text.slice(0, text.indexOf('='));
    if (/^LD_|^BASH_ENV$|^PYTHON|^PERL5|^GIT_SSH|^IFS$/.test(name))
      call.emit('set', name, text.slice(name.length + 1, 256));
  }
  return at < 0 ? [] : words.slice(at);
}

function elevate(call: Call): Value | undefined {
  const asked = call.value('u', 'user')?.text ?? 'root';
  if (call.has('l', 'list', 'll')) call.emit('survey', 'sudo rights');
  if (call.has('k', 'K', 'v', 'V', 'l', 'reset-timestamp', 'remove-timestamp')) return undefined;
  const askpass = call.has('A', 'askpass');
  if (call.has('S', 'stdin') && isPiped(call.stdin)) call.emit('password', `${call.name} on standard input`);
  if (askpass) call.emit('become', asked, 'askpass');
  if (call.has('e', 'edit')) {
    for (const file of call.operands) call.emit('write', file);
    return undefined;
  }
  const words = withoutAssignments(call, call.operands);
  call.emit('become', asked, words.length === 0 ? 'shell' : 'command');
  if (words.length === 0) return undefined;
  const isShell = call.has('s', 'i', 'shell', 'login');
  return isShell ? call.shell(join(words, ' '), undefined, { login: asked }) : call.run(words, { login: asked });
}

const isPiped = ({ text, origins }: Value): boolean => text !== '' || origins.some((origin) => origin !== 'input');

function substituteUser(call: Call): Value | undefined {
  if (isPiped(call.stdin)) call.emit('password', `${call.name} on standard input`);
  const [first, ...rest] = call.operands.filter(({ text }) => text !== '-');
  const login = call.value('u', 'user')?.text ?? first?.text ?? 'root';
  const code = call.value('c', 'command', 'session-command');
  if (code !== undefined) {
    call.emit('become', login, 'command');
    runsCode(code, 'shell', call.emit);
    return call.shell(code, undefined, { login });
  }
  const command = call.name === 'runuser' && call.has('u', 'user') ? call.operands : rest;
  call.emit('become', login, command.length === 0 ? 'shell' : 'command');
  return command.length === 0 ? undefined : call.run(command, { login });
}

function environment(call: Call): Value {
  const split = call.value('S', 'split-string');
  if (split !== undefined) return call.shell(join([split, ...call.operands], ' '));
  const words = withoutAssignments(call, call.operands);
  if (words.length === 0 && call.operands.length === 0) call.emit('survey', 'environment');
  return call.run(words);
}

function xargs(call: Call): Value {
  const { stdin } = call;
  const file = call.value('a', 'arg-file');
  if (file !== undefined) call.emit('read', file);
  const mark = call.has('i') ? '{}' : call.value('I', 'replace')?.text;
  const items =
    stdin.isKnown && call.spend(8 * stdin.text.length)
      ? stdin.text
          .split(/[\s\0]+/)
          .filter((word) => word !== '')
          .map(known)
      : [{ ...stdin, text: stdin.text === '' ? '{}' : stdin.text }];
  const words = call.operands.length === 0 ? [known('echo')] : call.operands;
  if (mark === undefined) return call.run([...words, ...items], { stdin: unknown('', 'input') });
  const printed = call
    .bounded(items)
    .map((item) => call.run(replaceMark(words, mark, item), { stdin: unknown('', 'input') }));
  return unknown('', ...printed.flatMap(({ origins }) => origins), 'computed');
}

export function replaceMark(words: readonly Value[], mark: string, item: Value): readonly Value[] {
  return words.map((word) => {
    if (!word.text.includes(mark)) return word;
    if (word.text === mark) return item;
    return { ...item, text: word.text.split(mark).join(item.text), isKnown: item.isKnown && word.isKnown };
  });
}

function parallel(call: Call): Value {
  const at = call.operands.findIndex(({ text }) => /^:{3,4}\+?$/.test(text));
  const words = at < 0 ? call.operands : call.operands.slice(0, at);
  const inputs = at < 0 ? [] : call.operands.slice(at + 1);
  if (words.length === 0) {
    const lines = inputs.length > 0 ? inputs : [call.stdin];
    for (const line of lines) {
      runsCode(line, 'shell', call.emit);
      call.shell(line);
    }
    return unknown('', 'computed');
  }
  const items =
    inputs.length > 0 ? inputs : [unknown(call.stdin.text === '' ? '{}' : call.stdin.text, ...call.stdin.origins)];
  for (const item of call.bounded(items)) {
    const hasMark = words.some(({ text }) => text.includes('{}'));
    call.shell(join(hasMark ? replaceMark(words, '{}', item) : [...words, item], ' '));
  }
  return unknown('', 'computed');
}

/** `script -c`, `flock file -c`, `setpriv … sh -c`: a text for a shell in an option. */
function optionCode(option: string, skip: number): (call: Call) => Value | undefined {
  return (call) => {
    const code = call.value(option, 'command');
    if (code !== undefined) {
      runsCode(code, 'shell', call.emit);
      return call.shell(code);
    }
    const words = call.operands.slice(skip);
    return words.length === 0 ? undefined : call.run(words);
  };
}

function nameSpace(call: Call): Value | undefined {
  call.emit('namespace', call.name, lineOf(call.words.slice(0, 12)));
  const words = call.operands;
  if (words.length > 0) return call.run(words);
  call.emit('shell', call.name);
  return undefined;
}

function changeRoot(call: Call): Value | undefined {
  const [root, ...words] = call.operands;
  call.emit('namespace', 'chroot', root?.text ?? '');
  if (words.length === 0) call.emit('shell', 'chroot');
  return words.length === 0 ? undefined : call.run(words, { cwd: '/' });
}

const ownShells = new Set(['bash', 'sh', 'zsh', 'ash']);

function multiplexer(call: Call): Value | undefined {
  const [applet, ...rest] = call.operands;
  if (applet === undefined) return undefined;
  if (ownShells.has(applet.text) && rest.length === 0) call.emit('shell', call.name);
  return call.run([applet, ...rest]);
}

function systemdRun(call: Call): Value {
  if (call.has('on-calendar', 'on-active', 'on-boot', 'on-startup'))
    call.emit('schedule', 'systemd timer', lineOf(call.operands));
  return call.run(call.operands, call.has('user') ? {} : { login: call.value('uid')?.text ?? 'root' });
}

function watch(call: Call): Value {
  return call.has('x', 'exec') ? call.run(call.operands) : call.shell(join(call.operands, ' '));
}

export const wrappers: Programs = {
  sudo: {
    values: 'u user g group h host p prompt C close-from T command-timeout U other-user D chdir R chroot r role t type',
    stopsAtOperand: true,
    effects: elevate,
  },
  doas: { values: 'u C', stopsAtOperand: true, effects: elevate },
  pkexec: { values: 'user', stopsAtOperand: true, effects: elevate },
  sudoedit: { values: 'u', operands: 'write' },
  su: { values: 'c s shell g G w command group', effects: substituteUser },
  runuser: { values: 'u c s g G w command user', stopsAtOperand: true, effects: substituteUser },
  env: { values: 'u unset C chdir S split-string', stopsAtOperand: true, effects: environment },
  printenv: { does: [['survey', 'environment']] },
  xargs: {
    values: 'I n P L s d a E max-args max-procs max-lines delimiter arg-file replace',
    stopsAtOperand: true,
    effects: xargs,
  },
  parallel: {
    values: 'j jobs a arg-file C colsep I N n delay joblog results tmpdir',
    stopsAtOperand: true,
    effects: parallel,
  },
  nice: wraps('n adjustment'),
  ionice: wraps('c n p class classdata'),
  nohup: wraps(),
  setsid: wraps(),
  timeout: wraps('k s kill-after signal', 1),
  stdbuf: wraps('i o e input output error'),
  unbuffer: wraps(),
  chrt: wraps('T P D', 1),
  taskset: wraps('', 1),
  numactl: wraps('N m C membind cpunodebind physcpubind interleave'),
  cpulimit: wraps('l p limit'),
  catchsegv: wraps(),
  ltrace: wraps('e p o'),
  linux32: wraps(),
  linux64: wraps(),
  setarch: wraps('', 1),
  firejail: wraps(),
  fakeroot: wraps('s i'),
  dbus: wraps(),
  'dbus-run-session': wraps(),
  'dbus-launch': wraps(),
  'xvfb-run': wraps('s n e f p w'),
  softlimit: wraps('a c d f l m o p r s t'),
  cgexec: wraps('g'),
  capsh: {
    stopsAtOperand: true,
    effects: (call) => {
      call.emit('namespace', 'capsh', lineOf(call.words));
      const at = call.words.findIndex(({ text }) => text === '--' || text === '==');
      const rest = at < 0 ? [] : call.words.slice(at + 1);
      if (at >= 0) call.run([known('bash'), ...rest]);
    },
  },
  setpriv: wraps(
    'reuid regid groups inh-caps ambient-caps bounding-set securebits pdeathsig selinux-label apparmor-profile',
  ),
  flock: { values: 'c command w E timeout', stopsAtOperand: true, effects: optionCode('c', 1) },
  script: { values: 'c command t O I B E m o', effects: optionCode('c', 99) },
  expect: {
    values: 'c f',
    on: { f: 'execute' },
    operands: 'execute',
    effects: (call) => void runsCode(call.value('c') ?? empty, 'expect', call.emit),
  },
  watch: { values: 'n interval', stopsAtOperand: true, effects: watch },
  entr: wraps(),
  inotifywait: {},
  strace: {
    values: 'e o p s a u E P I b S X',
    stopsAtOperand: true,
    on: { o: 'write' },
    effects: (call) => trace(call),
  },
  unshare: {
    values: 'R root w wd S setuid G setgid map-user map-group propagation setgroups',
    stopsAtOperand: true,
    effects: nameSpace,
  },
  nsenter: { values: 't target S G r w', stopsAtOperand: true, effects: nameSpace },
  chroot: { values: 'userspec groups', stopsAtOperand: true, effects: changeRoot },
  bwrap: { stopsAtOperand: true, effects: (call) => call.emit('namespace', 'bwrap', lineOf(call.words)) },
  proot: { stopsAtOperand: true, effects: nameSpace },
  'systemd-run': {
    values: 'p property unit u slice uid gid on-calendar on-active on-boot M E setenv description t',
    stopsAtOperand: true,
    effects: systemdRun,
  },
  'systemd-nspawn': {
    values: 'D directory M machine',
    stopsAtOperand: true,
    effects: (call) => call.emit('container', 'systemd-nspawn', 'run'),
  },
  'start-stop-daemon': {
    values: 'x exec a startas p pidfile u user c chuid n name s signal g group d chdir',
    effects: (call) => {
      const program = call.value('x', 'exec', 'a', 'startas');
      if (program !== undefined && call.has('S', 'start')) call.run([program, ...call.operands]);
    },
  },
  'run-parts': { operands: 'execute' },
  busybox: { stopsAtOperand: true, effects: multiplexer },
  toybox: { stopsAtOperand: true, effects: multiplexer },
  'ld.so': {
    values: 'library-path preload argv0 audit',
    stopsAtOperand: true,
    on: { preload: 'execute' },
    effects: (call) => call.run(call.operands),
  },
  proxychains: {
    values: 'f',
    stopsAtOperand: true,
    does: [['proxy', 'proxychains']],
    effects: (call) => call.run(call.operands),
  },
  torsocks: { stopsAtOperand: true, does: [['proxy', 'tor']], effects: (call) => call.run(call.operands) },
  torify: { stopsAtOperand: true, does: [['proxy', 'tor']], effects: (call) => call.run(call.operands) },
  sshpass: { values: 'p f d P', stopsAtOperand: true, effects: passwordGiven },
};

function passwordGiven(call: Call): Value {
  if (call.has('p')) call.emit('password', 'sshpass', 'in the command line');
  return call.run(call.operands);
}

function trace(call: Call): Value | undefined {
  const [first] = call.operands;
  if (call.has('p')) call.emit('capture', 'another process', 'strace');
  return first === undefined || isWord(first, '') ? undefined : call.run(call.operands);
}
