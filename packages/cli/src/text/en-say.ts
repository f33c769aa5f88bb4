// English: what commands say. Functions take names, paths and numbers; what comes from elsewhere was made harmless before.

type Words = { message: string; hint: string };
const words = (message: string, hint: string): Words => ({ message, hint });
const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

const usage = {
  unknownOption: (option: string) => words(`there is no option ${option}`, 'see the options with --help'),
  unknownCommand: (command: string) => words(`there is no command ${command}`, 'see the commands with sally --help'),
  missingArgument: (name: string) => words(`${name} is missing`, 'see how it is used with --help'),
  optionMissingArgument: (option: string) => words(`${option} needs a value`, 'see how it is used with --help'),
  missingOption: (option: string) => words(`${option} is required`, 'see how it is used with --help'),
  excessArguments: () =>
    words(
      'there are more words than this command takes',
      'see how it is used with --help; a remote command goes after --',
    ),
  noCommand: () => words('which command?', 'see the commands with sally --help'),
  other: (message: string) => words(message, 'see how it is used with --help'),
  restNotTaken: () => words('this command takes nothing after --', 'see how it is used with --help'),
  language: (asked: string) => words(`${asked} is no language that sally speaks`, 'use --lang en or --lang ko'),
  label: (label: string) => words(`${label} is no label`, 'write it as name=value, such as env=prod'),
  count: (option: string, least: number, most: number) =>
    words(`${option} needs a whole number from ${least} to ${most}`, 'see how it is used with --help'),
  number: (option: string) => words(`${option} needs a number above 0`, 'such as 1, 2.5 or 0.5'),
  duration: (option: string) => words(`${option} needs a duration`, 'write it as 90s, 15m, 2h or 7d'),
  deviceName: () => words('that cannot be the name of a device', 'use at most 128 letters, in one line'),
  link: (why: string) =>
    words(why, 'it looks like https://gateway.example:8443/enrol#…; quote it, or give it with --code-file'),
  gatewayAddress: (why: string) => words(why, 'write it as https://gateway.example:8443'),
  destination: (given: string) =>
    words(`${given} is not LOGIN@SERVER`, 'use the name of a server from sally ls, such as deploy@web-1'),
  hostName: (host: string, workspace: string) =>
    words(`${host} is no server of ${workspace}`, `use SERVER.${workspace}.sally; see the servers with sally ls`),
  deviceId: (id: string) => words(`${id} is no id of a device`, 'see the ids with sally device ls'),
  sessionId: (id: string) => words(`${id} is no id of a session`, 'see the ids with sally sessions ls'),
  seq: () => words('the number of an event is a whole number', 'see the numbers with sally audit tail'),
  noRemoteCommand: () => words('no command was given', 'put it after --, as in: sally exec web-1 -- uptime'),
  noServerMatches: () =>
    words('no server was named, and none that is connected matches', 'see the servers and their labels with sally ls'),
  needsYes: () => words('this needs a yes, and there is nobody to ask', 'add --yes when you are sure'),
  notConfirmed: () => words('nothing was done', 'run it again when you are ready'),
  nothingToRead: () =>
    words('nothing was given, and there is nobody to ask', 'give it in a file, or with - on standard input'),
  inputTooLong: () => words('that is too long', 'check that it is the right file'),
  twoTokens: () => words('give the token once', 'use either --token-file or --token'),
  noToken: () =>
    words(
      'no join token was given',
      'use --token-file FILE, or --token-file - for standard input; make one with sally token create',
    ),
};

const audit = {
  verifying: 'checking the log',
  fetching: (events: number) => `reading ${count(events, 'event', 'events')}`,
  good: (events: number, checkpoints: number, uncovered: number) =>
    `the log is whole: ${count(events, 'event', 'events')}, ${count(checkpoints, 'signed checkpoint', 'signed checkpoints')}${uncovered === 0 ? '' : `, ${uncovered} not signed yet`}`,
  bad: (file: string, line: number, kind: string, why: string) =>
    `the log does not verify: ${file}, line ${line}: ${kind} (${why})`,
  badKind: {
    changed: 'a line was changed',
    deleted: 'lines were deleted',
    inserted: 'a line was inserted',
    reordered: 'lines were put in another order',
    duplicate: 'a line stands twice',
    'not-json': 'what stands there is no event',
    rewritten: 'the log was written anew',
    truncated: 'the end of the log was cut off',
    misnamed: 'the file has the name of another',
    'checkpoint-malformed': 'a checkpoint cannot be read',
    'checkpoint-forged': 'a checkpoint is not signed by the key of the log',
    'checkpoint-backwards': 'checkpoints go backwards',
    'checkpoint-mismatch': 'a signed checkpoint does not match the lines',
    'checkpoints-missing': 'the checkpoints are missing',
    'known-checkpoint': 'the log does not contain what it had signed before',
    unreadable: 'the log cannot be read',
  },
  badLine: (at: number) =>
    words(
      `the log does not verify: what the gateway gave for event ${at} is no line`,
      'check the log offline, on the gateway: sally audit verify --folder DIR',
    ),
  badCheckpoint: (why: string) =>
    words(
      `the checkpoint does not verify: ${why}`,
      'check the log offline, on the gateway: sally audit verify --folder DIR',
    ),
  noKey: words(
    'no public key of the log is known on this device',
    'run sally audit verify once without --folder, or give --key',
  ),
  badKey: (why: string) =>
    words(
      `that is no key of a log: ${why}`,
      'it looks like NAME+HASH+KEY; sally audit verify prints it when it first sees it',
    ),
  otherKey: (key: string) =>
    words(
      'the log is signed by another key than the one this device has pinned',
      `find out why before you go on; the key now is ${key}`,
    ),
  keyPinned: (key: string) => `the key of the log is pinned from now on: ${key}`,
  proven: (seq: string, size: number) =>
    `event ${seq} is in the log, as the signed checkpoint over ${count(size, 'event', 'events')} proves`,
  notProven: (why: string) => words(`the proof does not hold: ${why}`, 'check the whole log with sally audit verify'),
  otherEvent: 'it is of another event',
};

const recording = {
  fetching: 'reading the recording',
  verifying: 'checking the recording',
  unsealed: 'note: this recording is not sealed: its session is still open, or a crash cut it',
  other: 'it is of another session or channel',
  noHash: 'note: the gateway has no hash of this recording yet: it is checked by itself only',
  notSealedAnyMore: 'its hash is in the audit log, but it is not sealed any more',
  none: words(
    'this session has no recording',
    'shells and commands are recorded, once they have ended; see sally sessions show',
  ),
  several: (channels: string) => words('this session has several recordings', `choose one with --channel: ${channels}`),
  noSuch: (channel: string) =>
    words(`the session has no recording of the channel ${channel}`, 'see the channels with sally sessions show'),
  bad: (why: string) =>
    words(
      `the recording does not verify: ${why}`,
      'it was changed or cut after it was made; sally audit verify checks the log that holds its hash',
    ),
  exported: (path: string) => `exported to ${path}`,
  exists: (path: string) => words(`${path} is there already`, 'choose another name, or overwrite it with --force'),
};

const way = {
  noSuchHost: (host: string) =>
    words(`${host}: there is no such host name`, 'check the spelling of the address, and the DNS of this device'),
  noNameServer: (host: string) => words(`${host}: the name servers do not answer`, 'check the network of this device'),
  nothingListens: (host: string) =>
    words(`${host}: nothing listens there`, 'check the port, and that the gateway runs'),
  noRoute: (host: string) => words(`${host}: there is no route to it`, 'check the network of this device'),
  noAnswer: (host: string) =>
    words(`${host}: no answer in time`, 'a firewall may drop the packets: allow outbound TCP to this port'),
  cut: (host: string) =>
    words(`${host}: the connection was cut`, 'a firewall or proxy may inspect TLS: exempt the gateway from it'),
  otherName: (host: string) =>
    words(`${host}: its certificate is for another host name`, 'use the name that the gateway is known by'),
  wrongTime: (host: string) =>
    words(
      `${host}: its certificate is not valid at this time`,
      'check the clock of this device, then the certificate of the gateway',
    ),
  untrusted: (host: string) =>
    words(
      `${host}: its certificate is not signed by the CA that this device trusts`,
      'something between may inspect TLS; or the gateway was made anew: then log in again',
    ),
  noTls: (host: string) =>
    words(`${host}: no TLS could be agreed on`, 'check that this is the HTTPS port of the gateway'),
  other: (host: string, message: string) =>
    words(`${host}: ${message}`, 'check the network, and that the gateway runs'),
};

const agent = {
  joining: 'joining',
  examining: 'looking step by step',
  joined: (name: string, workspace: string) => `this host is now the server ${name} in ${workspace}`,
  joinedNext: 'next: sally agent run, or start the service: systemctl enable --now sallyport-agent',
  notRunning: 'not running',
  mend: 'mend:',
  linkState: {
    connecting: 'connecting',
    connected: 'connected',
    retrying: 'not connected, trying again',
    revoked: 'revoked by the gateway',
    stopped: 'stopped',
  },
  fact: {
    link: 'agent',
    name: 'server',
    workspace: 'workspace',
    certificate: 'certificate until',
    since: 'since',
    sessions: 'sessions',
    process: 'process',
    clockSkew: 'clock of the gateway ahead by',
    lastFailure: 'last failure',
  },
  step: {
    dns: 'DNS',
    tcp: 'TCP',
    proxy: 'proxy',
    tls: 'TLS',
    clock: 'clock',
    certificate: 'certificate',
    policy: 'policy',
    host: 'this host',
  },
};

export const sayEn = {
  agent,
  error: 'error:',
  hint: 'hint:',
  warning: 'warning:',
  rule: 'rule',
  usage,
  audit,
  recording,
  way,
  help: {
    usage: 'Usage:',
    options: 'Options:',
    arguments: 'Arguments:',
    commands: 'Commands:',
    command: 'command',
    optionsTerm: '[options]',
    commandTerm: '[command]',
    examples: 'Examples:',
    everyday: 'Every day:',
    watching: 'Watching:',
    running: 'Running a workspace:',
    sshUsage: '[options] <destination> [-- command...]',
    execUsage: '[options] [destination...] -- command...',
  },
  unreachable: (step: string, message: string) => `the gateway cannot be reached (${step}): ${message}`,
  notPinned: (host: string) =>
    words(
      `${host} is not the gateway that made this link`,
      'nothing was sent; check the address, exempt it from TLS inspection, or ask for a new link',
    ),
  notUnderstood: (host: string, status: number) =>
    words(
      `${host} gave an answer that is not a Sallyport gateway's (HTTP ${status})`,
      'check the address, and that sally and the gateway have the same version',
    ),
  linkLost: (why: string) => words(`the connection to the gateway broke: ${why}`, 'try again'),
  crashed: (why: string) =>
    words(`sally has a fault: ${why}`, 'please report it; run it again with SALLY_TRACE=1 to see where'),
  badProfileName: (name: string) =>
    words(`${name} cannot be the name of a profile`, 'use at most 32 letters, digits, - and _'),
  notEnrolled: (profile: string) =>
    words(`this device is not enrolled (profile ${profile})`, 'ask for a link and run: sally login LINK'),
  profileDamaged: (path: string, why: string) =>
    words(`${path} is damaged: ${why}`, 'run sally logout, then sally login with a new link'),
  fileAbsent: (path: string) => words(`there is no ${path}`, 'check the name; for a profile run sally login again'),
  fileMode: (path: string, found: string, wanted: string) =>
    words(
      `${path} can be used by others (mode ${found})`,
      `it may have been read: run chmod ${wanted} '${path}', and enrol this device anew if others use it`,
    ),
  fileOwner: (path: string, uid: number) =>
    words(`${path} belongs to another user (${uid})`, 'use a folder of your own, or set XDG_CONFIG_HOME'),
  fileUnusable: (path: string, why: string) =>
    words(`${path} cannot be used: ${why}`, 'check the path, its permissions and the space on the disk'),
  cannotWrite: (path: string, why: string) =>
    words(`${path} cannot be written: ${why}`, 'check the path, its permissions and the space on the disk'),
  pathUnspeakable: (path: string) =>
    words(
      `${path} cannot be written in an ssh_config`,
      'quotes, backslashes and ${ cannot stand in it: set XDG_CONFIG_HOME to another folder',
    ),
  askingGateway: 'asking the gateway',
  connecting: 'connecting',
  runningOn: (servers: number) => `running on ${count(servers, 'server', 'servers')}`,
  confirmAnswers: { active: 'yes', inactive: 'no' },
  askLink: 'Enrolment link (it is not shown)',
  askToken: 'Join token (it is not shown)',
  tokenSeen: 'every user of this host can see the token in the list of processes; --token-file keeps it out',
  enrolled: (person: string, workspace: string) => `this device is enrolled: you are ${person} in ${workspace}`,
  enrolledNext: 'next: sally ls, then sally ssh SERVER; sally ssh-config --write makes stock ssh work',
  alreadyEnrolled: (person: string, workspace: string, profile: string) =>
    words(
      `this device is enrolled already: ${person} in ${workspace} (profile ${profile})`,
      'use --profile NAME for a second gateway, or --force to replace this one',
    ),
  confirmLogout: (profile: string) => `Delete the profile ${profile} and its key?`,
  loggedOut: (profile: string) => `the profile ${profile} and its key are deleted`,
  noServers: 'there are no servers yet: make a join token with sally token create, and run sally agent join on a host',
  noSuchServer: (name: string) => words(`there is no server ${name}`, 'see the servers with sally ls'),
  serverState: { online: 'connected', offline: 'offline', revoked: 'revoked' },
  confirmServerRevoke: (name: string) => `Revoke ${name} for good? Its sessions end at once.`,
  serverRevoked: (name: string) => `${name} is revoked`,
  noTokens: 'there are no join tokens',
  tokenState: { usable: 'usable', expired: 'expired', usedUp: 'used up', revoked: 'revoked' },
  tokenMade: (until: string, uses: number) =>
    `good until ${until} for ${count(uses, 'server', 'servers')}; it is not shown again. On the server, give it on standard input of:`,
  confirmTokenRevoke: (id: string) => `Revoke ${id}?`,
  tokenRevoked: (id: string) => `${id} is revoked`,
  deviceState: { connected: 'connected', away: 'not connected', revoked: 'revoked' },
  thisDevice: 'this one',
  confirmDeviceRevoke: (name: string) => `Revoke ${name} for good? Its sessions end at once.`,
  deviceRevoked: (name: string) => `${name} is revoked`,
  codeMade: (until: string) => `good until ${until}, once. On the other device: sally login -`,
  noSessions: 'there are no sessions',
  sessionState: { open: 'open', ended: 'ended' },
  confirmSessionEnd: (person: string, destination: string) => `End the session of ${person} on ${destination}?`,
  sessionEnded: (id: string) => `${id} is ended`,
  yes: 'yes',
  otherWorkspace: (now: string, before: string) =>
    words(
      `the gateway says it is the workspace ${now}, and this profile is of ${before}`,
      'ask whoever runs it; if it was made anew, run sally login again',
    ),
  sshConfigWritten: (path: string) => `written: ${path}`,
  includeAdded: (path: string) => `added an Include line at the top of ${path}`,
  includeThere: (path: string) => `the Include line is in ${path} already`,
  sshConfigNext: (domain: string) => `now try: ssh SERVER.${domain}`,
  hungUp: 'sally: hung up',
  escapeHelp: ['~.  hang up', '~~  send one ~', '~?  this help'],
  judged: { verdict: 'verdict', line: 'line', rules: 'rules', safer: 'safer' },
  rulesInvalid: (file: string, mistakes: number, list: string) =>
    words(
      `${file} has ${count(mistakes, 'mistake', 'mistakes')}: ${list}`,
      'mend them all; docs/command-rules.md shows the form',
    ),
  policyVersion: (version: number, author: string, at: string, reason: string) =>
    `version ${version}, by ${author}, ${at}: ${reason}`,
  policyValid: (file: string) => `${file} has no mistakes`,
  policyInvalid: (file: string, mistakes: number, list: string) =>
    words(
      `${file} has ${count(mistakes, 'mistake', 'mistakes')}: ${list}`,
      'mend them all; the policy in force stays as it is',
    ),
  policyApplied: (version: number) => `version ${version} is in force`,
  gatewayFailed: (step: string, message: string) => `the gateway did not start (${step}): ${message}`,
  clockDiffers: (by: string, isAhead: boolean) =>
    `the clock of this device is ${by} ${isAhead ? 'ahead of' : 'behind'} the gateway's: set it, or access will be refused`,
  completionShell: (given: string) => words(`there is no completion for ${given}`, 'use bash, zsh or fish'),
  ago: (duration: string) => `${duration} ago`,
  duration: {
    days: (days: number) => count(days, 'day', 'days'),
    hours: (hours: number) => count(hours, 'hour', 'hours'),
    minutes: (minutes: number) => `${minutes} min`,
    seconds: (seconds: number) => `${seconds} s`,
  },
  exec: {
    ended: (isSuccess: boolean): string => (isSuccess ? 'done' : 'failed'),
    cut: (bytes: number) => `only the first ${bytes} bytes of each output are shown`,
  },
  column: {
    agent: 'AGENT',
    channel: 'CHANNEL',
    door: 'DOOR',
    enrolled: 'ENROLLED',
    exit: 'EXIT',
    expires: 'EXPIRES',
    id: 'ID',
    kind: 'KIND',
    labels: 'LABELS',
    lasted: 'LASTED',
    lastSeen: 'LAST SEEN',
    login: 'LOGIN',
    name: 'NAME',
    opened: 'OPENED',
    outcome: 'OUTCOME',
    person: 'PERSON',
    recording: 'RECORDED',
    result: 'RESULT',
    server: 'SERVER',
    sessions: 'SESSIONS',
    started: 'STARTED',
    state: 'STATE',
    subject: 'SUBJECT',
    system: 'SYSTEM',
    time: 'TIME',
    uses: 'USES LEFT',
  },
  fact: {
    person: 'person',
    device: 'device',
    workspace: 'workspace',
    gateway: 'gateway',
    profile: 'profile',
    sshDomain: 'names for ssh',
    thisSide: 'As this device sees the connection',
    gatewaySide: 'As the gateway sees it',
    transport: 'transport',
    encryption: 'encryption',
    keyExchange: 'key exchange',
    integrity: 'integrity',
    aead: 'authenticated encryption (AEAD)',
    peer: 'peer',
    trust: 'trust',
    pinnedCa: 'the CA of the workspace, pinned',
    systemRoots: 'the roots of this system',
    deviceKey: 'identity',
    deviceKeyBound: 'Ed25519 key of this device, bound to this TLS connection (RFC 9266)',
    roundTrip: 'round trip',
    version: 'sally',
    sealLevel: 'seal level',
  },
};
