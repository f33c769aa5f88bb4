// Rules on what goes over the network: data leaving, doors opened, others probed or listened in on.

import type { Rule } from './rule.ts';

const dropPlaces =
  '*{pastebin.com,paste.rs,paste.ee,hastebin,dpaste,ix.io,sprunge.us,termbin,transfer.sh,file.io,0x0.st,bashupload,gofile.io,anonfile,catbox.moe,temp.sh,oshi.at,wetransfer,webhook.site,requestbin,pipedream.net,beeceptor,hookbin,interact.sh,oast.,burpcollaborator,dnslog,ngrok,trycloudflare,serveo.net,localhost.run,loca.lt,hooks.slack.com,discord.com/api/webhooks,discordapp.com/api/webhooks,api.telegram.org,.onion}*';

export const networkRules: readonly Rule[] = [
  {
    id: 'network.data-out',
    verdict: 'challenge',
    techniques: ['T1048', 'T1041', 'T1567'],
    explanation: 'Sends a file, or what other commands printed, to another machine.',
    safer: '`sally cp` moves files under policy, with a checksum and an audit event.',
    any: [
      {
        effect: 'upload',
        detail: [
          'file',
          'input',
          'computed',
          'in the address',
          'in a name',
          'in a packet',
          'file by mail',
          'mail',
          'cloud storage',
          'rclone',
          'ftp',
          'lftp',
          'tftp',
          'ftpput',
        ],
        exceptTarget: ['*{localhost,127.0.0.1,[::1]}*'],
      },
    ],
  },
  {
    id: 'network.encoded-out',
    verdict: 'challenge',
    techniques: ['T1132.001', 'T1048.002', 'T1048.003', 'T1030'],
    explanation: 'Encodes, encrypts or cuts up data and talks to another machine in the same text.',
    safer: 'Send the file as it is, by `sally cp`.',
    all: [{ effect: ['encode', 'encrypt'] }, { effect: ['upload', 'connect', 'download'] }],
  },
  {
    id: 'network.drop-place',
    verdict: 'challenge',
    techniques: ['T1567.003', 'T1567.004', 'T1102', 'T1572'],
    explanation: 'Talks to a service that is used to leave data, commands or tunnels for somebody else.',
    safer: 'Share inside the workspace.',
    any: [{ effect: ['upload', 'download', 'connect', 'listen'], target: [dropPlaces] }],
  },
  {
    id: 'network.disguised',
    verdict: 'challenge',
    techniques: ['T1071.001'],
    explanation: 'Pretends to be another program towards a web server.',
    safer: 'Leave the name as it is; a server that refuses `curl` has a reason.',
    any: [{ effect: 'download', detail: ['disguised'] }],
  },
  {
    id: 'network.trust',
    verdict: 'challenge',
    techniques: ['T1553.004'],
    explanation: 'Changes which certificate authorities this machine trusts.',
    safer: 'Ship the authority in a package, reviewed.',
    any: [
      {
        effect: ['write', 'delete', 'change'],
        target: [
          '/usr/{local/,}share/{ca-certificates,pki}/**',
          '/etc/{ssl/certs,pki,ca-certificates}/**',
          '/etc/{ssl/certs,pki}',
          '/usr/{local/,}share/ca-certificates',
          '/etc/ca-certificates.conf',
        ],
      },
      { effect: 'security', target: ['certificate authorities'] },
    ],
  },
  {
    id: 'network.door',
    verdict: 'challenge',
    techniques: ['T1571', 'T1572', 'T1090', 'T1219'],
    explanation: 'Opens a port, serves files, or makes a tunnel into this machine or its network.',
    safer: '`sally tunnel` reaches a port with sign-in and policy, and opens none.',
    any: [
      { effect: 'listen', exceptDetail: ['forward tunnel'] },
      { effect: 'listen', target: ['*0.0.0.0:*', '\\*:*'], detail: ['forward tunnel'] },
    ],
  },
  {
    id: 'network.anonymiser',
    verdict: 'challenge',
    techniques: ['T1090.003', 'T1090'],
    explanation: 'Hides where traffic goes: Tor, proxies in chains, private networks of others.',
    safer: 'Use the configured egress proxy.',
    any: [
      { effect: 'proxy' },
      {
        effect: 'service',
        target: ['{tor,i2p,privoxy,openvpn*,wg-quick*}*'],
        detail: ['start', 'restart', 'enable', 'onestart'],
      },
      { effect: 'set', target: ['*proxy', '*PROXY'], exceptDetail: ['unset', ''] },
    ],
  },
  {
    id: 'network.scan',
    verdict: 'challenge',
    techniques: ['T1046', 'T1018', 'T1135'],
    explanation: 'Probes machines or ports, or lists those that this machine talked to.',
    safer: '`sally ls` lists the servers; `sally agent doctor` tests a connection.',
    any: [{ effect: 'scan' }, { effect: 'find', target: ['machines that were talked to'] }],
  },
  {
    id: 'network.capture',
    verdict: 'challenge',
    techniques: ['T1040', 'T1056.001', 'T1113', 'T1123', 'T1115'],
    explanation: 'Listens in on traffic, keys, screen, sound or the clipboard.',
    safer:
      'Counters (`ss -s`, `nstat`) and the program’s own logs tell most; ask for a capture with a filter and an end.',
    any: [
      { effect: 'capture', target: ['traffic', 'keys*', 'screen', 'sound', 'camera', 'clipboard'] },
      { effect: ['read', 'list'], target: ['/dev/{input,snd}/**', '/dev/{video,audio,dsp,fb}*'] },
    ],
  },
  {
    id: 'network.raw-connection',
    verdict: 'challenge',
    techniques: ['T1095', 'T1571'],
    explanation: 'Opens a bare connection that nothing checks.',
    safer: '`curl -v` or `openssl s_client` test a service and say what they found.',
    any: [{ effect: 'connect', detail: ['raw'] }],
  },
];
