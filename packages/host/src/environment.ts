// The environment that a login's process begins with: what sshd and pam_env give, and of the client's wishes what is accepted.
// It must never take a variable from outside that changes how programs are found, loaded or started.

import { basename } from 'node:path';
import type { Login } from './login.ts';
import { textOf } from './proc.ts';

/** login.defs(5) of Debian and of sshd itself. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin:/usr/games';
const defaultRootPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const defaultUmask = '022';

/** What the host's files say to every login; read anew for each session, as sshd does. */
export type HostSettings = { readonly definitions: string; readonly environment: string; readonly locale: string };

export function readHostSettings(): HostSettings {
  return {
    definitions: textOf('/etc/login.defs'),
    environment: textOf('/etc/environment'),
    locale: textOf('/etc/default/locale'),
  };
}

/** `accepted` is what acceptedVariables left of the client's wishes. */
export function environmentOf(
  login: Login,
  accepted: Readonly<Record<string, string>>,
  host: HostSettings,
  terminal?: { readonly type: string; readonly path: string },
): Record<string, string> {
  const path = definition(host.definitions, login.uid === 0 ? 'ENV_SUPATH' : 'ENV_PATH')?.replace(/^PATH=/, '');
  return {
    USER: login.name,
    LOGNAME: login.name,
    HOME: login.home,
    PATH: path ?? (login.uid === 0 ? defaultRootPath : defaultPath),
    SHELL: login.shell,
    // What sshd writes when its peer is no socket. Bash reads ~/.bashrc for a command only if there is SSH_CLIENT.
    SSH_CLIENT: 'UNKNOWN 65535 65535',
    SSH_CONNECTION: 'UNKNOWN 65535 UNKNOWN 65535',
    ...parseEnvironmentFile(host.environment),
    ...parseEnvironmentFile(host.locale),
    ...accepted,
    ...(terminal ? { TERM: terminal.type, SSH_TTY: terminal.path } : {}),
  };
}

/** Octal, for umask(1). */
export function umaskOf(host: HostSettings): string {
  const umask = definition(host.definitions, 'UMASK') ?? '';
  return /^[0-7]{3,4}$/.test(umask) ? umask : defaultUmask;
}

/** argv[0] as login(1) sets it: a leading dash makes any shell a login shell. */
export function argumentZero(shell: string, isLoginShell: boolean): string {
  return isLoginShell ? `-${basename(shell)}` : basename(shell);
}

/** The format of pam_env(8): `NAME=value`, optionally `export`, optionally quoted. The files are root's. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, written = ''] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=([^#]*)/.exec(line) ?? [];
    return name === undefined ? [] : [[name, unquoted(written.trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
}

function definition(text: string, name: string): string | undefined {
  for (const line of text.split('\n')) {
    const [key, ...rest] = line.trim().split(/\s+/);
    if (key === name && rest.length > 0) return rest.join(' ');
  }
  return undefined;
}
