// Rules on what stays: things that run again by themselves, ways back in, and programs replaced.

import { accountFiles, machineStartup, programFolders, scheduleFiles, startupFiles, triggerFiles } from './places.ts';
import type { Rule } from './rule.ts';

const changes = ['write', 'change'] as const;

export const persistenceRules: readonly Rule[] = [
  {
    id: 'persist.schedule',
    verdict: 'challenge',
    techniques: ['T1053.002', 'T1053.003', 'T1053.006'],
    explanation: 'Plans something to run later by itself: cron, at, a timer.',
    safer: 'Have the job in the configuration management, reviewed; or ask for a scheduled window.',
    any: [{ effect: 'schedule' }, { effect: [...changes, 'delete'], target: scheduleFiles }],
  },
  {
    id: 'persist.service',
    verdict: 'challenge',
    techniques: ['T1543.002', 'T1037.004', 'T1543.001'],
    explanation: 'Adds or changes what starts with the machine or with every sign-in.',
    safer: 'Ship the unit in a package or through configuration management.',
    any: [
      { effect: changes, target: machineStartup },
      {
        effect: 'service',
        detail: ['link', 'set-environment', 'import-environment', 'add-wants', 'set-property', 'session', 'edit'],
      },
    ],
  },
  {
    id: 'persist.shell-startup',
    verdict: 'challenge',
    techniques: ['T1546.004'],
    explanation: 'Changes what runs at every start of a shell or sign-in.',
    safer: 'Edit it in an editor, where the change is seen.',
    any: [{ effect: ['write', 'delete'], target: startupFiles, exceptDetail: ['edited', 'touched'] }],
  },
  {
    id: 'persist.authorized-keys',
    verdict: 'challenge',
    techniques: ['T1098.004', 'T1021.004'],
    explanation: 'Changes who may sign in by SSH, or how the SSH server decides.',
    safer: 'Give access in the workspace; servers behind it need no keys of their own.',
    any: [
      {
        effect: [...changes, 'delete'],
        target: ['**/.ssh/{authorized_keys*,rc,environment,config}', '/etc/ssh/**', '/usr/local/etc/ssh/**'],
        exceptDetail: ['mode {400,600,640,644,700}', 'mode {g,o,go}-*'],
      },
    ],
  },
  {
    id: 'persist.preload',
    verdict: 'deny',
    techniques: ['T1574.006', 'T1014'],
    explanation: 'Makes every program load a library of someone’s choosing.',
    safer: 'Set the library path in the one program’s unit.',
    any: [
      { effect: [...changes, 'delete'], target: ['/etc/ld.so.preload', '/etc/ld.so.preload*'] },
      { effect: 'set', target: ['LD_PRELOAD', 'LD_AUDIT'], exceptDetail: ['unset', ''] },
    ],
  },
  {
    id: 'persist.environment',
    verdict: 'challenge',
    techniques: ['T1574.007', 'T1546.004', 'T1056.001'],
    explanation: 'Sets a variable that makes other programs run or load something.',
    safer: 'Give the option to the one program instead.',
    any: [
      {
        effect: 'set',
        target: [
          'PROMPT_COMMAND',
          'BASH_ENV',
          'ENV',
          'PYTHONSTARTUP',
          'PERL5OPT',
          'PERL5DB',
          'RUBYOPT',
          'NODE_OPTIONS',
          'LESSOPEN',
          'GIT_SSH*',
          'GIT_EXTERNAL_DIFF',
          'SSH_ASKPASS',
          'SUDO_ASKPASS',
          'GIT_ASKPASS',
          'BASH_FUNC_*',
          'JAVA_TOOL_OPTIONS',
          'SSLKEYLOGFILE',
        ],
        exceptDetail: ['unset', ''],
      },
      {
        effect: 'set',
        target: ['PATH'],
        detail: ['.:*', '*:.:*', '*:.', '/tmp*', '*:/tmp*', '/dev/shm*', '/var/tmp*'],
      },
      { effect: 'set', target: ['LD_LIBRARY_PATH'], detail: ['/tmp*', '/dev/shm*', '/var/tmp*', '.*'] },
    ],
  },
  {
    id: 'persist.sudoers',
    verdict: 'deny',
    techniques: ['T1548.003'],
    explanation: 'Changes who may become root, past the tool that checks the file.',
    safer: 'Have the rule in the configuration management, or ask for `visudo` with an approval.',
    any: [
      {
        effect: [...changes, 'delete'],
        target: [
          '/etc/{sudoers,doas.conf}',
          '/etc/sudoers.d/**',
          '/usr/local/etc/{sudoers,doas.conf}',
          '/usr/local/etc/sudoers.d/**',
        ],
        exceptDetail: ['edited'],
      },
    ],
  },
  {
    id: 'persist.sudoers-edited',
    verdict: 'challenge',
    techniques: ['T1548.003'],
    explanation: 'Opens the rules of who may become root in an editor.',
    safer: 'Have the rule in the configuration management.',
    any: [
      {
        effect: 'write',
        target: [
          '/etc/{sudoers,doas.conf}',
          '/etc/sudoers.d/**',
          '/usr/local/etc/{sudoers,doas.conf}',
          '/usr/local/etc/sudoers.d/**',
        ],
        detail: ['edited'],
      },
    ],
  },
  {
    id: 'persist.sign-in',
    verdict: 'deny',
    techniques: ['T1556.003', 'T1556'],
    explanation: 'Changes how passwords and sign-ins are checked.',
    safer: 'Use `pam-auth-update` or `authselect` in a maintenance window with a second session open.',
    any: [
      {
        effect: [...changes, 'delete'],
        target: [
          '/etc/pam.d/**',
          '/etc/pam.d',
          '/etc/{pam.conf,securetty}',
          '/etc/security/**',
          '/{lib,usr/lib}/**/security/**',
          '/lib/security/**',
          '/usr/local/etc/pam.d/**',
        ],
      },
    ],
  },
  {
    id: 'persist.account-files',
    verdict: 'deny',
    techniques: ['T1136.001', 'T1098'],
    explanation: 'Writes the account database by hand.',
    safer: 'Use `useradd`, `usermod`, `passwd`; better, give access in the workspace.',
    any: [{ effect: changes, target: accountFiles }],
  },
  {
    id: 'persist.account',
    verdict: 'challenge',
    techniques: ['T1136.001', 'T1098', 'T1531', 'T1078.003'],
    explanation: 'Makes, changes or removes an account or group on this machine.',
    safer: 'Give the person access in the workspace; it ends by itself and is logged.',
    any: [{ effect: 'account' }, { effect: 'password', detail: ['set', 'removed', 'locked'] }],
  },
  {
    id: 'persist.privileged-account',
    verdict: 'deny',
    techniques: ['T1136.001', 'T1098.007'],
    explanation: 'Makes an account with root’s number or puts one into a group that is as good as root.',
    safer: 'Ask for just-in-time access to root.',
    any: [{ effect: 'account', detail: ['*privileged'] }],
  },
  {
    id: 'persist.trigger',
    verdict: 'challenge',
    techniques: ['T1546', 'T1547', 'T1037'],
    explanation: 'Changes a file that makes something run when a device, a network, a package or a repository changes.',
    safer: 'Ship it in a package or through configuration management.',
    any: [{ effect: [...changes, 'delete'], target: triggerFiles }],
  },
  {
    id: 'persist.replaced-program',
    verdict: 'challenge',
    techniques: ['T1554', 'T1574', 'T1036.005'],
    explanation: 'Writes into the folders that hold the system’s programs, libraries or kernel.',
    safer: 'Install a package; own programs belong into /usr/local or /opt.',
    any: [
      {
        effect: changes,
        target: programFolders,
        exceptTarget: ['/usr/lib/{systemd,node_modules,python*}/**', '/lib/systemd/**'],
      },
      { effect: 'write', target: ['/{bin,sbin,lib,lib64,boot}', '/usr/{bin,sbin,lib}'] },
    ],
  },
  {
    id: 'persist.shell-trap',
    verdict: 'challenge',
    techniques: ['T1546.005', 'T1546.004'],
    explanation: 'Makes the shell run something on a signal, a key, or in place of a well-known command.',
    safer: 'A script with a name does the same and can be seen.',
    any: [
      {
        effect: 'define',
        target: ['trap *'],
        exceptTarget: ['trap EXIT', 'trap 0', 'trap ERR', 'trap RETURN', 'trap DEBUG'],
        exceptDetail: ['rm *', 'exit*', 'echo *', 'kill *', ':', 'true', 'cleanup*', 'wait*', 'printf *'],
      },
      {
        effect: 'define',
        target: ['trap *'],
        detail: ['*{nohup,curl,wget,nc ,bash ,sh ,python,perl,eval,/tmp/,/dev/tcp}*'],
      },
      { effect: 'define', target: ['trap DEBUG', 'hash *', 'enable', 'shopt'] },
      {
        effect: 'define',
        target: [
          'alias {sudo,su,ssh,scp,passwd,login,doas,pkexec,sudoedit,gpg,history,kubectl,docker,ps,netstat,ss,top}',
        ],
      },
      { effect: 'define', target: ['git *'] },
    ],
  },
];
