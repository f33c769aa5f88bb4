// Rules on secrets: where they lie, how they are looked for, and how they are left lying about.

import { browserStores, openFolders, passwordHashes, privateKeys, shellHistories } from './places.ts';
import type { Rule } from './rule.ts';

const secretWords =
  '*{passw,passwd,pwd=,secret,api_key,apikey,api-key,private key,private_key,access_key,accesskey,credential,token,BEGIN RSA,BEGIN OPENSSH,BEGIN PRIVATE,aws_,AKIA,Passw,PASSW,SECRET,TOKEN,Secret,Authorization,_auth}*';
const secretFiles =
  'file *{.ssh,.gnupg,.netrc,id_rsa,id_dsa,id_ed25519,id_ecdsa,.pem,.key,.kdbx,.p12,.pfx,.ppk,.jks,.keytab,.gpg,.pgp,.asc,.netrc,.pgpass,.htpasswd,.env,shadow,passwd,password,credential,secret,.git-credentials,.ovpn,.rdp,.kube,.aws,.azure,.oci,.vault,wallet,authorized_keys,known_hosts,accessTokens,access_tokens,legacy_credentials,service_account,azureProfile,places.sqlite,logins.json,Login Data,key4.db,cookies.sqlite,.bash_history,_history,.cer,.crt,token}*';

export const credentialRules: readonly Rule[] = [
  {
    id: 'credentials.hashes',
    verdict: 'deny',
    techniques: ['T1003.008', 'T1555'],
    explanation: 'Reads, packs or copies the password hashes of the machine.',
    safer: '`passwd -S NAME` and `chage -l NAME` tell the state of an account without its hash.',
    any: [
      { effect: ['read', 'archive', 'encrypt', 'execute'], target: passwordHashes },
      { effect: 'list', target: passwordHashes, detail: ['*link*'] },
    ],
  },
  {
    id: 'credentials.keys',
    verdict: 'challenge',
    techniques: ['T1552.001', 'T1552.004', 'T1555'],
    explanation: 'Reads, packs or searches a private key, a token or a stored password.',
    safer:
      'Show what is public (`ssh-keygen -l`, `ssh-add -l`, `aws sts get-caller-identity`); give programs secrets through their credentials.',
    any: [
      { effect: ['read', 'archive', 'encrypt'], target: privateKeys, exceptTarget: ['**/*.pub'] },
      { effect: 'list', target: ['**/.{oci,aws,azure,gnupg,kube}/**', '**/.aws', '**/.azure', '**/.gnupg'] },
    ],
  },
  {
    id: 'credentials.history',
    verdict: 'challenge',
    techniques: ['T1552.003'],
    explanation: 'Reads a saved history of commands, which often holds passwords.',
    safer: '`history | tail` shows your own; the session recording shows what was run.',
    any: [{ effect: ['read', 'archive'], target: shellHistories }],
  },
  {
    id: 'credentials.search',
    verdict: 'challenge',
    techniques: ['T1552.001', 'T1552.004', 'T1083'],
    explanation: 'Searches the files of the machine for keys, passwords or tokens.',
    safer: 'Open the one configuration file you need.',
    any: [
      { effect: 'find', target: [`text ${secretWords}`], detail: ['recursive'] },
      { effect: 'find', target: [secretFiles] },
    ],
  },
  {
    id: 'credentials.whole-configuration',
    verdict: 'challenge',
    techniques: ['T1560.001', 'T1048', 'T1005'],
    explanation:
      'Packs the whole configuration or the home folders and talks to another machine; keys and hashes are in them.',
    safer: 'Pack the one folder you need, and keep the backup on the backup server.',
    all: [
      {
        effect: 'archive',
        target: ['/{etc,root,home,var,}', '/{etc,root,home,var}/\\*', '/home/*', '/home/\\*', '/\\*'],
      },
      { effect: ['connect', 'upload'] },
    ],
  },
  {
    id: 'credentials.cloud-metadata',
    verdict: 'deny',
    techniques: ['T1552.005'],
    explanation: 'Asks the cloud’s metadata service, which hands out the credentials of the machine.',
    safer: 'Let the program use its role through its SDK; look at `aws sts get-caller-identity`.',
    any: [
      {
        effect: ['download', 'upload', 'connect'],
        target: [
          '*{169.254.169.254,169.254.170.2,100.100.100.200,metadata.google.internal,metadata.azure.,fd00:ec2::254,metadata.tencentyun.com,0xa9fea9fe,2852039166}*',
        ],
      },
    ],
  },
  {
    id: 'credentials.memory',
    verdict: 'challenge',
    techniques: ['T1003.007', 'T1055.008'],
    explanation: 'Reads the memory or the environment of other processes, where secrets stand in the clear.',
    safer: '`ps`, `pidstat` and the program’s own diagnostics show its state without its memory.',
    any: [
      {
        effect: ['read', 'list'],
        target: ['/proc/*/{mem,maps,environ,fd/**}', '/proc/kcore', '/dev/{mem,kmem}'],
        exceptTarget: ['/proc/{self,$$}/{fd/**,maps,environ}'],
      },
      { effect: 'capture', target: ['another process', 'memory', 'another terminal', 'kernel events'] },
    ],
  },
  {
    id: 'credentials.browser',
    verdict: 'challenge',
    techniques: ['T1539', 'T1555.003', 'T1217'],
    explanation: 'Reads a browser’s or mail program’s store: passwords, cookies, history.',
    safer: 'There is no administrative need; ask the person.',
    any: [
      { effect: ['read', 'archive', 'list'], target: browserStores },
      { effect: 'find', target: ['file *{.mozilla,/firefox/,google-chrome,/chromium/,Bookmarks}*'] },
    ],
  },
  {
    id: 'credentials.store',
    verdict: 'challenge',
    techniques: ['T1555', 'T1552.007', 'T1558'],
    explanation: 'Takes secrets out of a store: a vault, a cluster, a key ring, tickets.',
    safer: 'Give the secret to the one service through its credentials; ask for it with a reason.',
    any: [
      { effect: 'cloud', detail: ['secrets'] },
      { effect: 'find', target: ['Kerberos tickets', 'wireless passwords', 'directory entries'] },
    ],
  },
  {
    id: 'credentials.account-list',
    verdict: 'challenge',
    techniques: ['T1087.001', 'T1074.001'],
    explanation: 'Copies the list of accounts or sign-ins to a place that everybody can read.',
    safer: 'Look at it in the terminal: `getent passwd`.',
    all: [
      {
        effect: ['read', 'survey'],
        target: ['/etc/{passwd,group,sudoers}', '/etc/sudoers.d/**', 'accounts', 'sign-ins'],
      },
      { effect: 'write', target: openFolders },
    ],
  },
  {
    id: 'credentials.password-policy',
    verdict: 'challenge',
    techniques: ['T1201', 'T1556.003'],
    explanation: 'Looks up how strong passwords must be and how sign-in is checked, as one does before guessing them.',
    safer: 'Ask the host posture (`sally posture`), which reports it with the rest.',
    any: [
      {
        effect: 'read',
        target: [
          '/etc/security/pwquality.conf*',
          '/etc/pam.d/{common-*,system-auth*,password-auth*,passwd,sshd,su,sudo}',
          '/etc/login.defs',
        ],
      },
      { effect: 'find', target: ['password policy'] },
    ],
  },
  {
    id: 'credentials.sudo-rules',
    verdict: 'challenge',
    techniques: ['T1548.003', 'T1069.001'],
    explanation: 'Reads who may become whom.',
    safer: 'Ask the host posture for the sudo rules.',
    any: [
      {
        effect: ['read', 'archive'],
        target: [
          '/etc/sudoers',
          '/etc/sudoers.d/**',
          '/usr/local/etc/sudoers',
          '/usr/local/etc/sudoers.d/**',
          '/etc/doas.conf',
        ],
      },
      { effect: 'survey', target: ['sudo rights'] },
    ],
  },
  {
    id: 'credentials.in-command-line',
    verdict: 'challenge',
    techniques: ['T1552.003', 'T1078'],
    explanation: 'A password stands in the command line, where every process list and history shows it.',
    safer: 'Use a key, a prompt, or a file that only you can read.',
    any: [
      { effect: 'password', detail: ['in the command line'] },
      { effect: 'password', target: ['* on standard input'] },
    ],
  },
  {
    id: 'credentials.mail',
    verdict: 'challenge',
    techniques: ['T1114.001', 'T1070.008'],
    explanation: 'Reads, changes or removes mail of the accounts of this machine.',
    safer: 'Use the mail program as the account it belongs to.',
    any: [
      {
        effect: ['read', 'write', 'delete', 'list', 'archive'],
        target: ['/var/{mail,spool/mail}/**', '/var/{mail,spool/mail}', '**/{Maildir,mbox}/**'],
      },
    ],
  },
];
