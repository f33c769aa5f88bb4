// Where and as whom a text would run. The caller says it; nothing here asks the machine.

export interface CommandContext {
  /** Absolute. */
  readonly cwd: string;
  /** Absolute. */
  readonly home: string;
  readonly login: string;
  /** Absolute path of the login's shell. */
  readonly shell: string;
}

export const unknownContext: CommandContext = {
  cwd: '/home/user',
  home: '/home/user',
  login: 'user',
  shell: '/bin/bash',
};
