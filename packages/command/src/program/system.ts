// The kernel, disks, mounts, packet filters, and what protects the machine.

import { unknown } from '../shell/value.ts';
import { type Call, lineOf, type Program, type Programs } from './program.ts';

const reading =
  /^(?:-[a-zA-Z]*[LSnv]|--list|--list-rules|list|show|status|-V|--version|--state|--get-\w+|--list-\w+|-h|--help|-s)$/;

/** Packet filters: what only lists is a look-up, everything else changes. */
function firewall(call: Call): undefined {
  const words = call.words.map(({ text }) => text);
  const line = words.join(' ');
  const isReading =
    words.length > 0 &&
    words.every(
      (word) =>
        reading.test(word) ||
        /^(?:-t|-n|-v|-x|numbered|verbose|raw|filter|nat|mangle|INPUT|OUTPUT|FORWARD|ruleset|tables?|chain|inet|ip6?|all|--line-numbers|--zone=\S+|--permanent|-L\w*|[A-Z]+)$/.test(
          word,
        ),
    );
  if (words.length === 0 || isReading) return call.emit('survey', 'firewall');
  const isOff = /(?:^|\s)(?:disable|reset|stop|-F|--flush|-X|flush|-P\s+\w+\s+ACCEPT|--panic-off|-d|-Fa)(?:\s|$)/.test(
    line,
  );
  const isRemoved = /(?:^|\s)(?:-D|--delete|delete|--remove-\w+\S*|-R)(?:\s|=|$)/.test(line);
  const changed = isRemoved ? `rule removed: ${line}` : line;
  call.emit('firewall', call.name, isOff ? `off: ${line}` : changed);
}

function sysctl(call: Call): undefined {
  for (const word of call.operands)
    if (word.text.includes('='))
      call.emit(
        'kernel',
        { ...word, text: word.text.slice(0, word.text.indexOf('=')) },
        word.text.slice(word.text.indexOf('=') + 1),
      );
  if (call.has('p', 'load', 'system'))
    call.emit('kernel', 'settings from a file', call.operands[0]?.text ?? '/etc/sysctl.conf');
}

function mount(call: Call): undefined {
  const words = call.operands;
  if (words.length === 0 || call.has('l', 'V', 'h')) return call.emit('survey', 'mounts');
  const target = words.at(-1) ?? 'mount';
  const source = words.length > 1 ? words[0] : undefined;
  const options = call
    .valuesOf('o', 'options')
    .map(({ text }) => text)
    .join(',');
  const isBind = call.has('bind', 'B', 'rbind', 'R', 'M', 'move') || /\bbind\b/.test(options);
  call.emit(
    'mount',
    target,
    [isBind ? `bind ${source?.text ?? ''}` : (source?.text ?? ''), options].filter((word) => word !== '').join(' '),
  );
}

const moduleTool = (detail: string): Program => ({
  values: 'C d S',
  effects: (call) => {
    if (call.has('n', 'dry-run', 'show-depends', 'D', 'c', 'showconfig', 'l')) return;
    const removes = call.name === 'rmmod' || call.has('r', 'remove');
    for (const module of call.operands) call.emit('module', module, removes ? 'removed' : detail);
  },
});

const disk = (detail: string, values = ''): Program => ({
  values,
  effects: (call) => {
    if (call.has('l', 'list', 'p', 'print', 'V', 'version')) return;
    call.emit('disk', call.operands.at(-1) ?? 'a disk', detail);
  },
});

const security = (target: string, isChange: (line: string) => boolean): Program => ({
  effects: (call) => {
    const line = lineOf(call.words);
    call.emit('security', target, isChange(line) ? `changed: ${line}` : 'asked');
  },
});

const always = (): boolean => true;
const survey = (subject: string, values = ''): Program => ({ values, does: [['survey', subject]], operands: 'ignore' });

/** `ip link set eth0 down`, `ip route add …`; what shows is a look-up. */
function ip(call: Call): undefined {
  const line = lineOf(call.operands);
  if (/\btcp_metrics\b/.test(line)) return call.emit('find', 'machines that were talked to');
  if (/\bnetns\s+exec\b/.test(line)) {
    const at = call.operands.findIndex(({ text }) => text === 'exec');
    call.run(call.operands.slice(at + 2));
  } else if (/\bpromisc\s+on\b/.test(line)) call.emit('capture', 'traffic', 'promiscuous mode');
  else if (/\b(?:add|del|delete|set|flush|replace|change)\b/.test(line))
    call.emit('kernel', `network ${line}`, 'network');
  else call.emit('survey', 'network');
}

function interfaceConfig(call: Call): undefined {
  const line = lineOf(call.operands);
  if (/\bpromisc\b/.test(line) && !/-promisc/.test(line)) call.emit('capture', 'traffic', 'promiscuous mode');
  else if (call.operands.length > 1) call.emit('kernel', `network ${line}`, 'network');
  else call.emit('survey', 'network');
}

export const systemPrograms: Programs = {
  insmod: moduleTool('loaded'),
  modprobe: moduleTool('loaded'),
  rmmod: moduleTool('removed'),
  kmod: {
    effects: (call) => {
      const [verb, ...rest] = call.operands;
      if (/^(?:load|insert|install|unload|remove)$/.test(verb?.text ?? ''))
        call.emit('module', lineOf(rest), verb?.text ?? '');
      else call.emit('survey', 'kernel modules');
    },
  },
  kldload: moduleTool('loaded'),
  kldunload: moduleTool('removed'),
  dkms: {
    effects: (call) => {
      if (/^(?:install|add|build)$/.test(call.operands[0]?.text ?? '')) call.emit('module', 'dkms', 'built');
    },
  },
  depmod: { does: [['module', 'module list', 'rebuilt']] },
  lsmod: survey('kernel modules'),
  kldstat: survey('kernel modules'),
  modinfo: survey('kernel modules'),
  bpftool: {
    effects: (call) => {
      if (/\b(?:load|attach|pin|run)\b/.test(lineOf(call.operands))) call.emit('module', 'bpf program', 'loaded');
    },
  },
  bpftrace: { values: 'e', does: [['capture', 'kernel events', 'bpf']] },
  sysctl: { values: 'f N', effects: sysctl },
  mount: { values: 't o options types L U O source target', effects: mount },
  umount: {
    values: 't O',
    effects: (call) => {
      for (const place of call.operands) call.emit('mount', place, 'unmounted');
    },
  },
  swapoff: { does: [['kernel', 'swap', 'off']] },
  swapon: {
    effects: (call) => {
      if (call.operands.length > 0) call.emit('kernel', 'swap', 'on');
    },
  },
  mkswap: disk('formatted'),
  mkfs: disk('formatted', 't'),
  'mkfs.*': disk('formatted', 't L b'),
  mke2fs: disk('formatted', 't L b'),
  mkdosfs: disk('formatted'),
  wipefs: {
    when: { a: ['disk', 'a disk', 'erased'], all: ['disk', 'a disk', 'erased'], o: ['disk', 'a disk', 'erased'] },
  },
  blkdiscard: disk('erased'),
  hdparm: {
    effects: (call) => {
      if (/security-erase|trim-sector|--write-sector|--make-bad/.test(lineOf(call.words)))
        call.emit('disk', call.operands.at(-1) ?? 'a disk', 'erased');
    },
  },
  fdisk: disk('partitioned'),
  sfdisk: disk('partitioned'),
  gdisk: disk('partitioned'),
  sgdisk: disk('partitioned'),
  parted: disk('partitioned'),
  debugfs: { values: 'R f', does: [['disk', 'a file system', 'opened raw']] },
  tune2fs: disk('changed', 'L O o c i m'),
  lvremove: disk('removed'),
  vgremove: disk('removed'),
  pvremove: disk('removed'),
  mdadm: {
    effects: (call) => {
      if (call.has('zero-superblock', 'create', 'stop')) call.emit('disk', lineOf(call.operands), 'changed');
    },
  },
  zpool: {
    effects: (call) => {
      if (/^(?:destroy|create|labelclear)$/.test(call.operands[0]?.text ?? ''))
        call.emit('disk', lineOf(call.operands), 'destroyed');
    },
  },
  zfs: {
    effects: (call) => {
      if (/^(?:destroy|rollback)$/.test(call.operands[0]?.text ?? ''))
        call.emit('disk', lineOf(call.operands), 'destroyed');
    },
  },
  btrfs: {
    effects: (call) => {
      if (/\bdelete\b/.test(lineOf(call.operands))) call.emit('disk', lineOf(call.operands), 'destroyed');
    },
  },
  grub: { does: [['kernel', 'boot loader', 'changed']] },
  'grub-install': { does: [['kernel', 'boot loader', 'changed']] },
  'update-grub': { does: [['kernel', 'boot loader', 'changed']] },
  'grub-mkconfig': {},
  efibootmgr: {
    effects: (call) => {
      if (call.words.length > 0 && !call.has('v')) call.emit('kernel', 'boot loader', 'changed');
    },
  },
  'update-initramfs': { does: [['kernel', 'boot loader', 'changed']] },
  iptables: { effects: firewall },
  ip6tables: { effects: firewall },
  'iptables-restore': { does: [['firewall', 'iptables-restore', 'replaced']] },
  'iptables-save': survey('firewall'),
  nft: { effects: firewall },
  ufw: { effects: firewall },
  'firewall-cmd': { effects: firewall },
  ebtables: { effects: firewall },
  ipfw: { effects: firewall },
  pfctl: { effects: firewall },
  ipset: { effects: firewall },
  esxcli: {
    effects: (call) => {
      const line = lineOf(call.words);
      if (/firewall/.test(line) && /set|false/.test(line)) call.emit('firewall', 'esxcli', `off: ${line}`);
      else if (/\b(?:set|kill|remove|off|install)\b/.test(line)) call.emit('security', 'esxcli', `changed: ${line}`);
      else call.emit('find', 'hypervisor configuration');
    },
  },
  'vim-cmd': {
    effects: (call) =>
      /power\.(?:off|reset)|destroy|snapshot\.remove|enable_ssh|unregister/.test(lineOf(call.words))
        ? call.emit('power', 'virtual machine', lineOf(call.operands))
        : call.emit('find', 'hypervisor configuration'),
  },
  setenforce: security('SELinux', always),
  semanage: security('SELinux', (line) => /-[adm]\b|permissive|modify|--delete/.test(line)),
  semodule: security('SELinux', (line) => /-[ird]\b|-D|-B/.test(line)),
  setsebool: security('SELinux', always),
  chcon: { does: [['security', 'SELinux', 'label changed']] },
  'update-ca-certificates': { does: [['security', 'certificate authorities', 'rebuilt']] },
  'update-ca-trust': { does: [['security', 'certificate authorities', 'rebuilt']] },
  certutil: { does: [['security', 'certificate authorities', 'asked']] },
  getenforce: {},
  sestatus: {},
  'aa-disable': security('AppArmor', always),
  'aa-complain': security('AppArmor', always),
  'aa-teardown': security('AppArmor', always),
  'aa-remove-unknown': security('AppArmor', always),
  apparmor_parser: security('AppArmor', (line) => /-R|--remove|-r\b/.test(line)),
  auditctl: security('audit', (line) => !/^-[ls]$/.test(line)),
  augenrules: security('audit', always),
  auditpol: security('audit', always),
  freshclam: {},
  clamscan: {},
  falconctl: security('malware scanner', always),
  mdatp: security('malware scanner', (line) => /disable|--value|exclusion|remove/.test(line)),
  rkhunter: security('malware scanner', (line) => /propupd/.test(line)),
  tripwire: security('integrity check', (line) => /update|init/.test(line)),
  aide: security('integrity check', (line) => /update|init/.test(line)),
  setcap: {
    effects: (call) => {
      const [capability, file] = call.operands;
      call.emit('change', file ?? 'a file', `capability ${capability?.text ?? ''}`);
    },
  },
  uname: {
    does: [['survey', 'system']],
    effects: (call) =>
      call.words.length === 0 || call.has('s')
        ? { text: 'Linux\n', isKnown: true, isPattern: false, origins: [] }
        : unknown('', 'computed'),
  },
  hostname: {
    values: 'F',
    does: [['survey', 'system']],
    effects: (call) => {
      if (call.operands.length > 0) call.emit('service', 'hostname', lineOf(call.operands));
    },
  },
  lsb_release: survey('system'),
  lscpu: survey('hardware'),
  lshw: survey('hardware'),
  lspci: survey('hardware'),
  lsusb: survey('hardware'),
  lsblk: survey('hardware'),
  dmidecode: survey('hardware'),
  hwinfo: survey('hardware'),
  pciconf: survey('hardware'),
  sysinfo: survey('system'),
  ioreg: survey('hardware'),
  system_profiler: survey('hardware'),
  'systemd-detect-virt': { does: [['find', 'signs of a virtual machine']] },
  'virt-what': { does: [['find', 'signs of a virtual machine']] },
  imvirt: { does: [['find', 'signs of a virtual machine']] },
  ps: survey('processes', 'C G U u p o t O'),
  pstree: survey('processes'),
  top: survey('processes', 'd n u p'),
  lsof: survey('processes', 'i p u c'),
  netstat: survey('network', 'A'),
  ss: survey('network'),
  sockstat: survey('network'),
  arp: {
    effects: (call) => {
      if (call.has('s', 'd', 'f')) call.emit('kernel', 'network arp', 'network');
      else call.emit('survey', 'network');
    },
  },
  route: {
    effects: (call) => {
      if (/^(?:add|del|change)$/.test(call.operands[0]?.text ?? '')) call.emit('kernel', 'network route', 'network');
      else call.emit('survey', 'network');
    },
  },
  ip: { values: 'n netns family', effects: ip },
  ifconfig: { effects: interfaceConfig },
  iwconfig: survey('network'),
  iw: survey('network'),
  nmcli: {
    effects: (call) => {
      const line = lineOf(call.words);
      if (/-s\b|--show-secrets/.test(line)) call.emit('find', 'wireless passwords');
      else call.emit('survey', 'network');
    },
  },
  resolvectl: survey('network'),
  findmnt: survey('mounts'),
  locale: survey('locale'),
  localectl: survey('locale'),
  df: {},
};
