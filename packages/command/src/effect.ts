// What a command does, said in one shape for every program: a kind, its target, and the program that does it. It judges nothing.

/** Every kind of effect, with what its target is. The table is the vocabulary of rules and is printed in the documentation. */
export const effectKinds = {
  run: 'a program is started; the target is its name',
  read: 'a file is read; the target is its path',
  list: 'a folder is listed or searched, or names are looked for',
  write: 'a file is made, overwritten or appended to',
  delete: 'a file or folder is removed',
  change: 'mode, owner, attributes or times of a file change; the detail says which',
  execute: 'a file is run or loaded as code',
  download: 'data comes from the network; the target is the address',
  upload: 'data leaves over the network; the target is the address, the detail where the data comes from',
  connect: 'a connection to another machine is opened; the target is the address',
  listen: 'a port is opened or a tunnel made',
  scan: 'machines or ports are probed',
  capture: 'traffic, keys, screen, sound or another process is listened in on',
  become: 'privilege changes; the target is the account, the detail how',
  code: 'text is run as code; the target is the language, the detail where the text comes from',
  decode: 'hidden text is made readable; the detail says how',
  encode: 'text or a file is encoded',
  encrypt: 'a file is encrypted or packed under a password',
  archive: 'files are packed together',
  set: 'a variable that changes how programs behave is set; the target is its name',
  define: 'an alias, a trap, a key binding or a shell option that changes what later commands do',
  schedule: 'something is planned to run later',
  service: 'a service is changed; the detail says how (start, stop, enable, disable, mask …)',
  kill: 'processes are ended; the target names them',
  account: 'an account or group is made, changed or removed; the detail says how',
  password: 'a password is set, or stands in the command line',
  module: 'kernel code is loaded or removed',
  kernel: 'a kernel setting changes; the target is its name',
  firewall: 'packet filtering changes; the detail says how',
  security: 'a protection (SELinux, AppArmor, audit, malware scanner) is changed or asked about',
  mount: 'a file system is mounted or unmounted; the target is the place',
  disk: 'a disk is partitioned, formatted or written raw',
  container: 'a container or a cluster is changed; the detail says how',
  namespace: 'a name space, a root folder or a capability is changed',
  cloud: 'a cloud account or a directory service is changed or asked for secrets',
  package: 'software is installed or removed; the target is its name',
  build: 'a program is compiled or linked',
  power: 'the machine is stopped, restarted or put to sleep',
  clock: 'the clock or the time zone is set',
  history: 'the history of commands or a log is erased or switched off',
  exhaust: 'processor, memory, disk or process table is used up',
  proxy: 'traffic is sent through an anonymiser or a tunnel',
  tool: 'a program made for attack is started; the target is its name',
  shell: 'an interactive shell is opened from inside another program',
  survey: 'something about machine, accounts or network is looked up; the target is the subject',
  find: 'a search for secrets or weak places; the target says for what',
  unknown: 'what cannot be known from the text; the target is the text, the detail what it decides',
} as const;

export type EffectKind = keyof typeof effectKinds;

export interface Effect {
  readonly kind: EffectKind;
  readonly target: string;
  /** The program that does it; for shell syntax (a redirection, an assignment) the shell. */
  readonly program: string;
  /** The account it is done as, as far as the text says. */
  readonly as: string;
  /** False when a part of the target stands only for a value that the text does not give. */
  readonly isKnown: boolean;
  /** True when the target is a pattern that stands for several names. */
  readonly isPattern: boolean;
  readonly detail?: string;
  /** Only for `run`: the program as written, and its arguments. */
  readonly path?: string;
  readonly arguments?: readonly string[];
  /** Only for `run`: the wrappers it was found in, outermost first. */
  readonly through?: readonly string[];
}

/** Targets of these kinds are paths: normalised, and matched by path patterns. */
export const pathKinds: ReadonlySet<EffectKind> = new Set([
  'read',
  'list',
  'write',
  'delete',
  'change',
  'execute',
  'archive',
  'encrypt',
]);

export interface Analysis {
  readonly effects: readonly Effect[];
  /** False when a limit was reached or the text is no shell text: what is listed may be only a part. */
  readonly isComplete: boolean;
}
