// English: the commands a person works with.

import type { CommandWords } from './words.ts';

export const accessCommandsEn = {
  root: {
    summary: 'Zero-trust access to servers, for people and AI agents',
    description:
      'Sallyport reaches servers that open no port. Every session goes through the gateway: authenticated, decided by policy, recorded and logged.\n\nStart with `sally login LINK`, then `sally ls` and `sally ssh SERVER`.',
    options: { version: 'print the version', help: 'print help' },
    arguments: { command: 'the command to explain' },
    examples: [
      {
        run: "sally login 'https://gateway.example:8443/enrol#CODE'",
        means: 'enrol this device with the link you were given',
      },
      { run: 'sally ls', means: 'see the servers' },
      { run: 'sally ssh deploy@web-1', means: 'open a shell on web-1 as deploy' },
      { run: 'sally ssh-config --write', means: 'make ssh, scp, rsync and editors work as well' },
    ],
  },
  help: { summary: 'explain a command', description: '', options: {}, arguments: {}, examples: [] },
  common: {
    summary: '',
    description: '',
    options: {
      json: 'print JSON, for programs',
      profile: 'which profile to use, when this device has several (or SALLY_PROFILE)',
      lang: 'language of the words: en or ko (otherwise from LANG)',
    },
    arguments: {},
    examples: [],
  },
  login: {
    summary: 'enrol this device at a gateway',
    description:
      'Makes a key on this device and registers it at the gateway with a one-time link or code. The key never leaves the device; there is no password. The link carries the fingerprint of the gateway, so no other gateway can answer in its place.\n\nWithout LINK it is asked for without being shown. With - it is read from standard input.',
    options: {
      codeFile: 'read the link or the code from a file, or from standard input with -',
      name: 'what to call this device (otherwise its host name)',
      force: 'replace the profile that is there',
    },
    arguments: { link: 'the enrolment link, or the address of the gateway with --code-file' },
    examples: [
      {
        run: "sally login 'https://gateway.example:8443/enrol#CODE'",
        means: 'quote the link: # begins a comment in a shell',
      },
      { run: 'sally login --code-file link.txt', means: 'keep the link out of the list of processes' },
      { run: 'sally login - --profile work', means: 'read the link from standard input, into a profile of its own' },
    ],
  },
  logout: {
    summary: 'forget the gateway and delete the key of this device',
    description:
      'Deletes the profile and the private key from this device. The gateway still lists the device; nobody can use it without the key.',
    options: { yes: 'do not ask' },
    arguments: {},
    examples: [{ run: 'sally logout --profile work', means: 'forget one of several gateways' }],
  },
  status: {
    summary: 'show who you are, where, and how the connection is protected',
    description:
      'With --verbose it prints what was really negotiated, each value read from the live connection: by this device, and as the gateway saw it.',
    options: { verbose: 'what was really negotiated' },
    arguments: {},
    examples: [
      { run: 'sally status', means: 'who you are, and whether the gateway answers' },
      { run: 'sally status --verbose', means: 'transport, encryption, key exchange, identity' },
    ],
  },
  ls: {
    summary: 'list the servers',
    description: '',
    options: { label: 'only servers with this label, as name=value; may be repeated' },
    arguments: {},
    examples: [
      { run: 'sally ls', means: 'all servers' },
      { run: 'sally ls --label env=prod --json', means: 'those of production, for a program' },
    ],
  },
  ssh: {
    summary: 'open a shell on a server, or run a command line there',
    description:
      "Words after -- are joined by spaces and run by the login's own shell, as ssh does. Without them you get a shell. The exit status is that of the shell or the command; 128 and the signal's number when a signal ended it.\n\nOn a line of its own, ~. hangs up and ~? explains. Without LOGIN your login on this device is used.",
    options: { tty: 'ask for a terminal, also for a command', noTty: 'ask for no terminal' },
    arguments: { destination: 'the server, with the login before @' },
    examples: [
      { run: 'sally ssh web-1', means: 'a shell as your own login' },
      { run: 'sally ssh deploy@web-1', means: 'a shell as deploy' },
      { run: "sally ssh web-1 -- 'df -h | sort'", means: 'a command line, with the operators of the shell' },
      { run: 'sally ssh -t web-1 -- top', means: 'a command that needs a terminal' },
    ],
  },
  exec: {
    summary: 'run a command on one server or on many',
    description:
      "The words after -- reach the command exactly as they are given: the shell there reads nothing into them. For pipes and redirections use sally ssh, or -- sh -c 'LINE'.\n\nOn one server, standard input, output and errors are carried through byte by byte, and the exit status is that of the command. On many servers standard input is closed and a table of results follows. Then the exit status is 0 when every command exited 0, otherwise the largest exit status of them all; a server that refused or could not be reached counts with the status that sally has for it.",
    options: {
      label: 'every connected server with this label, as name=value; may be repeated',
      login: 'login for servers that are named without one',
      parallel: 'on how many servers at a time (8)',
    },
    arguments: { destination: 'servers, each with the login before @' },
    examples: [
      { run: 'sally exec web-1 -- systemctl status nginx', means: 'on one server' },
      { run: 'sally exec --label env=prod --login deploy -- uptime', means: 'on every server of production' },
      { run: "sally exec web-1 db-1 -- sh -c 'df -h | tail -1'", means: 'on two servers, with a pipe' },
    ],
  },
  proxy: {
    summary: 'carry one SSH connection (ProxyCommand of ssh)',
    description:
      'Connects standard input and output with the SSH door of the gateway. ssh starts it by itself once `sally ssh-config --write` has been run.',
    options: {},
    arguments: { host: 'the server, with or without the domain of the workspace' },
    examples: [{ run: 'sally proxy web-1.acme.sally', means: 'what ssh runs' }],
  },
  sshConfig: {
    summary: 'make ssh, scp, sftp, rsync, git and editors work through Sallyport',
    description:
      'Prints the block for ssh_config(5). With --write it is kept in a file of its own, and one Include line is added at the top of ~/.ssh/config, once. Then `ssh LOGIN@SERVER.WORKSPACE.sally` works, with no question about host keys.',
    options: { write: 'write it instead of printing it' },
    arguments: {},
    examples: [
      { run: 'sally ssh-config', means: 'look at it first' },
      { run: 'sally ssh-config --write', means: 'write it' },
    ],
  },
  completion: {
    summary: 'print the completion script of a shell',
    description: 'Completes commands, options and the names of your servers.',
    options: {},
    arguments: { shell: 'bash, zsh or fish' },
    examples: [
      { run: 'sally completion bash', means: 'source <(sally completion bash)' },
      { run: 'sally completion zsh', means: 'source <(sally completion zsh)' },
      { run: 'sally completion fish', means: 'sally completion fish | source' },
    ],
  },
} satisfies Record<string, CommandWords>;
