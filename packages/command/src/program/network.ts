// Programs that reach other machines: fetching, sending, remote shells, tunnels, look-ups.

import { baseName } from '../shell/path.ts';
import type { Scope } from '../shell/scope.ts';
import { known, unknown, unseenInput, type Value } from '../shell/value.ts';
import { runsCode } from './code.ts';
import { type Call, isWord, lineOf, type Program, type Programs } from './program.ts';

const fetched = (url: Value): Value => unknown(url.text, 'network');

/** Where sent data comes from: the text itself, a file, what was piped in, or a computed value. */
function dataSource(value: Value): string {
  if (/(?:^|=)@-?$|^@-$/.test(value.text)) return 'input';
  if (/(?:^|=)[@<]./.test(value.text)) return 'file';
  if (!value.isKnown && value.origins.some((origin) => origin !== 'argument')) return 'computed';
  return 'text';
}

const curlValues =
  'd data data-ascii data-binary data-raw data-urlencode json F form form-string T upload-file o output X request H header u user A user-agent x proxy socks5 socks4 socks5-hostname b cookie c cookie-jar e referer m max-time K config w write-out E cert key cacert connect-timeout retry url r range C limit-rate interface resolve output-dir D dump-header preproxy doh-url unix-socket';

function curl(call: Call): Value {
  const urls = [...call.operands, ...call.valuesOf('url')];
  const bodies = call.valuesOf(
    'd',
    'data',
    'data-ascii',
    'data-binary',
    'data-raw',
    'data-urlencode',
    'json',
    'F',
    'form',
  );
  const files = call.valuesOf('T', 'upload-file');
  const method = call.value('X', 'request')?.text.toUpperCase();
  const target = call.value('o', 'output');
  const config = call.value('K', 'config');
  if (config !== undefined) call.emit('read', config);
  for (const body of bodies) {
    const [, path] = /(?:^|=)[@<]([^;,]+)/.exec(body.text) ?? [];
    if (path !== undefined && path !== '-') call.emit('read', known(path));
  }
  for (const file of files) if (file.text !== '-') call.emit('read', file);
  const sources = new Set([
    ...(call.has('G', 'get') ? [] : bodies.map(dataSource)),
    ...files.map(({ text }) => (text === '-' ? 'input' : 'file')),
  ]);
  for (const url of urls) {
    for (const source of sources) call.emit('upload', url, source);
    if (!url.isKnown && url.origins.includes('file') && /^https?:|^\w[\w.-]+\//.test(url.text))
      call.emit('upload', url, 'in the address');
    call.emit('download', url, call.has('A', 'user-agent') ? 'disguised' : method);
    if (/^file:\/\//.test(url.text)) call.emit('read', known(url.text.slice(7)));
    if (call.has('O', 'remote-name') || target !== undefined) save(call, url, target ?? known(baseName(url.text)));
  }
  if (call.has('x', 'proxy', 'socks5', 'socks4', 'socks5-hostname', 'preproxy'))
    call.emit('proxy', call.value('x', 'proxy', 'socks5', 'socks4', 'socks5-hostname', 'preproxy') ?? 'proxy');
  return target === undefined && !call.has('O', 'remote-name') ? fetched(urls[0] ?? known('')) : known('');
}

function save(call: Call, url: Value, target: Value): undefined {
  call.emit('write', target, 'download');
  call.holds(target, fetched(url));
}

const wgetValues =
  'O output-document o output-file P directory-prefix T timeout t tries post-file post-data body-file body-data method U user-agent header i input-file e execute a user password Q limit-rate use-askpass';

function wget(call: Call): Value {
  const target = call.value('O', 'output-document');
  const folder = call.value('P', 'directory-prefix');
  const sent = call.value('post-file', 'body-file');
  const text = call.value('post-data', 'body-data');
  const list = call.value('i', 'input-file');
  const askpass = call.value('use-askpass');
  if (askpass !== undefined) call.run([askpass]);
  if (sent !== undefined) call.emit('read', sent);
  if (list !== undefined) call.emit('read', list);
  for (const url of call.operands) {
    if (sent !== undefined) call.emit('upload', url, 'file');
    if (text !== undefined) call.emit('upload', url, dataSource(text));
    call.emit('download', url);
    if (target?.text === '-') continue;
    const name = known(`${folder === undefined ? '' : `${folder.text}/`}${baseName(url.text)}`);
    save(call, url, target ?? name);
  }
  return target?.text === '-' || /(?:^|\s)-\w*O-/.test(lineOf(call.words))
    ? fetched(call.operands[0] ?? known(''))
    : known('');
}

function netcat(call: Call): Value {
  const [host, port] = call.operands;
  const isListening = call.has('l', 'listen');
  const program = call.value('e', 'c', 'exec', 'sh-exec', 'lua-exec');
  const address = isListening
    ? `port ${call.value('p')?.text ?? host?.text ?? ''}`
    : `${host?.text ?? ''}:${port?.text ?? ''}`;
  if (program !== undefined) {
    const isShell = /(?:^|\/)(?:\w*sh|cmd\.exe)\b/.test(program.text);
    call.emit('connect', address, isShell ? 'shell socket' : 'program socket');
    call.shell(program);
  }
  const isProbe = call.has('z');
  if (isProbe)
    call.emit(/^\d+-\d+$/.test(port?.text ?? '') || call.operands.length > 2 ? 'scan' : 'connect', address, 'probe');
  if (isListening) call.emit('listen', address);
  else if (!isProbe) call.emit('connect', address, 'raw');
  if (!isListening && isData(call.stdin)) call.emit('upload', address, 'input');
  return unknown('', 'network');
}

export const isData = (value: Value): boolean =>
  value.origins.some((origin) => origin === 'file' || origin === 'computed' || origin === 'listing');

function socat(call: Call): Value {
  const line = lineOf(call.operands);
  const runs = /\b(?:EXEC|SYSTEM|SHELL):["']?([^,"']+)/i.exec(line);
  const isListening = /LISTEN|^-?\s*TCP\d?-L|\bUDP\d?-RECV/i.test(line);
  const [, host = 'socat'] = /(?:TCP\d?|UDP\d?|OPENSSL|SOCKS\w*|PROXY)(?:-CONNECT)?:([^,\s]+)/i.exec(line) ?? [];
  if (runs !== null) {
    call.emit('connect', host, /sh\b|login/.test(runs[1] ?? '') ? 'shell socket' : 'program socket');
    call.shell(known(runs[1] ?? ''));
  }
  if (isListening) call.emit('listen', host);
  else call.emit('connect', host, 'raw');
  return unknown('', 'network');
}

const transfer = (direction: 'upload' | 'download' | undefined, values = ''): Program => ({
  values,
  effects: (call) => {
    const host = call.operands[0] ?? known(call.name);
    const script = `${call.stdin.text} ${lineOf(call.words)}`;
    if (direction !== 'download' && (direction === 'upload' || /\b(?:put|mput|send|mirror\s+-R)\b/.test(script)))
      call.emit('upload', host, call.name);
    else call.emit('download', host, call.name);
    const target = call.operands[1];
    if (target !== undefined) call.emit('write', target, 'download');
    return unknown('', 'network');
  },
});

function telnet(call: Call): Value {
  const [host, port] = call.operands;
  const address = `${host?.text ?? ''}:${port?.text ?? '23'}`;
  call.emit('connect', address, 'raw');
  if (isData(call.stdin)) call.emit('upload', address, 'input');
  return unknown('', 'network');
}

function nslookup(call: Call): Value {
  const computed = call.operands.find(
    (word) =>
      !word.isKnown &&
      /[.$`]/.test(word.text) &&
      word.origins.some(
        (origin) => origin === 'file' || origin === 'computed' || origin === 'listing' || origin === 'input',
      ),
  );
  if (computed !== undefined && /\.[a-z]{2,}\b/.test(computed.text)) call.emit('upload', computed, 'in a name');
  if (isWord(call.operands[0], 'axfr') || call.operands.some(({ text }) => /^axfr$/i.test(text)))
    call.emit('scan', lineOf(call.operands), 'zone transfer');
  return unknown('', 'computed');
}

/** Inside a loop or a branch, however deep. */
function isRepeated(scope: Scope | undefined): boolean {
  return scope !== undefined && (scope.maybe > 0 || isRepeated(scope.parent));
}

function ping(call: Call): undefined {
  const host = call.operands.at(-1);
  if (call.has('p') && host !== undefined) call.emit('upload', host, 'in a packet');
  if (call.has('f')) call.emit('exhaust', 'network', 'flood');
  if (host?.isKnown === false && isRepeated(call.scope) && /(?:\d{1,3}\.){3}\$|\$\w+\.\$/.test(host.text))
    call.emit('scan', host, 'sweep');
  if (call.has('b')) call.emit('scan', host ?? 'broadcast', 'sweep');
}

const listens = (detail: string): Program => ({ effects: (call) => call.emit('listen', call.name, detail) });
const scanner: Program = { effects: (call) => call.emit('scan', call.operands.at(-1) ?? 'machines', call.name) };

export const networkPrograms: Programs = {
  curl: { values: curlValues, effects: curl },
  wget: { values: wgetValues, effects: wget },
  aria2c: {
    values: 'o d',
    effects: (call) => {
      for (const url of call.operands) {
        call.emit('download', url);
        save(call, url, call.value('o') ?? known(baseName(url.text)));
      }
    },
  },
  axel: {
    values: 'o',
    effects: (call) => {
      for (const url of call.operands) {
        call.emit('download', url);
        save(call, url, call.value('o') ?? known(baseName(url.text)));
      }
    },
  },
  fetch: {
    values: 'o',
    effects: (call) => {
      for (const url of call.operands) {
        call.emit('download', url);
        save(call, url, call.value('o') ?? known(baseName(url.text)));
      }
    },
  },
  lynx: {
    effects: (call) => {
      for (const url of call.operands) call.emit('download', url);
      return unknown('', 'network');
    },
  },
  links: {
    effects: (call) => {
      for (const url of call.operands) call.emit('download', url);
      return unknown('', 'network');
    },
  },
  GET: {
    effects: (call) => {
      for (const url of call.operands) call.emit('download', url);
      return unknown('', 'network');
    },
  },
  http: {
    effects: (call) => {
      for (const { text } of call.operands) if (/@/.test(text)) call.emit('upload', call.operands[1] ?? 'http', 'file');
      return unknown('', 'network');
    },
  },
  nc: { values: 'p w s e c q i I O P x X o g G', effects: netcat },
  ncat: { values: 'p w s e c q i exec sh-exec lua-exec o proxy', effects: netcat },
  netcat: { values: 'p w s e c q i', effects: netcat },
  socat: { effects: socat },
  cryptcat: { values: 'p w e k', effects: netcat },
  telnet: { values: 'l', effects: telnet },
  sftp: transfer(undefined, 'b c F i J l o P R S s'),
  ftp: transfer(undefined, 'p s'),
  lftp: transfer(undefined, 'e c u p f'),
  tftp: transfer(undefined, 'c m'),
  ftpget: transfer('download', 'u p P'),
  ftpput: transfer('upload', 'u p P'),
  smbclient: {
    values: 'c U L I p W',
    effects: (call) =>
      call.emit(call.has('L') ? 'scan' : 'connect', call.value('L') ?? call.operands[0] ?? 'smb', 'file share'),
  },
  magic: { effects: (call) => call.emit('upload', call.name, 'file') },
  wormhole: { effects: (call) => call.emit('upload', call.name, 'file') },
  croc: { effects: (call) => call.emit('upload', call.name, 'file') },
  transfer: { effects: (call) => call.emit('upload', call.name, 'file') },
  dig: { values: 'x b f p t c k y q', effects: nslookup },
  host: { values: 't c W R', effects: nslookup },
  nslookup: { effects: nslookup },
  ping: { values: 'c i w W s I t p l m Q', effects: ping },
  ping6: { values: 'c i w W s I t p l m Q', effects: ping },
  whois: { effects: nslookup },
  nmap: {
    values: 'p o oN oX oG oA iL script e S T D',
    hasLongDash: true,
    does: [['scan', 'machines and ports', 'nmap']],
    effects: (call) => {
      if (call.has('interactive', 'script')) runsCode(call.value('script') ?? unseenInput, 'lua', call.emit);
    },
  },
  zmap: scanner,
  masscan: scanner,
  unicornscan: scanner,
  hping3: scanner,
  fping: scanner,
  'arp-scan': scanner,
  arping: {},
  netdiscover: scanner,
  nbtscan: scanner,
  smbstatus: scanner,
  smbutil: scanner,
  onesixtyone: scanner,
  snmpwalk: scanner,
  showmount: { values: 'e', effects: (call) => call.emit('scan', lineOf(call.operands), 'file shares') },
  rpcclient: scanner,
  rpcinfo: { effects: (call) => call.emit('scan', lineOf(call.operands), 'services') },
  enum4linux: scanner,
  ldapsearch: {
    values: 'H h p b D w s x',
    does: [['find', 'directory entries']],
    effects: (call) => {
      call.emit('connect', call.value('H', 'h') ?? 'ldap', 'directory');
      if (call.has('w')) call.emit('password', 'ldapsearch', 'in the command line');
    },
  },
  ngrok: listens('reverse tunnel'),
  cloudflared: listens('reverse tunnel'),
  frpc: listens('reverse tunnel'),
  bore: listens('reverse tunnel'),
  localtunnel: listens('reverse tunnel'),
  lt: listens('reverse tunnel'),
  devtunnel: listens('reverse tunnel'),
  chisel: listens('reverse tunnel'),
  iodine: listens('tunnel in names'),
  dnscat2: listens('tunnel in names'),
  ptunnel: listens('tunnel in packets'),
  stunnel: { operands: 'read' },
  tor: { does: [['proxy', 'tor']] },
  i2prouter: { does: [['proxy', 'i2p']] },
  openvpn: { operands: 'read', does: [['proxy', 'openvpn']] },
  'wg-quick': { does: [['proxy', 'wireguard']] },
};
