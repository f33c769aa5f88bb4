// Rules on what cannot be undone: files, disks, and the machine's running.

import { accountFiles, programFolders, systemFolders, systemTrees } from './places.ts';
import type { Rule } from './rule.ts';

export const destructiveRules: readonly Rule[] = [
  {
    id: 'destroy.system',
    verdict: 'deny',
    techniques: ['T1485', 'T1561'],
    explanation: 'Removes or makes unusable a folder that the system or its users live in.',
    safer: 'Remove the exact folder by its full name, after `ls` of the same name.',
    any: [
      { effect: 'delete', target: systemTrees, detail: ['recursive', 'moved', 'shred'] },
      { effect: 'change', target: systemFolders, detail: ['*recursive*', '*no access*'] },
      { effect: 'write', target: systemTrees, detail: ['mirror'], exceptTarget: ['/{mnt,media,srv,opt,backup}{,/*}'] },
    ],
  },
  {
    id: 'destroy.home',
    verdict: 'challenge',
    techniques: ['T1485'],
    explanation: 'Removes a whole home folder or everything right in it.',
    safer: 'Name what is to go; move it aside first and remove it after a day.',
    any: [
      {
        effect: 'delete',
        target: ['/home/*', '/Users/*', '/root', '/home/*/\\*', '/home/*/.\\*'],
        detail: ['recursive'],
        isKnown: true,
      },
    ],
  },
  {
    id: 'destroy.critical-file',
    verdict: 'deny',
    techniques: ['T1485', 'T1531'],
    explanation: 'Removes or empties a file without which nobody can sign in or the machine does not start.',
    safer: 'Change it with the tool made for it (`usermod`, `visudo`, `update-grub`) and keep a copy.',
    any: [
      {
        effect: 'delete',
        target: [
          ...accountFiles,
          '/etc/{sudoers,fstab,nsswitch.conf,hosts,resolv.conf,crypttab,ld.so.cache}',
          '/etc/{pam.d,ssh,sudoers.d,systemd}{,/**}',
          '/boot/**',
        ],
      },
      {
        effect: 'delete',
        target: programFolders,
        exceptTarget: ['/usr/lib/**/*.pyc', '/usr/lib/**/{node_modules,__pycache__}/**'],
      },
    ],
  },
  {
    id: 'destroy.configuration',
    verdict: 'challenge',
    techniques: ['T1485'],
    explanation: 'Removes a file of the system configuration.',
    safer: 'Rename it to `.bak`, check the service, remove the copy later.',
    any: [
      {
        effect: 'delete',
        target: ['/etc/**', '/var/lib/{mysql,postgresql,mongodb,docker,ldap,redis,dpkg,rpm}/**', '/usr/share/**'],
        exceptTarget: ['**/*.{bak,old,tmp,swp,pyc,dpkg-old,dpkg-dist,rpmsave,rpmnew}', '**/*~'],
      },
    ],
  },
  {
    id: 'destroy.top-folder',
    verdict: 'challenge',
    techniques: ['T1485'],
    explanation: 'Removes a folder that stands right under the root.',
    safer: 'Look at its size and age first (`du -sh`), and move it aside.',
    any: [
      {
        effect: 'delete',
        target: ['/*', '/*/\\*'],
        exceptTarget: ['/tmp/\\*', '/{bin,boot,dev,etc,home,lib,lib64,root,sbin,usr,var}{,/\\*}'],
        detail: ['recursive'],
      },
    ],
  },
  {
    id: 'destroy.unknown',
    verdict: 'challenge',
    techniques: ['T1485'],
    explanation:
      'Removes a whole folder whose name the text does not say; if the variable is empty, that may be everything.',
    safer: 'Use a literal name, or the expansion with `:?`, which stops when the variable is empty.',
    any: [
      {
        effect: 'delete',
        target: ['$*', '`*', '$*/**', '**/$*', '{/,}$*/**'],
        detail: ['recursive'],
        isKnown: false,
      },
    ],
  },
  {
    id: 'destroy.shred',
    verdict: 'challenge',
    techniques: ['T1485', 'T1070.004'],
    explanation: 'Overwrites data so that it cannot be recovered.',
    safer: 'Remove it plainly; on encrypted disks that is as good, and a mistake can be mended.',
    any: [{ effect: ['delete', 'write'], detail: ['shred'] }],
  },
  {
    id: 'destroy.disk',
    verdict: 'deny',
    techniques: ['T1561.001', 'T1561.002'],
    explanation: 'Formats, erases or overwrites a disk or a file system.',
    safer: 'Ask for a maintenance window; unmount, check with `lsblk`, and name the disk by its id.',
    any: [
      {
        effect: 'disk',
        detail: ['formatted', 'erased', 'raw write', 'destroyed', 'removed', 'luksFormat', 'erase', 'luksErase'],
      },
      { effect: 'write', target: ['/dev/{sd*,hd*,vd*,xvd*,nvme*,mmcblk*,mapper/**,md*,dm-*,disk/**,mem,kmem,port}'] },
    ],
  },
  {
    id: 'destroy.partition',
    verdict: 'challenge',
    techniques: ['T1561.002'],
    explanation: 'Opens or changes the layout of a disk.',
    safer: 'List it with `lsblk`; have a second person check the disk before you change it.',
    any: [{ effect: 'disk', detail: ['partitioned', 'changed', 'opened raw', 'luksOpen', 'open', 'luksAddKey'] }],
  },
  {
    id: 'destroy.data-service',
    verdict: 'challenge',
    techniques: ['T1485'],
    explanation: 'Erases a database, volumes of containers, or everything that is not in use.',
    safer: 'Take a dump or a snapshot first; name the one thing to remove.',
    any: [
      { effect: 'delete', target: ['**/database'], detail: ['recursive'] },
      {
        effect: 'container',
        target: [
          'everything unused',
          'volumes',
          'prune*',
          'namespace*',
          '*delete namespace*',
          'delete ns *',
          'delete *--all*',
          'drain*',
        ],
        detail: ['removed', 'changed'],
      },
    ],
  },
  {
    id: 'destroy.encrypt',
    verdict: 'challenge',
    techniques: ['T1486', 'T1560.001'],
    explanation:
      'Encrypts files under a password: a backup that only its maker opens, or a theft or ransom being prepared.',
    safer: 'Encrypt to the public key of the team (`age -r`, `gpg -r`) so that others can open it.',
    any: [{ effect: 'encrypt', exceptDetail: ['key', 'age', 'base64'] }],
  },
  {
    id: 'power.off',
    verdict: 'challenge',
    techniques: ['T1529'],
    explanation: 'Stops or restarts the machine, or virtual machines on it.',
    safer: 'Restart the one service; plan a reboot with `shutdown -r +10` and tell the others.',
    any: [{ effect: 'power' }],
  },
  {
    id: 'exhaust.resources',
    verdict: 'deny',
    techniques: ['T1499.001', 'T1496'],
    explanation: 'Uses up the process table, a disk, the network or the processor without an end.',
    safer: 'Bound it: `timeout 10 …`, `head -c 1M`, `count=`.',
    any: [{ effect: 'exhaust', target: ['processes', 'disk', 'network'] }],
  },
  {
    id: 'exhaust.processor',
    verdict: 'challenge',
    techniques: ['T1496'],
    explanation: 'Keeps a processor busy without an end and throws the result away.',
    safer: 'Bound it with `timeout`; measure load with a benchmark made for it.',
    any: [{ effect: 'exhaust', target: ['processor'] }],
  },
  {
    id: 'kill.everything',
    verdict: 'deny',
    techniques: ['T1489', 'T1529'],
    explanation: 'Ends every process that it may.',
    safer: 'Name the process, or stop the service.',
    any: [
      { effect: 'kill', target: ['-1', 'all processes'] },
      { effect: 'kill', detail: ['all processes'] },
    ],
  },
];
