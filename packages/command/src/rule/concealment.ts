// Rules on not being seen: logs, histories, times, protections switched off, names that pretend.

import { guardFiles, guards, shellHistories, systemLogs } from './places.ts';
import type { Rule } from './rule.ts';

export const concealmentRules: readonly Rule[] = [
  {
    id: 'conceal.logs',
    verdict: 'deny',
    techniques: ['T1070.002', 'T1685.006'],
    explanation: 'Removes, empties, changes or moves a log of the system.',
    safer: 'Let logrotate or journald keep within their limits; ask for more disk.',
    any: [
      { effect: 'delete', target: systemLogs },
      { effect: 'write', target: systemLogs, exceptDetail: ['append', 'folder', 'edited'] },
      { effect: 'change', target: systemLogs },
      { effect: 'history', target: ['system journal', 'kernel log', 'logs'] },
    ],
  },
  {
    id: 'conceal.log-lines',
    verdict: 'challenge',
    techniques: ['T1070.002', 'T1565.001'],
    explanation: 'Writes into a log by hand, or removes a log of a service.',
    safer: '`logger` writes a line that says who wrote it; logrotate removes old logs.',
    any: [
      { effect: 'write', target: systemLogs, detail: ['append', 'edited'] },
      {
        effect: 'delete',
        target: ['/var/log/**'],
        exceptTarget: ['/var/log/**/*.{gz,xz,bz2,old}', '/var/log/**/*.{1,2,3,4,5,6,7,8,9}', '/var/log/**/*.gz'],
      },
      { effect: 'write', target: ['/var/log/**'], exceptDetail: ['append', 'folder', 'copy', 'touched'] },
    ],
  },
  {
    id: 'conceal.history',
    verdict: 'deny',
    techniques: ['T1070.003', 'T1690', 'T1562.003'],
    explanation: 'Erases the history of commands or keeps it from being written.',
    safer: 'A secret typed by mistake: change the secret; the session is recorded anyway.',
    any: [
      { effect: 'history', target: ['shell history'] },
      { effect: ['delete', 'write', 'change'], target: shellHistories, exceptDetail: ['append'] },
      { effect: 'set', target: ['HISTFILE'], detail: ['unset', '', '/dev/null', '/tmp*'] },
      { effect: 'set', target: ['HISTSIZE', 'HISTFILESIZE', 'HISTCMD'], detail: ['0', 'unset', ''] },
      { effect: 'set', target: ['HISTCONTROL'], detail: ['*ignoreboth*', '*ignorespace*'] },
      { effect: 'set', target: ['TMOUT'], detail: ['0', 'unset', ''] },
      { effect: 'set', target: ['HISTIGNORE'], exceptDetail: ['unset', ''] },
    ],
  },
  {
    id: 'conceal.history-file',
    verdict: 'challenge',
    techniques: ['T1070.003'],
    explanation: 'Writes lines into a history of commands by hand.',
    safer: '`history -a` appends what was really run.',
    any: [{ effect: 'write', target: shellHistories, detail: ['append'] }],
  },
  {
    id: 'conceal.guard-stopped',
    verdict: 'deny',
    techniques: ['T1562.001', 'T1562.004', 'T1562.012', 'T1489', 'T1685'],
    explanation: 'Stops, disables, ends or removes what guards or logs the machine.',
    safer: 'Ask for a change with an end time; most guards have a mode that only reports.',
    any: [
      {
        effect: 'service',
        target: guards,
        detail: ['stop', 'disable', 'mask', 'kill', 'remove', 'unload', 'force-stop', 'onestop', 'set-property'],
      },
      {
        effect: 'kill',
        target: [
          '*{auditd,rsyslog,syslog,journald,falcon,osquery,wazuh,ossec,clam,fail2ban,sysmon,falco,sally,splunk,filebeat,cbagent,cbdaemon,mdatp,wdav,ds_agent,esets,sentinel}*',
        ],
      },
      { effect: 'package', target: guards, detail: ['removed'] },
      {
        effect: 'package',
        target: [
          '*{falcon,audit,rsyslog,syslog,clamav,fail2ban,apparmor,selinux,ufw,firewalld,osquery,wazuh,sallyport,splunk,CrowdStrike}*',
        ],
        detail: ['removed'],
      },
      { effect: 'security', detail: ['changed*', 'label changed'] },
      { effect: 'delete', target: guardFiles },
    ],
  },
  {
    id: 'conceal.watch-stopped',
    verdict: 'challenge',
    techniques: ['T1489', 'T1562.001'],
    explanation: 'Stops or disables a service that others rely on: planned jobs, time, remote access, names.',
    safer: '`systemctl restart` keeps it running; `reload` does not even interrupt it.',
    any: [
      {
        effect: 'service',
        target: [
          '{cron,crond,atd,ssh,sshd,chrony,chronyd,ntp,ntpd,systemd-timesyncd,systemd-resolved,dbus,docker,containerd,NetworkManager,systemd-networkd,networking,acct,psacct,snmpd,zabbix-agent,node_exporter,prometheus-node-exporter}',
        ],
        detail: ['stop', 'disable', 'mask', 'kill', 'onestop'],
      },
    ],
  },
  {
    id: 'conceal.guard-changed',
    verdict: 'challenge',
    techniques: ['T1562.001', 'T1562.004', 'T1562.006', 'T1686'],
    explanation: 'Changes the configuration of what guards or logs the machine.',
    safer: 'Change it through configuration management, reviewed.',
    any: [{ effect: ['write', 'change'], target: guardFiles }],
  },
  {
    id: 'conceal.firewall-off',
    verdict: 'deny',
    techniques: ['T1562.004', 'T1686'],
    explanation: 'Switches packet filtering off or takes rules away.',
    safer: 'Allow the one port from the one address, for a limited time.',
    any: [
      { effect: 'firewall', detail: ['off:*', 'rule removed:*'] },
      { effect: 'firewall', target: ['iptables-restore'] },
    ],
  },
  {
    id: 'conceal.firewall-changed',
    verdict: 'challenge',
    techniques: ['T1562.004', 'T1686'],
    explanation: 'Changes which connections the machine takes.',
    safer: 'Reach the port through a tunnel; nothing needs to be opened.',
    any: [{ effect: 'firewall' }],
  },
  {
    id: 'conceal.times',
    verdict: 'challenge',
    techniques: ['T1070.006'],
    explanation: 'Gives a file a time that is not true.',
    safer: '`cp -p` and `rsync -t` keep true times.',
    any: [{ effect: 'change', detail: ['times'] }],
  },
  {
    id: 'conceal.clock',
    verdict: 'challenge',
    techniques: ['T1070.006', 'T1124'],
    explanation: 'Sets the clock, which makes every later log line untrue.',
    safer: 'Let the time service set it: `chronyc makestep`.',
    any: [{ effect: 'clock', exceptTarget: ['set-timezone *'] }],
  },
  {
    id: 'conceal.hidden-file',
    verdict: 'challenge',
    techniques: ['T1564.001'],
    explanation: 'Makes a hidden file or folder where everybody can write.',
    safer: 'Give it a plain name, in your home folder.',
    any: [
      {
        effect: 'write',
        target: [
          '/{tmp,var/tmp,dev/shm,dev,run,var/run}/**/.?*',
          '/{tmp,var/tmp,dev/shm,dev}/.?*/**',
          '**/... /**',
          '**/.. /**',
        ],
      },
    ],
  },
  {
    id: 'conceal.padding',
    verdict: 'challenge',
    techniques: ['T1027.001'],
    explanation: 'Adds meaningless bytes to a file, which changes its checksum and nothing else.',
    safer: 'Make empty files with `truncate -s SIZE` of a new name.',
    any: [{ effect: 'change', detail: ['padded'] }],
  },
  {
    id: 'conceal.copied-program',
    verdict: 'challenge',
    techniques: ['T1036.003', 'T1036.005'],
    explanation: 'Copies a shell, an interpreter or a system program under another name or place.',
    safer: 'Run it under its own name.',
    any: [
      {
        effect: ['read', 'list'],
        target: [
          '/{bin,sbin,usr/bin,usr/sbin,usr/local/bin}/{sh,bash,dash,zsh,ksh,ash,busybox,python*,perl*,ruby*,nc,ncat,curl,wget,find,su,sudo,ssh,cat,id,ls,ps,login,passwd,sleep,cron,crond,dd}',
        ],
        program: ['cp', 'mv', 'ln', 'install', 'dd', 'rsync'],
        exceptDetail: ['link to it'],
      },
    ],
  },
];
