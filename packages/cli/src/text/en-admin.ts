// English: the commands that run and watch over a workspace.

import type { CommandWords } from './words.ts';

export const adminCommandsEn = {
  gateway: {
    summary: 'run the gateway',
    description:
      'Runs the gateway in the foreground until it is told to stop (SIGTERM, Ctrl-C). Settings come from one file and from the environment; every mistake in them is named. At its first start it makes the workspace and prints the link that enrols its owner.',
    options: { config: 'file of settings, TOML (or SALLY_SETTINGS)' },
    arguments: {},
    examples: [{ run: 'sally gateway --config /etc/sallyport/gateway.toml', means: 'as a service does' }],
  },
  agent: {
    summary: 'join this host to a gateway, and run its agent',
    description: '',
    options: {},
    arguments: {},
    examples: [],
  },
  agentJoin: {
    summary: 'enrol this host as a server',
    description:
      'Makes a key on this host and has the gateway certify it. Every user of this host can see the words of a command: give the token by --token-file, or by - on standard input.',
    options: {
      tokenFile: 'read the join token from a file, or from standard input with -',
      token: 'the join token; seen by every user of this host',
      name: 'what to call the server (otherwise its host name)',
      label: 'a label as name=value; may be repeated, as far as the token allows',
      force: 'join anew where this host has joined already',
      state: 'folder that keeps key and certificate',
    },
    arguments: { url: 'the address of the gateway, https://host:port' },
    examples: [
      { run: 'sally agent join https://gateway.example:8443 --token-file /root/token', means: 'the token from a file' },
      {
        run: 'sally agent join https://gateway.example:8443 --token-file - --label env=prod',
        means: 'the token from standard input',
      },
    ],
  },
  agentRun: {
    summary: 'run the agent in the foreground',
    description:
      'It dials out to the gateway and listens on nothing. Run as root it serves every login of this host; otherwise only its own.',
    options: { state: 'folder that keeps key and certificate' },
    arguments: {},
    examples: [{ run: 'sally agent run', means: 'as a service does' }],
  },
  agentStatus: {
    summary: 'tell whether the agent of this host runs and is connected',
    description: '',
    options: { state: 'folder that keeps key and certificate' },
    arguments: {},
    examples: [{ run: 'sally agent status --json', means: 'for a monitor' }],
  },
  agentDoctor: {
    summary: 'test the way to the gateway, step by step',
    description:
      'Tests one thing after another, says in words which one is broken and how to mend it. The exit status is 1 when something is.',
    options: {
      url: 'another gateway than the one this host has joined',
      tokenFile: 'a join token for it, from a file, or from standard input with -: it tells which gateway to trust',
      state: 'folder that keeps key and certificate',
    },
    arguments: {},
    examples: [{ run: 'sally agent doctor', means: 'when a server is not connected' }],
  },
  token: {
    summary: 'join tokens, by which servers are enrolled',
    description: '',
    options: {},
    arguments: {},
    examples: [],
  },
  tokenCreate: {
    summary: 'make a join token',
    description: 'The token is printed once and kept nowhere. It carries the fingerprint of the gateway.',
    options: {
      uses: 'how many servers may join with it (1)',
      ttl: 'how long it is good for: 90s, 15m, 2h, 7d (1h)',
      label: 'a label that every server gets, as name=value; may be repeated',
    },
    arguments: {},
    examples: [
      { run: 'sally token create --label env=prod', means: 'for one server, within an hour' },
      { run: 'sally token create --uses 50 --ttl 1d', means: 'for fifty servers, within a day' },
    ],
  },
  tokenLs: {
    summary: 'list the join tokens',
    description: '',
    options: {},
    arguments: {},
    examples: [{ run: 'sally token ls', means: 'with how often each may still be used' }],
  },
  tokenRevoke: {
    summary: 'revoke a join token',
    description: 'Servers that have joined with it stay.',
    options: { yes: 'do not ask' },
    arguments: { token: 'id of the token, tok_…' },
    examples: [{ run: 'sally token revoke tok_0123456789abcdef', means: 'nobody joins with it any more' }],
  },
  server: { summary: 'the servers of the workspace', description: '', options: {}, arguments: {}, examples: [] },
  serverLs: {
    summary: 'list the servers, those that were revoked too',
    description: '',
    options: {},
    arguments: {},
    examples: [{ run: 'sally server ls', means: 'all of them' }],
  },
  serverRevoke: {
    summary: 'revoke a server for good',
    description: 'Its connection and its sessions end at once. To come back it must join again with a new token.',
    options: { yes: 'do not ask' },
    arguments: { server: 'name or id of the server' },
    examples: [{ run: 'sally server revoke web-1', means: 'asks first' }],
  },
  device: { summary: 'your devices', description: '', options: {}, arguments: {}, examples: [] },
  deviceCode: {
    summary: 'make a one-time link that enrols another device of yours',
    description: 'Whoever holds the link can enrol one device as you: give it to nobody.',
    options: {},
    arguments: {},
    examples: [{ run: 'sally device code', means: 'then run sally login on the other device' }],
  },
  deviceLs: {
    summary: 'list your devices',
    description: 'With --all the devices of everybody, where the policy lets you.',
    options: { all: 'those of everybody' },
    arguments: {},
    examples: [{ run: 'sally device ls --all', means: 'who enrolled what, and what is connected now' }],
  },
  deviceRevoke: {
    summary: 'revoke a device for good',
    description:
      'For a device that was lost, or a person who left. Its sessions and connections end within a second, its key is never accepted again, and one-time links of its person that nobody has used yet are void. Your own you may always revoke; those of others where the policy lets you.',
    options: { yes: 'do not ask' },
    arguments: { device: 'id of the device, dev_…' },
    examples: [{ run: 'sally device revoke dev_0123456789abcdef', means: 'asks first' }],
  },
  sessions: {
    summary: 'who was on which server, and who is',
    description: '',
    options: {},
    arguments: {},
    examples: [],
  },
  sessionsLs: {
    summary: 'list sessions, the newest first',
    description: '',
    options: { open: 'only those that are open now', limit: 'how many at most (50)' },
    arguments: {},
    examples: [{ run: 'sally sessions ls --open', means: 'who is on a server now' }],
  },
  sessionsShow: {
    summary: 'show a session and the channels in it',
    description: '',
    options: {},
    arguments: { session: 'id of the session, ses_…' },
    examples: [{ run: 'sally sessions show ses_0123456789abcdef', means: 'each shell, command, transfer and forward' }],
  },
  sessionsEnd: {
    summary: 'end a session now',
    description: '',
    options: { yes: 'do not ask' },
    arguments: { session: 'id of the session, ses_…' },
    examples: [{ run: 'sally sessions end ses_0123456789abcdef', means: 'asks first' }],
  },
  play: {
    summary: 'play the recording of a session in this terminal',
    description: 'The recording is checked before it is played: one that was changed is refused.',
    options: {
      channel: 'which channel, when the session has several recordings',
      speed: 'how many times faster (1)',
      idleLimit: 'shorten pauses to this many seconds',
    },
    arguments: { session: 'id of the session, ses_…' },
    examples: [
      { run: 'sally play ses_0123456789abcdef --speed 2 --idle-limit 1', means: 'twice as fast, without the pauses' },
    ],
  },
  export: {
    summary: 'export a recording as asciicast',
    description: "For asciinema's own player. The recording is checked while it is read.",
    options: {
      output: 'file to write; - for standard output',
      channel: 'which channel, when the session has several recordings',
      force: 'overwrite the file',
    },
    arguments: { session: 'id of the session, ses_…' },
    examples: [
      { run: 'sally export ses_0123456789abcdef -o session.cast', means: 'then: asciinema play session.cast' },
    ],
  },
  audit: { summary: 'the audit log', description: '', options: {}, arguments: {}, examples: [] },
  auditTail: {
    summary: 'show the last events',
    description: '',
    options: { follow: 'go on with new events as they happen; its own reading is left out', lines: 'how many (20)' },
    arguments: {},
    examples: [
      { run: 'sally audit tail -f', means: 'watch what happens' },
      { run: 'sally audit tail -n 1000 --json', means: 'the lines as they are stored' },
    ],
  },
  auditVerify: {
    summary: 'check that nobody has altered the audit log',
    description:
      'With --folder it checks the files of a log offline: every line, every hash and every signed checkpoint, and names the first that is wrong. Without, it reads the whole log from the gateway, computes its tree again and compares it with the signed checkpoint, and with the checkpoint this device saw last. The exit status is 1 when the log does not verify.',
    options: {
      folder: 'folder of the log, to check offline',
      key: 'public key that signs the checkpoints (otherwise the one this device has pinned)',
      checkpoint: 'a checkpoint that was kept elsewhere: the log must still contain it',
    },
    arguments: {},
    examples: [
      { run: 'sally audit verify', means: 'over the network' },
      { run: 'sally audit verify --folder /var/lib/sallyport/audit', means: 'on the gateway, or on a copy' },
      { run: 'sally audit verify --checkpoint last-month.txt', means: 'against a checkpoint that you kept' },
    ],
  },
  auditProve: {
    summary: 'prove that one event is in the log',
    description:
      'Prints the event with its proof of inclusion and the signed checkpoint, after checking them here. A third party can check them without the log.',
    options: {},
    arguments: { seq: 'number of the event' },
    examples: [{ run: 'sally audit prove 42 --json', means: 'to hand on' }],
  },
  policy: { summary: 'who may do what', description: '', options: {}, arguments: {}, examples: [] },
  policyShow: {
    summary: 'print the policy in force',
    description: '',
    options: {},
    arguments: {},
    examples: [{ run: 'sally policy show', means: 'its text, on standard output' }],
  },
  policyCheck: {
    summary: 'check a policy file on this device',
    description: 'Names every mistake with its line. The exit status is 1 when there is one.',
    options: {},
    arguments: { file: 'the policy, Cedar' },
    examples: [{ run: 'sally policy check policy.cedar', means: 'before it is applied' }],
  },
  policyApply: {
    summary: 'put a policy in force',
    description: 'It is checked first; one with a mistake is refused whole and the old one stays.',
    options: { reason: 'why, for the audit log' },
    arguments: { file: 'the policy, Cedar; - for standard input' },
    examples: [{ run: "sally policy apply policy.cedar --reason 'on-call may reach db-1'", means: 'from now on' }],
  },
  command: { summary: 'what command lines would do', description: '', options: {}, arguments: {}, examples: [] },
  commandJudge: {
    summary: 'judge command lines from standard input',
    description:
      'Prints for each line the verdict (allow, challenge, deny) of the shipped rules, and why. Nothing is run. The rules are in docs/command-rules.md.',
    options: {
      rules: 'a JSON file of rules that add to the shipped ones or replace them',
      login: 'the account the lines would run as',
      cwd: 'the folder they would run in, absolute',
    },
    arguments: {},
    examples: [{ run: 'sally command judge --json', means: 'one object for each line, for programs' }],
  },
} satisfies Record<string, CommandWords>;
