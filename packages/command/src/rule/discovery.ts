// Rules on looking around as an intruder does in the first minute. Single looks are everyday work and pass.

import { openFolders } from './places.ts';
import type { Rule } from './rule.ts';

export const discoveryRules: readonly Rule[] = [
  {
    id: 'discover.cloud-accounts',
    verdict: 'challenge',
    techniques: ['T1087.004', 'T1069.003', 'T1580'],
    explanation: 'Lists accounts, roles or the protections of a cloud.',
    safer: 'Look in the cloud’s console, signed in as yourself.',
    any: [{ effect: 'survey', target: ['cloud accounts'] }],
  },
  {
    id: 'discover.kernel-code',
    verdict: 'challenge',
    techniques: ['T1652', 'T1082'],
    explanation: 'Searches the code that the kernel can load.',
    safer: '`modinfo NAME` tells about the one module.',
    any: [{ effect: ['list', 'archive'], target: ['/{lib,usr/lib}/modules/**'] }],
  },
  {
    id: 'discover.survey',
    verdict: 'challenge',
    techniques: ['T1082', 'T1033', 'T1016', 'T1087.001', 'T1057'],
    explanation: 'Looks up many sides of the machine in one go: accounts, system, network, processes, services.',
    safer: '`sally status` and the host posture show it, recorded once for everybody.',
    any: [
      { effect: 'survey', exceptTarget: ['mounts', 'locale'] },
      {
        effect: 'read',
        target: [
          '/etc/{passwd,group,hosts,issue,os-release,lsb-release,redhat-release,debian_version,*-release,resolv.conf,shells}',
          '/proc/{version,cpuinfo,cmdline,modules,net/**}',
        ],
      },
    ],
    atLeast: 4,
  },
  {
    id: 'discover.staged',
    verdict: 'challenge',
    techniques: ['T1074.001', 'T1119', 'T1005'],
    explanation:
      'Gathers what it finds about accounts, processes, services or the whole disk in a folder that everybody can read.',
    safer: 'Look at it in the terminal, or write to your home folder.',
    all: [
      {
        effect: ['survey', 'list'],
        target: [
          'processes',
          'services',
          'network',
          'system',
          'hardware',
          'kernel modules',
          'firewall',
          'environment',
          '/',
          '/home',
          '/root',
          '/etc',
        ],
      },
      { effect: 'write', target: openFolders, exceptDetail: ['folder', 'touched', 'copy', 'unpacked'] },
    ],
  },
  {
    id: 'discover.guards',
    verdict: 'challenge',
    techniques: ['T1518.001'],
    explanation: 'Looks for the programs that guard the machine.',
    safer: 'The host posture lists them with their state.',
    any: [
      {
        effect: 'find',
        target: [
          'text *{falcon,crowdstrike,carbon,cbagent,cbdaemon,sentinel,defender,mdatp,sophos,clam,osquery,wazuh,ossec,tripwire,eset,symantec,mcafee,Snitch,snort,suricata,auditd,selinux,apparmor,nessus,splunk}*',
        ],
      },
      { effect: 'list', target: ['/opt/{CrowdStrike,sophos*,carbonblack,sentinelone}**'] },
    ],
  },
  {
    id: 'discover.virtual-machine',
    verdict: 'challenge',
    techniques: ['T1497.001', 'T1082'],
    explanation: 'Finds out whether it runs in a virtual machine or a sandbox, as malware does before it acts.',
    safer: 'The server’s labels and facts say what it is.',
    any: [
      {
        effect: 'find',
        target: [
          'signs of a virtual machine',
          'text *{vmw,virtualbox,VirtualBox,VMWare,vbox,VBOX,qemu,QEMU,kvm,KVM,hypervisor,xen,Xen,parallels,Parallels,Virtual}*',
        ],
      },
      {
        effect: ['read', 'list'],
        target: [
          '/sys/class/dmi/id/**',
          '/sys/hypervisor/**',
          '/proc/scsi/scsi',
          '/proc/xen/**',
          '/.dockerenv',
          '/proc/1/cgroup',
        ],
      },
    ],
  },
];
