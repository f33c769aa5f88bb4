// A light look into a program text in another language: which doors to the outside it uses, and the names in quotes beside them.
// It does not understand the language; what it cannot read it reports as used without a target.

import { limits } from '../limits.ts';
import { known, type Value } from '../shell/value.ts';
import type { Call } from './program.ts';

interface Door {
  readonly uses: RegExp;
  readonly effect: (call: Call, language: string, text: string) => void;
}

const quoted = /(["'`])((?:\\.|(?!\1)[^\\]){1,512})\1/g;
/** AppleScript says it in words. */
const starters =
  /\b(?:do shell script|os\.(?:system|popen\w?|exec[lv]p?e?|spawn\w*|posix_spawnp?)|subprocess(?:\.\w+)?|commands\.getoutput|pty\.spawn|popen|proc_open|shell_exec|passthru|system|exec|spawn(?:Sync)?|execSync|execFile(?:Sync)?|getRuntime\(\)\.exec|Kernel\.exec|io\.popen|os\.execute|IO\.popen|Open3\.\w+|child_process)\b/;
const startedText =
  /\b(?:do shell script|system|popen\w?|exec\w*|spawn\w*|run|call|check_output|check_call|Popen|getoutput|passthru|proc_open|execute)\s*\(?\s*(?:\[\s*)?f?(["'`])((?:\\.|(?!\1)[^\\]){1,2048})\1((?:\s*,\s*(["'`])(?:\\.|(?!\4)[^\\]){0,512}\4)*)/g;

function unescaped(text: string): string {
  return text.replace(/\\(["'`\\])/g, '$1').replace(/\\n/g, '\n');
}

/** `execl("/bin/sh", "sh", …)` gives the program its own name first. */
function withoutOwnName(program: string, words: readonly string[]): readonly string[] {
  return words[0] === program.slice(program.lastIndexOf('/') + 1) ? words.slice(1) : words;
}

function startsPrograms(call: Call, language: string, text: string): undefined {
  const starts = call.bounded(text.matchAll(startedText));
  for (const [, , first = '', rest = ''] of starts) {
    const more = [...rest.matchAll(quoted)].map(([, , word = '']) => word);
    if (more.length === 0) call.shell(known(unescaped(first)));
    else call.run([first, ...withoutOwnName(first, more)].map((word) => known(unescaped(word))));
  }
  if (starts.length === 0) call.emit('unknown', { ...known(language), isKnown: false }, 'program started by code');
}

const ticks = /`([^`]{1,2048})`|(?:\bqx|%x)\W([^)}\]|/]{1,2048})/g;

/** Backquotes, `qx{…}` and `%x(…)` run a command in Perl, Ruby and PHP. */
function runsTicks(call: Call, language: string, text: string): void {
  if (!/^(?:perl|ruby|php)$/.test(language)) return;
  for (const [, tick, other] of call.bounded(text.matchAll(ticks))) call.shell(known(tick ?? other ?? ''));
}

const hosts = /(?:https?|ftp):\/\/([^\s"'`/\\)]+)|["'`]((?:\d{1,3}\.){3}\d{1,3})["'`]/;

const connects = (detail: string) => (call: Call, language: string, text: string) => {
  const [, host, address] = hosts.exec(text) ?? [];
  call.emit('connect', host ?? address ?? `${language} code`, detail);
};

const doors: readonly Door[] = [
  { uses: starters, effect: startsPrograms },
  { uses: /`[^`]+`|%x\W|\bqx\W/, effect: runsTicks },
  {
    uses: /\b(?:socket|Socket|TCPSocket|IO::Socket|fsockopen|net\.(?:connect|Socket|createConnection)|stream_socket_client|UDPSocket)\b|\/inet\/(?:tcp|udp)\//,
    effect: (call, language, text) => {
      const hasShell = /dup2|\/bin\/\w*sh\b|pty\b|STDIN,|\bexec\b|subprocess|>&\$|\|&|spawn/.test(text);
      connects(hasShell ? 'shell socket' : 'socket')(call, language, text);
    },
  },
  {
    uses: /\b(?:urllib\d?|urlopen|urlretrieve|requests|httpx|http\.client|HTTP::Tiny|LWP|Net::HTTP|open-uri|Net::FTP|file_get_contents\s*\(\s*["']https?|curl_exec|https?\.get|fetch)\b/,
    effect: (call, language, text) => {
      const [, host, address] = hosts.exec(text) ?? [];
      const isSent = /\.post\(|\.put\(|method\s*[:=]\s*["']P|files\s*=|->post\b|urlopen\([^)]*,\s*data/i.test(text);
      call.emit(isSent ? 'upload' : 'download', host ?? address ?? `${language} code`, isSent ? 'code' : undefined);
    },
  },
  {
    uses: /\b(?:b64decode|decode_base64|base64_decode|decodebytes|unhexlify|fromhex|a2b_\w+|decode64|unpack|gzinflate|str_rot13|rot_?13|zlib\.decompress|marshal\.loads|atob|Buffer\.from)\b/,
    effect: (call, language, text) => {
      call.emit('decode', language, 'in code');
      const runs = /\b(?:exec|eval|system|popen|compile|__import__|Function|instance_eval|loads|subprocess)\b/.test(
        text,
      );
      if (runs) call.emit('code', { ...known(language), isKnown: false }, 'decoded');
    },
  },
  {
    uses: /\b(?:b64encode|encode_base64|base64_encode|encode64|btoa)\b/,
    effect: (call, language) => call.emit('encode', language, 'in code'),
  },
  {
    uses: /\b(?:http\.server|SimpleHTTPServer|HTTPServer|TCPServer|\.listen\s*\(|createServer|WEBrick|^\s*httpd\s*$|pyftpdlib|\.bind\s*\(\s*\()/,
    effect: (call, language) => call.emit('listen', language, 'in code'),
  },
  {
    uses: /\b(?:set(?:re|res|e)?[ug]id|POSIX::set\w?[ug]id|Process::Sys)\b/,
    effect: (call) => call.emit('become', 'root', 'in code'),
  },
  {
    uses: /\b(?:memfd_create|ptrace|process_vm_writev|mprotect|ctypes|mmap\.mmap|syscall)\b/,
    effect: (call, language) => call.emit('code', { ...known(language), isKnown: false }, 'memory'),
  },
  {
    uses: /\b(?:pynput|evdev|pyxhook|ImageGrab|pyscreenshot|mss\b|pyautogui|sounddevice|scapy|pcap)\b/,
    effect: (call) => call.emit('capture', 'keys, screen or traffic', 'in code'),
  },
  {
    uses: /\b(?:tarfile|zipfile|shutil\.make_archive|Archive::\w+|ZipArchive|bz2|lzma|gzip\.open|zlib\.compress)\b/,
    effect: (call) => call.emit('archive', 'files', 'in code'),
  },
  {
    uses: /\b(?:Crypto\.Cipher|cryptography\.fernet|Fernet|AES\.new|openssl_encrypt|createCipheriv)\b/,
    effect: (call) => call.emit('encrypt', 'files', 'in code'),
  },
  { uses: /\bos\.utime\b|\butime\s*\(|\btouch\s*\([^)]*,/, effect: (call) => call.emit('change', 'a file', 'times') },
  {
    uses: /\b(?:while\s*\(?\s*(?:1|True|true)\s*\)?|fork)\b[^}]*\bfork\b/,
    effect: (call) => call.emit('exhaust', 'processes', 'fork in a loop'),
  },
];

const filePath = /^(?:~|\/|\.\.?\/)[^\s*"'`]*$/;
const writes =
  /open\s*\([^)]*,\s*["'](?:[wax]|r?\+?>|>>?)|open\s*\(?\s*\w*,?\s*["']\+?>{1,2}|write_text|write_bytes|File\.write|file_put_contents|writeFile|appendFile|copyfile|shutil\.(?:copy|move)|print\s*>>?\s*["']|\bFileUtils\.(?:cp|mv)/;
const deletes = /\b(?:unlink|rmtree|os\.remove|rmdir|File\.delete|rm_rf|rmSync|remove_tree|FileUtils\.rm\w*)\b/;
const changesMode = /\bchmod|chown\b/;

/** Every quoted path counts as read, and as written, deleted or changed when the text does such a thing anywhere. */
function paths(call: Call, text: string): undefined {
  for (const [, , path = ''] of call.bounded(text.matchAll(quoted))) {
    if (path === '/' && deletes.test(text)) call.emit('delete', path, 'recursive');
    if (!filePath.test(path) || path.length < 3) continue;
    if (path.startsWith('/dev/tcp/')) call.emit('connect', path.slice(9), 'shell socket');
    call.emit('read', known(path), 'in code');
    if (writes.test(text)) call.emit('write', known(path), 'in code');
    if (deletes.test(text)) call.emit('delete', known(path), 'recursive');
    if (changesMode.test(text)) call.emit('change', known(path), 'mode');
  }
}

/** A program text that is too long is not looked into, and then the line is not judged by the rest. */
export function isReadable(call: Call, text: string): boolean {
  return call.spend(text.length > limits.codeLength ? limits.nestedLength + 1 : 4 * text.length);
}

export function scanCode(call: Call, language: string, code: Value): undefined {
  const { text } = code;
  if (!isReadable(call, text)) return;
  for (const { uses, effect } of doors) if (uses.test(text)) effect(call, language, text);
  paths(call, text);
}
