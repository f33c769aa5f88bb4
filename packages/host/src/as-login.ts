// How a program is started as a login: two constant scripts with positional arguments, each replaced by the next program, so that
// nothing stays resident and the exit is the program's own. No text from outside ever becomes part of a script.

import type { Limits } from './groups.ts';
import type { Acting, Tools } from './host.ts';
import type { Login } from './login.ts';

export type Identity = {
  readonly login: Login;
  readonly acting: Acting;
  readonly groups: readonly number[];
  readonly limits: Limits;
  readonly umask: string;
};

export type Entrance = {
  /** cgroup.procs of the cell, or ''. */
  readonly cgroup: string;
  /** The terminal that becomes the controlling one, or ''. */
  readonly terminal: string;
};

export type Program = { readonly argumentZero: string; readonly file: string; readonly args: readonly string[] };
export type CommandLine = { readonly file: string; readonly args: readonly string[] };

// Still with the agent's rights: enters the cgroup first, so that no child can be born outside it. The audit login id is set where
// the kernel has one and it is still free. The agent may be protected from the kernel's choice when memory is short (its unit says
// so): a session is not, and as it is set by root a login cannot go back (proc_pid_oom_score_adj(5)). Opening the terminal as a session leader makes it the controlling one (tty_ioctl(4)).
const enter = `
if [ -n "$1" ]; then echo 0 > "$1" || exit 254; fi
if [ -n "$2" ]; then { echo "$2" > /proc/self/loginuid; } 2>/dev/null || :; fi
{ echo 0 > /proc/self/oom_score_adj; } 2>/dev/null || :
umask "$3" && ulimit -Sn "$4" || exit 254
if [ -n "$5" ]; then exec < "$5" > "$5" 2>&1; fi
shift 5
exec "$@"`;

// As the login: a home on a network may be closed to root. The text is sshd's.
const goHome = `
cd "$HOME" 2>/dev/null || { printf 'Could not chdir to home directory %s\\n' "$HOME" >&2; cd /; }
unset OLDPWD`;
const becomeByBash = `${goHome}
exec -a "$1" "$2" "\${@:3}"`;
const become = `${goHome}
shift
exec "$@"`;

/** Shells that take -l for what a leading dash in argv[0] says, for hosts without bash. */
const shellsWithLoginOption = /\/(sh|ash|dash|ksh|mksh|zsh|fish|tcsh|csh)$/;

export function asLogin(identity: Identity, tools: Tools, entrance: Entrance, program: Program): CommandLine {
  const { argumentZero, file, args } = program;
  const last = tools.bash
    ? [tools.bash, '--norc', '--noprofile', '-p', '-c', becomeByBash, 'sallyport', argumentZero, file, ...args]
    : [tools.sh, '-c', become, 'sallyport', argumentZero, file, ...loginOption(program), ...args];
  return entering(identity, tools, entrance, [...identityChange(identity, tools), ...last]);
}

/** Into the session's cell and limits, but still as the agent: for the login-hand, which changes its own identity. */
export function entering(
  identity: Identity,
  tools: Tools,
  entrance: Entrance,
  command: readonly string[],
): CommandLine {
  const { acting, limits, login, umask } = identity;
  const auditId = acting === 'as-root' ? String(login.uid) : '';
  const first = [entrance.cgroup, auditId, umask, limits.openFiles, entrance.terminal];
  const limited = tools.prlimit && limits.prlimit.length > 0 ? [tools.prlimit, ...limits.prlimit, '--'] : [];
  return { file: tools.sh, args: ['-c', enter, 'sallyport', ...first, ...limited, ...command] };
}

function identityChange({ acting, groups, limits, login }: Identity, tools: Tools): readonly string[] {
  if (acting === 'as-self' || !tools.setpriv) return [];
  const bound = limits.hasNoNewPrivileges ? ['--no-new-privs'] : [];
  const ids = [`--reuid=${login.uid}`, `--regid=${login.gid}`, `--groups=${groups.join(',')}`];
  return [tools.setpriv, ...ids, '--inh-caps=-all', ...bound, '--'];
}

function loginOption({ argumentZero, file }: Program): readonly string[] {
  return argumentZero.startsWith('-') && shellsWithLoginOption.test(file) ? ['-l'] : [];
}
