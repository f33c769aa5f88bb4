// Installing and building software, version control, and programs made for attack or for listening in.

import { known, unknown, type Value } from '../shell/value.ts';
import { type Call, isWord, lineOf, type Program, type Programs } from './program.ts';

const installing =
  /^(?:install|add|i|ci|in|-S|-i|-U|-Uvh|-ivh|localinstall|reinstall|groupinstall|global|get|tap|require|sideload|-Sy|-Syu|-Sy\w*)$/;
const removing = /^(?:remove|purge|erase|uninstall|autoremove|del|delete|-e|-R\w*|-r|-P|rm|un)$/;

function packages(call: Call): undefined {
  const words = call.words.map(({ text }) => text);
  const verb = words.find((word) => installing.test(word) || removing.test(word));
  if (verb === undefined) return;
  const names = call.operands.filter(({ text }) => text !== verb);
  const how = removing.test(verb) ? 'removed' : 'installed';
  for (const name of names) {
    const isUnsigned = /^https?:|^git\+/.test(name.text);
    call.emit('package', name, isUnsigned && how === 'installed' ? 'installed from outside' : how);
  }
  for (const option of ['index-url', 'i', 'extra-index-url', 'registry']) {
    if (call.name.startsWith('pip') || option === 'registry') {
      const from = call.value(option);
      if (from !== undefined) call.emit('package', from, 'installed from outside');
    }
  }
  for (const { text } of call.valuesOf('o', 'option')) {
    const [, code] = /(?:Pre-Invoke|Post-Invoke|Pre-Install-Pkgs)\s*(?:::)?\s*=\s*(.+)$/i.exec(text) ?? [];
    if (code !== undefined) {
      call.emit('shell', call.name, 'command from an option');
      call.shell(known(code.replace(/^\{?["']?|["']?;?\}?$/g, '')));
    }
  }
}

const manager: Program = {
  values:
    'o option c t target-release index-url extra-index-url registry root installroot enablerepo disablerepo r requirement',
  effects: packages,
};

function git(call: Call): Value | undefined {
  for (const { text } of call.valuesOf('c')) {
    const [, code] =
      /^(?:core\.(?:pager|editor|sshCommand|fsmonitor|hooksPath|askPass)|alias\.\w+|diff\.external|credential\.helper|filter\.\S+|uploadpack\.packObjectsHook)=!?(.+)$/i.exec(
        text,
      ) ?? [];
    if (code === undefined) continue;
    call.emit('shell', 'git', 'command from an option');
    call.shell(known(code));
  }
  const [verb, ...rest] = call.operands;
  if (isWord(verb, 'clone')) call.emit('download', rest[0] ?? 'git', 'clone');
  if (isWord(verb, 'push')) call.emit('connect', rest[0] ?? 'git', 'git push');
  if (isWord(verb, 'config') && rest.length > 1) {
    const [name, value] = rest;
    if (
      /^(?:core\.(?:pager|editor|sshCommand|fsmonitor|hooksPath)|alias\.|credential\.helper)/i.test(name?.text ?? '') &&
      /^!|\/|\s/.test(value?.text ?? '')
    )
      call.emit('define', `git ${name?.text ?? ''}`, value?.text ?? '');
  }
  if (isWord(verb, 'credential')) call.emit('cloud', 'git credential', 'secrets');
  return unknown('', 'network');
}

/** What a compiler makes was made by this text: running it later is running code that it wrote. */
function compile(call: Call): undefined {
  const target = call.value('o') ?? known('a.out');
  for (const source of call.operands) call.emit('read', source);
  call.emit('build', target, call.words.some(({ text }) => /^-shared$|^-fPIC$/.test(text)) ? 'library' : 'program');
  call.holds(target, unknown('', 'file', 'computed'));
}

const compiler: Program = { values: 'o I L D l x std W O f m B', effects: compile };

const tool: Program = { effects: (call) => call.emit('tool', call.name) };
const capture = (target: string, detail?: string): Program => ({
  values: 'i w W s c r G C f o p D F a',
  effects: (call) => {
    if (call.has('h', 'help', 'version', 'D', 'list-interfaces')) return;
    const output = call.value('w', 'o');
    if (call.has('r') && !call.has('i')) return call.emit('read', call.value('r') ?? 'a capture');
    if (output !== undefined) call.emit('write', output);
    call.emit('capture', target, detail ?? call.name);
    const program = call.value('z');
    if (program !== undefined) call.shell(program);
  },
});

const attackTools = (
  'hydra medusa ncrack john hashcat crackmapexec cme nxc netexec responder impacket-secretsdump secretsdump.py psexec.py wmiexec.py mimipenguin mimipenguin.sh lazagne laZagne.py linpeas linpeas.sh ' +
  'linenum.sh LinEnum.sh lse.sh linux-exploit-suggester.sh pspy pspy64 msfconsole msfvenom metasploit sqlmap nikto gobuster dirb ffuf wfuzz wpscan bettercap ettercap arpspoof dsniff kerbrute ' +
  'rubeus bloodhound bloodhound-python chisel ligolo proxychains4-daemon evil-winrm aircrack-ng airodump-ng aireplay-ng reaver beef setoolkit empire covenant sliver merlin pupy weevely ' +
  'traitor deepce cdk peirates kube-hunter botb amicontained xmrig minerd cgminer cpuminer ethminer t-rex ccminer nanominer reptile diamorphine sshuttle iodined hping hping3 slowloris ' +
  'slowhttptest goldeneye 3snake logkeys keysniffer truffleHog trufflehog gitleaks pacu prowler scoutsuite unix-privesc-check smbmap smbexec.py ldapdomaindump GetUserSPNs.py masky hakrawler subfinder amass theHarvester recon-ng stress stress-ng stratus atomic-operator caldera sandcat'
).split(' ');

export const softwarePrograms: Programs = {
  apt: manager,
  'apt-get': manager,
  aptitude: manager,
  dpkg: manager,
  rpm: manager,
  yum: manager,
  dnf: manager,
  microdnf: manager,
  zypper: manager,
  pacman: manager,
  apk: manager,
  emerge: manager,
  pkg: manager,
  pkg_add: {
    effects: (call) => {
      for (const name of call.operands) call.emit('package', name, 'installed');
    },
  },
  brew: manager,
  snap: manager,
  flatpak: manager,
  pip: manager,
  pipx: manager,
  uv: manager,
  npm: manager,
  yarn: manager,
  pnpm: manager,
  npx: {
    stopsAtOperand: true,
    values: 'p package',
    effects: (call) => void (call.operands[0] !== undefined && call.emit('package', call.operands[0], 'installed')),
  },
  gem: manager,
  cargo: manager,
  go: manager,
  composer: manager,
  cpan: manager,
  easy_install: {
    effects: (call) => {
      for (const name of call.operands) call.emit('package', name, 'installed');
    },
  },
  git: { values: 'c C git-dir work-tree exec-path', effects: git },
  svn: {},
  gcc: compiler,
  'g++': compiler,
  cc: compiler,
  'c++': compiler,
  clang: compiler,
  'clang++': compiler,
  tcc: { ...compiler, when: { run: ['code', 'c', 'input'] } },
  ld: compiler,
  rustc: compiler,
  javac: { operands: 'read' },
  make: {
    values: 'C f j I eval',
    effects: (call) => {
      const text = call.value('eval');
      if (text !== undefined)
        for (const [, code = ''] of text.text.matchAll(/\$\(shell\s+([^)]*)\)|^\s*\w+:\s*;?\s*(.+)$/gm))
          call.shell(known(code));
      const target = call.operands[0];
      if (target?.text.includes('/') === true) {
        call.emit('build', target, 'program');
        call.holds(target, unknown('', 'file', 'computed'));
      }
    },
  },
  cmake: {},
  strip: { values: 'o', operands: 'write' },
  upx: {
    values: 'o',
    operands: 'change',
    effects: (call) => void call.emit('encode', call.operands[0] ?? 'a program', 'packed program'),
  },
  patchelf: { operands: 'write' },
  objcopy: { operands: 'write' },
  tcpdump: capture('traffic'),
  tshark: capture('traffic'),
  wireshark: capture('traffic'),
  dumpcap: capture('traffic'),
  snort: capture('traffic'),
  ngrep: capture('traffic'),
  tcpflow: capture('traffic'),
  tcpick: capture('traffic'),
  xinput: {
    effects: (call) =>
      isWord(call.operands[0], 'test', 'test-xi2') || call.has('test', 'test-xi2')
        ? call.emit('capture', 'keys', 'xinput')
        : undefined,
  },
  xev: capture('keys'),
  showkey: capture('keys'),
  evtest: capture('keys'),
  import: { does: [['capture', 'screen']] },
  scrot: { does: [['capture', 'screen']] },
  xwd: { does: [['capture', 'screen']] },
  maim: { does: [['capture', 'screen']] },
  grim: { does: [['capture', 'screen']] },
  'gnome-screenshot': { does: [['capture', 'screen']] },
  screencapture: { does: [['capture', 'screen']] },
  fbcat: { does: [['capture', 'screen']] },
  xclip: {
    values: 'selection sel',
    hasLongDash: true,
    effects: (call) => {
      if (call.has('o', 'out')) call.emit('capture', 'clipboard', 'xclip');
      return unknown('', 'file');
    },
  },
  xsel: {
    effects: (call) => {
      if (call.has('o', 'output')) call.emit('capture', 'clipboard', 'xsel');
      return unknown('', 'file');
    },
  },
  pbpaste: { does: [['capture', 'clipboard', 'pbpaste']] },
  'wl-paste': { does: [['capture', 'clipboard', 'wl-paste']] },
  arecord: capture('sound'),
  parecord: capture('sound'),
  fswebcam: capture('camera'),
  streamer: capture('camera'),
  ttysnoop: capture('another terminal'),
  reptyr: capture('another process'),
  gcore: capture('another process', 'memory'),
  procdump: capture('another process', 'memory'),
  avml: capture('memory'),
  setfont: {},
  sqlite3: {
    values: 'cmd init',
    stopsAtOperand: true,
    effects: (call) => {
      const [base, ...rest] = call.operands;
      if (base !== undefined) call.emit('read', base);
      for (const { text } of rest) {
        const [, code] = /\.(?:shell|system)\s+(.+)/.exec(text) ?? [];
        if (code !== undefined) call.shell(known(code));
      }
    },
  },
  'redis-cli': {
    values: 'h p a n',
    effects: (call) => {
      if (/config\s+set\s+(?:dir|dbfilename)|\bmodule\s+load\b|slaveof/i.test(lineOf(call.operands)))
        call.emit('write', 'a file of the database server', 'database');
      if (/flushall|flushdb/i.test(lineOf(call.operands))) call.emit('delete', 'database', 'recursive');
    },
  },
  mysqldump: { values: 'u p h', effects: () => unknown('', 'file') },
  pg_dump: { values: 'U h p f', effects: () => unknown('', 'file') },
  ...Object.fromEntries(attackTools.map((name) => [name, tool])),
};
