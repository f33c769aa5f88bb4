// Rules on becoming more than one is: root shells, set-id bits, the kernel, name spaces, the way out of a container.

import { openFolders } from './places.ts';
import type { Rule } from './rule.ts';

export const privilegeRules: readonly Rule[] = [
  {
    id: 'privilege.root-shell',
    verdict: 'challenge',
    techniques: ['T1548.003', 'T1078.003'],
    explanation: 'Opens a shell as root, in which single commands are no longer asked for.',
    safer: 'Put `sudo` before the one command.',
    any: [
      { effect: 'become', target: ['root', '0', '#0', 'a group', 'an account'], detail: ['shell'] },
      { effect: 'shell', detail: ['sudo', 'su', 'doas', 'interactive'], as: ['root'] },
      { effect: 'become', detail: ['askpass'] },
    ],
  },
  {
    id: 'privilege.set-id',
    verdict: 'challenge',
    techniques: ['T1548.001'],
    explanation: 'Makes a program run with its owner’s rights, or gives it a capability, whoever starts it.',
    safer: 'A sudo rule for the one command can be seen, limited and revoked.',
    any: [{ effect: 'change', detail: ['*set-id*', 'capability *'] }],
  },
  {
    id: 'privilege.set-id-search',
    verdict: 'challenge',
    techniques: ['T1548.001', 'T1083'],
    explanation: 'Looks for programs that run with more rights than whoever starts them.',
    safer: 'The host posture lists them and notices new ones.',
    any: [{ effect: 'find', target: ['set-id programs', 'file capabilities'] }],
  },
  {
    id: 'privilege.kernel-module',
    verdict: 'challenge',
    techniques: ['T1547.006', 'T1014', 'T1215'],
    explanation: 'Loads or removes code of the kernel.',
    safer: 'Name the module in /etc/modules-load.d through configuration management.',
    any: [
      { effect: 'module' },
      { effect: ['write', 'change', 'delete'], target: ['/lib/modules/**', '/usr/lib/modules/**', '/boot/**'] },
    ],
  },
  {
    id: 'privilege.kernel-setting',
    verdict: 'challenge',
    techniques: ['T1562.001', 'T1611', 'T1557'],
    explanation: 'Changes a setting of the kernel that protects it, or the network’s forwarding.',
    safer: 'Set it in /etc/sysctl.d through configuration management.',
    any: [
      {
        effect: 'kernel',
        target: [
          'kernel.*',
          'fs.suid_dumpable',
          'fs.protected_*',
          'net.*forward*',
          'net.*redirects*',
          'net.*rp_filter*',
          'vm.mmap_min_addr',
          'vm.unprivileged*',
          'boot loader',
          'swap',
          'network arp',
          'settings from a file',
        ],
        exceptDetail: ['on'],
      },
      {
        effect: 'write',
        target: [
          '/proc/sys/{kernel,fs,net,vm}/**',
          '/sys/{kernel,module,firmware,fs,class,devices}/**',
          '/etc/{sysctl.conf,sysctl.d/**}',
          '/usr/lib/sysctl.d/**',
        ],
        exceptTarget: ['/proc/sys/vm/swappiness'],
      },
    ],
  },
  {
    id: 'privilege.kernel-trigger',
    verdict: 'deny',
    techniques: ['T1529', 'T1611'],
    explanation: 'Writes where the kernel acts at once: a crash, a restart, a program run as root.',
    safer: 'Use `systemctl reboot` with an approval.',
    any: [
      {
        effect: 'write',
        target: [
          '/proc/sysrq-trigger',
          '/proc/sys/kernel/{core_pattern,modprobe,poweroff_cmd,hotplug}',
          '/sys/kernel/uevent_helper',
          '**/release_agent',
          '**/notify_on_release',
          '/proc/sys/fs/binfmt_misc/register',
        ],
      },
    ],
  },
  {
    id: 'privilege.name-space',
    verdict: 'challenge',
    techniques: ['T1611', 'T1610'],
    explanation: 'Enters or makes name spaces, changes the root folder or capabilities.',
    safer: '`docker exec` and `machinectl shell` enter a container in a way that is logged.',
    any: [{ effect: 'namespace' }],
  },
  {
    id: 'privilege.container-escape',
    verdict: 'deny',
    techniques: ['T1611', 'T1610'],
    explanation: 'Gives a container the host, or reaches for the host from inside of one.',
    safer: 'Mount the one folder it needs, read-only, and add the one capability.',
    any: [
      { effect: 'container', detail: ['reaches the host*'] },
      {
        effect: ['read', 'write', 'connect', 'change', 'download'],
        target: ['/{var/run,run}/{docker,containerd/containerd,crio/crio,podman/podman}.sock'],
      },
      { effect: 'mount', target: ['*'], detail: ['/dev/{sd,vd,nvme,xvd}* *host*', 'cgroup rdma', '*,hidepid=0*'] },
      { effect: 'mount', target: ['*/cgrp', '/tmp/cg*', '*cgroup*'] },
      {
        effect: 'namespace',
        target: ['nsenter'],
        detail: ['*-t 1 *', '*-t1 *', '*--target 1 *', '*--target=1 *', '-t 1', '*/proc/1/*'],
      },
    ],
  },
  {
    id: 'privilege.mount',
    verdict: 'challenge',
    techniques: ['T1564.013', 'T1036', 'T1562'],
    explanation: 'Lays a file system over a part of the system, which hides or replaces what is there.',
    safer: 'Mount under /mnt or /srv.',
    any: [
      {
        effect: 'mount',
        target: [
          '{/proc,/sys,/etc,/usr,/bin,/sbin,/lib,/lib64,/root,/var/log}',
          '{/proc,/sys,/etc,/usr,/bin,/sbin,/lib,/lib64,/root,/var/log,/boot}/*',
          '/dev/{mem,kmem,random,urandom}',
        ],
        exceptTarget: ['/proc', '/sys', '/sys/fs/cgroup', '/usr/local*', '/usr/share*', '/usr/src*'],
        exceptDetail: ['unmounted', 'proc*', 'sysfs*', '* nfs*'],
      },
    ],
  },
  {
    id: 'privilege.open-permissions',
    verdict: 'challenge',
    techniques: ['T1222.002'],
    explanation:
      'Lets every account write here, makes a file in a folder of everybody’s runnable or root’s, or changes who owns files of the system.',
    safer: 'Give the one group the right: `chgrp`, `chmod g+w`, or an ACL for one account.',
    any: [
      { effect: 'change', detail: ['*world-writable*'] },
      {
        effect: 'change',
        target: openFolders,
        detail: [
          'owner root*',
          'mode *+*x*',
          'mode {5,7}{5,7,0}{5,7,0,1}',
          'mode recursive {5,7}*',
          'mode 0{5,7}{5,7,0}{5,7,0,1}',
        ],
      },
      {
        effect: 'change',
        target: ['/etc/**', '/usr/{bin,sbin,lib}/**', '/{bin,sbin,lib,boot,root}/**'],
        detail: ['owner *', 'mode recursive*'],
      },
    ],
  },
  {
    id: 'privilege.attributes',
    verdict: 'challenge',
    techniques: ['T1222.002', 'T1564'],
    explanation: 'Sets or clears attributes that stop a file from being changed or removed, even by root.',
    safer: 'Use permissions; undo an attribute with an approval.',
    any: [
      { effect: 'change', detail: ['attributes *'], program: ['chattr'] },
      { effect: 'change', target: ['/etc/**', '/usr/**', '/var/log/**'], detail: ['attributes *'] },
    ],
  },
];
