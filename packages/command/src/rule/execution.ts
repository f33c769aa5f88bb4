// Rules on code: from the network, from hidden text, from nobody knows where; and on shells that come out of other programs.

import { openFolders } from './places.ts';
import type { Rule } from './rule.ts';

export const executionRules: readonly Rule[] = [
  {
    id: 'run.downloaded',
    verdict: 'deny',
    techniques: ['T1105', 'T1059.004'],
    explanation: 'Runs what it just took from the network, unseen.',
    safer: 'Download to a file, check its signature or checksum, read it, then run it; better, install a package.',
    any: [{ effect: 'code', detail: ['network'] }],
  },
  {
    id: 'run.decoded',
    verdict: 'deny',
    techniques: ['T1027', 'T1140', 'T1059'],
    explanation: 'Decodes hidden text and runs it.',
    safer: 'Run the command in plain words.',
    any: [{ effect: 'code', detail: ['decoded'] }],
  },
  {
    id: 'run.unknown-code',
    verdict: 'challenge',
    techniques: ['T1059.004', 'T1027'],
    explanation: 'Runs text as code that the line does not show: from a variable, a file, a pipe.',
    safer: 'Print it first and run it as a second step, or put the commands into the line.',
    any: [
      {
        effect: 'code',
        detail: ['input', 'computed', 'listing', 'argument', 'written', 'unknown argument'],
        isKnown: false,
      },
    ],
  },
  {
    id: 'run.decode',
    verdict: 'challenge',
    techniques: ['T1140', 'T1027.013'],
    explanation:
      'Makes hidden text readable and keeps it in a file, or does so with a program that was made to hide it.',
    safer: 'Decode to the terminal and look.',
    any: [
      { effect: 'decode', detail: ['cipher', 'hidden in a file', 'uuencode'] },
      { effect: 'decode', detail: ['in code'] },
      { effect: 'encode', detail: ['hidden in a file', 'packed program'] },
    ],
  },
  {
    id: 'run.decode-to-file',
    verdict: 'challenge',
    techniques: ['T1140', 'T1027'],
    explanation: 'Decodes hidden text into a file.',
    safer: 'Copy the file as it is, with a checksum.',
    all: [
      { effect: 'decode', exceptProgram: ['python'] },
      { effect: 'write', exceptDetail: ['folder'] },
    ],
  },
  {
    id: 'run.open-file',
    verdict: 'challenge',
    techniques: ['T1059.004', 'T1204.002'],
    explanation: 'Runs what stands in a file that everybody could have written.',
    safer: 'Copy it to your home folder, read it, and run it there.',
    all: [
      { effect: 'code', detail: ['file'] },
      { effect: 'read', target: openFolders },
    ],
  },
  {
    id: 'run.encode-detour',
    verdict: 'challenge',
    techniques: ['T1140', 'T1027', 'T1132.001'],
    explanation: 'Encodes text and decodes it again in one go, a detour that only hides it.',
    safer: 'Use the text as it is.',
    all: [{ effect: 'encode' }, { effect: 'decode' }],
  },
  {
    id: 'run.made-runnable',
    verdict: 'challenge',
    techniques: ['T1222.002', 'T1204.002', 'T1059.004'],
    explanation: 'Makes a file runnable and runs a file in the same go.',
    safer: 'Read it between the two steps; scripts that stay belong into a package.',
    all: [
      {
        effect: 'change',
        detail: ['mode *+x*', 'mode *+rx*', 'mode *{5,7}{5,7,0}{5,7,0,1}', 'mode *+rwx*', 'mode *+*x'],
      },
      { effect: 'execute' },
    ],
  },
  {
    id: 'run.image-built-here',
    verdict: 'challenge',
    techniques: ['T1612', 'T1610'],
    explanation: 'Builds a container image on this machine and starts it.',
    safer: 'Build it in CI and run the signed image.',
    all: [
      { effect: 'container', detail: ['built'] },
      { effect: 'container', detail: ['run'] },
    ],
  },
  {
    id: 'run.open-folder',
    verdict: 'challenge',
    techniques: ['T1059.004', 'T1204.002', 'T1564.001'],
    explanation: 'Runs a program from a folder that everybody can write to, or a hidden one.',
    safer: 'Put it where only root can write (/usr/local/bin) and run it from there.',
    any: [
      {
        effect: 'execute',
        target: [...openFolders, '**/.?*/**', '**/.?*', '$*/**', '/proc/*/fd/*', '/dev/fd/*'],
        exceptTarget: [
          '**/.{local,nvm,npm,cargo,rustup,pyenv,rbenv,venv,virtualenvs,vscode-server,git,config,bashrc,profile,bash_profile,zshrc,bash_aliases,bash_login,env,zprofile,sdkman,deno,bun,gvm,asdf,rvm,linuxbrew}/**',
          '**/.{bashrc,profile,bash_profile,zshrc,bash_aliases,bash_login,zprofile}',
          '**/{.venv,venv,node_modules}/**',
        ],
        isKnown: true,
      },
    ],
  },
  {
    id: 'run.unknown-program',
    verdict: 'challenge',
    techniques: ['T1059.004', 'T1027.010'],
    explanation: 'Which program runs cannot be told from the text.',
    safer: 'Write the program’s name.',
    any: [
      {
        effect: 'unknown',
        detail: ['program', 'program spelled as a pattern', 'program started by code', 'not a shell command'],
      },
    ],
  },
  {
    id: 'run.syntax-error',
    verdict: 'challenge',
    techniques: ['T1027'],
    explanation: 'The text has a syntax error, so it cannot be told what would run.',
    safer: 'Mend the text; sh -n FILE names the place.',
    any: [{ effect: 'unknown', detail: ['syntax'] }],
  },
  {
    id: 'run.too-complex',
    verdict: 'deny',
    techniques: ['T1027'],
    explanation: 'The text is too long or too deeply nested to be judged.',
    safer: 'Send it as a script file and run that, or in parts.',
    any: [{ effect: 'unknown', detail: ['limit'] }],
  },
  {
    id: 'run.in-memory',
    verdict: 'challenge',
    techniques: ['T1620', 'T1055'],
    explanation: 'Runs code in memory or changes another process, without a file that could be looked at.',
    safer: 'Install the program as a file.',
    any: [
      { effect: 'code', detail: ['memory'] },
      { effect: ['write', 'execute'], target: ['/proc/*/mem', '/dev/shm/**'] },
    ],
  },
  {
    id: 'run.reverse-shell',
    verdict: 'deny',
    techniques: ['T1059.004', 'T1571', 'T1095'],
    explanation: 'Ties a shell to a network connection, so that someone else types into it.',
    safer: 'Share the session: an administrator can watch and take part.',
    any: [{ effect: 'connect', detail: ['shell socket'] }],
  },
  {
    id: 'run.piped-shell',
    verdict: 'deny',
    techniques: ['T1059.004', 'T1095'],
    explanation: 'A shell takes its commands from a pipe while a bare connection is open: someone else types into it.',
    safer: 'Share the session: an administrator can watch and take part.',
    all: [
      { effect: 'code', target: ['shell'], isKnown: false },
      { effect: 'connect', detail: ['raw', 'socket'] },
    ],
  },
  {
    id: 'run.shell-socket',
    verdict: 'challenge',
    techniques: ['T1095', 'T1046'],
    explanation: 'The shell or a language opens a connection by itself.',
    safer: '`nc -z`, `curl` or `ss` test a port and are understood.',
    any: [{ effect: 'connect', detail: ['shell socket to this machine', 'socket', 'program socket'] }],
  },
  {
    id: 'run.shell-escape',
    verdict: 'challenge',
    techniques: ['T1059', 'T1548.003', 'T1202'],
    explanation:
      'Opens a shell or runs a command out of a program that is not made for it: an editor, a pager, a client, an interpreter.',
    safer: 'Leave the program and type the command.',
    any: [
      {
        effect: 'shell',
        exceptDetail: [
          'ssh',
          'su',
          'screen',
          'tmux',
          'exec',
          'command',
          'time',
          'env',
          'sudo',
          'doas',
          'docker',
          'podman',
          'kubectl',
          'interactive',
          'nohup',
          'script',
          'builtin',
        ],
      },
    ],
  },
  {
    id: 'run.interpreter-power',
    verdict: 'challenge',
    techniques: ['T1059.006', 'T1548.001', 'T1560.002'],
    explanation: 'A one-line program changes its privileges, packs files, or listens on the network.',
    safer: 'Use the tool for it (`sudo`, `tar`, a service), or a reviewed script.',
    any: [
      {
        effect: ['become', 'listen', 'archive', 'upload', 'capture', 'encrypt', 'exhaust'],
        detail: ['in code', 'code'],
      },
    ],
  },
  {
    id: 'run.built-here',
    verdict: 'challenge',
    techniques: ['T1027.004', 'T1587'],
    explanation: 'Compiles a program on the machine and runs it, gives it rights, or makes a library.',
    safer: 'Build it in CI and install a package.',
    any: [
      { effect: 'build', detail: ['library'] },
      { effect: 'build', target: ['/tmp/**', '/dev/shm/**', '/var/tmp/**'] },
    ],
  },
  {
    id: 'run.attack-tool',
    verdict: 'deny',
    techniques: ['T1588.002', 'T1496', 'T1110', 'T1082'],
    explanation: 'Starts a program made for attack, password guessing or mining.',
    safer: 'Ask for a penetration test window; a test has its own machine.',
    any: [
      { effect: 'tool' },
      {
        effect: 'execute',
        target: [
          '**/{mimipenguin,linpeas,LinEnum,linenum,lse,pspy,lazagne,laZagne,linux-exploit-suggester,unix-privesc-check,bashark,linprivchecker,beroot,suid3num,autosuid,deepce,kube-hunter,secretsdump,keylogger,keylog,xmrig,revshell,reverse_shell,reverse-shell}*',
        ],
      },
      {
        effect: 'download',
        target: [
          '*{linpeas,LinEnum,linenum,pspy,mimipenguin,lazagne,LaZagne,PEASS-ng,xmrig,linux-exploit-suggester,lse.sh,unix-privesc,traitor,chisel,ligolo,sliver,mettle,exploit-db,exploitdb}*',
        ],
      },
      {
        effect: 'package',
        target: [
          '{hydra,john,hashcat,masscan,nmap,tor,torbrowser*,sshpass,steghide,ccrypt,medusa,nikto,sqlmap,aircrack-ng,ettercap*,bettercap,metasploit*,xmrig,proxychains*,dsniff,mimipenguin,netcat-traditional,pspy,responder,impacket*,crackmapexec,stress-ng,kismet}',
        ],
        detail: ['installed*'],
      },
    ],
  },
  {
    id: 'run.package-from-outside',
    verdict: 'challenge',
    techniques: ['T1195.002', 'T1072', 'T1105'],
    explanation: 'Installs software from an address instead of a repository that signs it.',
    safer: 'Add the vendor’s signed repository, or build a package of your own.',
    any: [{ effect: 'package', detail: ['installed from outside'] }],
  },
  {
    id: 'run.cloud-change',
    verdict: 'challenge',
    techniques: ['T1578', 'T1098.001', 'T1562.008'],
    explanation: 'Changes a cloud account, a cluster’s rights, or a whole deployment from this machine.',
    safer: 'Make the change in the repository that describes it, and let the pipeline apply it.',
    any: [
      { effect: 'cloud', detail: ['changed', 'rights changed'] },
      { effect: 'find', target: ['hypervisor configuration'] },
    ],
  },
];
