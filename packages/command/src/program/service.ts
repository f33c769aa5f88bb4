// Services, timers, planned jobs, power, and the logs of the machine.

import { empty, join, known, unknown, type Value } from '../shell/value.ts';
import { runsCode } from './code.ts';
import { type Call, isWord, lineOf, type Program, type Programs } from './program.ts';

const powerVerbs: Readonly<Record<string, string>> = {
  reboot: 'restart',
  poweroff: 'stop',
  halt: 'stop',
  kexec: 'restart',
  suspend: 'sleep',
  hibernate: 'sleep',
  rescue: 'stop',
  emergency: 'stop',
  'soft-reboot': 'restart',
};
const changing =
  /^(?:start|stop|restart|reload|try-restart|reload-or-restart|enable|disable|mask|unmask|kill|edit|link|set-property|set-default|isolate|revert|preset|reenable|daemon-reload|add-wants|set-environment|import-environment)$/;

function systemctl(call: Call): undefined {
  const [verb, ...units] = call.operands;
  if (verb === undefined) return;
  const power = powerVerbs[verb.text];
  if (power !== undefined) return call.emit('power', 'machine', power);
  if (!changing.test(verb.text)) return call.emit('survey', 'services');
  if (verb.text === 'edit')
    for (const unit of units) call.emit('write', `/etc/systemd/system/${unit.text}.d/override.conf`, 'edited');
  if (verb.text === 'link') for (const unit of units) call.emit('write', unit, 'unit');
  const isNow = call.has('now');
  for (const unit of units) {
    if (unit.text.endsWith('.timer') && /^(?:enable|start|restart|reenable)$/.test(verb.text))
      call.emit('schedule', unit, verb.text);
  }
  for (const unit of units.length === 0 ? [known('units')] : units) {
    call.emit('service', { ...unit, text: unit.text.replace(/\.service$/, '') }, verb.text);
    if (isNow && verb.text !== 'enable')
      call.emit('service', { ...unit, text: unit.text.replace(/\.service$/, '') }, 'stop');
  }
}

function service(call: Call): undefined {
  const [name, verb] = call.operands;
  if (name === undefined || call.has('status-all')) return call.emit('survey', 'services');
  if (isWord(verb, 'status')) return call.emit('survey', 'services');
  call.emit('service', name, verb?.text ?? 'run');
}

function meaningOf(verb: string): string {
  if (/^(?:off|disable|remove|del|delete)$/.test(verb)) return 'disable';
  return /^(?:on|enable|defaults|add)$/.test(verb) ? 'enable' : verb;
}

/** `chkconfig name off`, `update-rc.d name disable`, `rc-update del name`, `initctl stop name`. */
function rcTool(call: Call): undefined {
  const words = call.operands.map(({ text }) => text);
  const verb = words.find((word) =>
    /^(?:on|off|enable|disable|remove|defaults|add|del|delete|start|stop|restart|reload|list)$/.test(word),
  );
  if (verb === undefined || verb === 'list') return;
  const name = words.find((word) => word !== verb && !/^\d+$|^default$/.test(word)) ?? 'a service';
  call.emit('service', name, meaningOf(verb));
}

function launchctl(call: Call): undefined {
  const [verb, ...names] = call.operands;
  if (/^(?:load|bootstrap|submit|start|kickstart|enable)$/.test(verb?.text ?? ''))
    call.emit('service', lineOf(names), 'enable');
  if (/^(?:unload|bootout|stop|remove|disable)$/.test(verb?.text ?? '')) call.emit('service', lineOf(names), 'stop');
}

function crontab(call: Call): Value | undefined {
  if (call.has('l')) return unknown('', 'file');
  if (call.has('r')) call.emit('schedule', 'crontab', 'removed');
  if (call.has('e')) call.emit('schedule', 'crontab', 'edited');
  const [file] = call.operands;
  if (file !== undefined && file.text !== '-' && file.stream === undefined) call.emit('read', file);
  if (
    !call.has('r', 'e') &&
    (file !== undefined || call.stdin.text !== '' || call.stdin.origins.some((origin) => origin !== 'input'))
  ) {
    call.emit('schedule', 'crontab', 'replaced');
  }
  return undefined;
}

function at(call: Call): undefined {
  if (call.has('l', 'c', 'V') || call.name === 'atq') return;
  if (call.has('d', 'r') || call.name === 'atrm') return call.emit('schedule', 'at job', 'removed');
  const file = call.value('f');
  call.emit('schedule', 'at job', lineOf(call.operands));
  if (file !== undefined) call.emit('execute', file);
  if (call.stdin.isKnown) call.shell(call.stdin);
  else
    runsCode({ ...call.stdin, origins: call.stdin.origins.filter((origin) => origin !== 'input') }, 'shell', call.emit);
}

function journal(call: Call): Value {
  if (call.has('vacuum-size', 'vacuum-time', 'vacuum-files')) call.emit('history', 'system journal', 'erased');
  if (call.has('rotate', 'flush')) call.emit('service', 'systemd-journald', 'rotate');
  return unknown('', 'file');
}

function power(how: string): Program {
  return { values: 't', effects: (call) => (call.has('c') ? undefined : void call.emit('power', 'machine', how)) };
}

function killing(call: Call): undefined {
  const line = lineOf(call.words);
  const isEverything = /(?:^|\s)-1(?:\s|$)/.test(line) && call.operands.length === 0;
  if (call.name === 'pgrep') return call.emit('find', `text ${lineOf(call.operands)}`);
  if (call.has('l', 'list', '0')) return;
  call.emit(
    'kill',
    isEverything ? 'all processes' : lineOf(call.operands),
    call.has('u', 'U', 'user') ? 'of a user' : undefined,
  );
}

function dmesg(call: Call): Value {
  if (call.has('c', 'C', 'clear', 'read-clear')) call.emit('history', 'kernel log', 'erased');
  if (call.has('n', 'D', 'console-off')) call.emit('history', 'kernel log', 'switched off');
  return unknown('', 'file');
}

/** As `date` takes a time to set: digits, or a value the text does not give. */
function isTime(value: Value | undefined): boolean {
  return value !== undefined && (!value.isKnown || /^\d{8,}/.test(value.text));
}

function logger(call: Call): undefined {
  const server = call.value('n', 'server');
  if (server !== undefined) call.emit('upload', server, 'log');
}

export const servicePrograms: Programs = {
  systemctl: {
    values: 't type p property n lines o output H host M machine state s signal root job-mode what',
    effects: systemctl,
  },
  service: { effects: service },
  'rc-service': { effects: service },
  'invoke-rc.d': { effects: service },
  chkconfig: { values: 'level', effects: rcTool },
  'update-rc.d': { effects: rcTool },
  'rc-update': { effects: rcTool },
  initctl: { effects: rcTool },
  sysrc: {
    effects: (call) => {
      for (const { text } of call.operands)
        if (text.includes('='))
          call.emit('service', text.split('=')[0] ?? text, /NO/i.test(text) ? 'disable' : 'enable');
    },
  },
  sv: { effects: (call) => call.emit('service', call.operands[1] ?? 'a service', call.operands[0]?.text ?? '') },
  supervisorctl: {
    effects: (call) => call.emit('service', call.operands[1] ?? 'a service', call.operands[0]?.text ?? ''),
  },
  launchctl: { effects: launchctl },
  loginctl: {
    effects: (call) =>
      /^(?:kill|terminate|enable-linger)/.test(call.operands[0]?.text ?? '')
        ? call.emit('service', lineOf(call.operands), 'session')
        : undefined,
  },
  crontab: { values: 'u s', effects: crontab },
  at: { values: 'f q t', effects: at },
  batch: { values: 'f q', effects: at },
  atrm: { effects: at },
  atq: { effects: at },
  anacron: { values: 't S', on: { t: 'execute' } },
  periodic: { does: [['schedule', 'periodic', 'run']] },
  journalctl: {
    values:
      'u unit n lines S since U until p priority o output b t identifier g grep vacuum-size vacuum-time vacuum-files',
    effects: journal,
  },
  logrotate: {
    values: 's m l',
    operands: 'read',
    effects: (call) => {
      if (call.has('f', 'force')) call.emit('history', 'logs', 'rotated');
    },
  },
  dmesg: { values: 'n l f', effects: dmesg },
  logger: { values: 't p n server P port f i', effects: logger },
  shutdown: power('stop'),
  reboot: power('restart'),
  poweroff: power('stop'),
  halt: power('stop'),
  init: {
    effects: (call) => {
      if (/^[016]$/.test(call.operands[0]?.text ?? '')) call.emit('power', 'machine', 'stop');
    },
  },
  telinit: {
    effects: (call) => {
      if (/^[016]$/.test(call.operands[0]?.text ?? '')) call.emit('power', 'machine', 'stop');
    },
  },
  kexec: { does: [['power', 'machine', 'another kernel']] },
  killall: { values: 's u g o y', effects: killing },
  pkill: { values: 's u U g G t P F signal', effects: killing },
  pgrep: { values: 'u U g G t P F', effects: killing },
  skill: { effects: killing },
  fuser: {
    effects: (call) => {
      if (call.has('k')) call.emit('kill', lineOf(call.operands));
    },
  },
  timedatectl: {
    effects: (call) => {
      if (/^set-/.test(call.operands[0]?.text ?? '')) call.emit('clock', lineOf(call.operands));
    },
  },
  date: {
    values: 'd date f file r reference s set',
    effects: (call) => {
      const [first] = call.operands;
      if (call.has('s', 'set') || (isTime(first) && !call.has('d', 'f', 'r')))
        call.emit('clock', first ?? call.value('s', 'set') ?? empty);
      return unknown('', 'computed');
    },
  },
  hwclock: {
    effects: (call) => {
      if (call.has('w', 's', 'set', 'systohc', 'hctosys')) call.emit('clock', 'hardware clock');
    },
  },
  ntpdate: { does: [['clock', 'from the network']] },
  hostnamectl: {
    effects: (call) => {
      if (/^set-|^hostname$/.test(call.operands[0]?.text ?? '') && call.operands.length > 1)
        call.emit('service', 'hostname', lineOf(call.operands));
    },
  },
  wall: { operands: 'read' },
  write: {},
  ulogd: {},
  sleep: { effects: () => join([]) },
};
