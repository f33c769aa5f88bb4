// The groups and limits that a real login of an account gets: from NSS, and from the host's own PAM session.

import { readFileSync } from 'node:fs';
import { err, ok, type Result } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { run } from './command.ts';
import type { Tools } from './host.ts';
import type { Login } from './login.ts';
import { hostUnable } from './refusals.ts';

/** Supplementary groups as initgroups(3) gives them, the primary one included. */
export async function groupsOf(login: Login, tools: Tools): Promise<Result<readonly number[], Refusal>> {
  const answer = await run(tools.id, ['-G', login.name]);
  const ids = answer.ok && answer.value.status === 0 ? answer.value.stdout.trim().split(/\s+/) : [];
  if (ids.length === 0 || !ids.every((id) => /^\d{1,10}$/.test(id))) {
    return err(hostUnable(`the groups of ${login.name} are not known`, 'check `id` for that login on the server'));
  }
  return ok(ids.map(Number));
}

export type Limits = {
  /** Soft limit of open files. Node raises its own to the hard one; a login must not inherit that. */
  readonly openFiles: string;
  /** Arguments of prlimit(1) for what differs from the agent's own. */
  readonly prlimit: readonly string[];
  readonly hasNoNewPrivileges: boolean;
};

/** The soft limit that systemd gives a service, and so to a login of sshd (systemd-system.conf(5), DefaultLimitNOFILE). */
const defaultOpenFiles = 1024;

// Name in /proc/PID/limits → option of prlimit(1).
const limitOptions: Readonly<Record<string, string>> = {
  'Max address space': 'as',
  'Max core file size': 'core',
  'Max cpu time': 'cpu',
  'Max data size': 'data',
  'Max file size': 'fsize',
  'Max file locks': 'locks',
  'Max locked memory': 'memlock',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max open files': 'nofile',
  'Max processes': 'nproc',
  'Max resident set': 'rss',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
  'Max pending signals': 'sigpending',
  'Max stack size': 'stack',
};

/** What pam_limits(8) of this host makes of a login: its own PAM session is opened once and asked, so no rule is read twice. */
export async function limitsOf(login: Login, tools: Tools): Promise<Result<Limits, Refusal>> {
  const own = parseLimits(readFileSync('/proc/self/limits', 'utf8'));
  const openFiles = String(Math.min(defaultOpenFiles, toNumber(own.get('nofile')?.hard)));
  const inherited: Limits = { openFiles, prlimit: [], hasNoNewPrivileges: false };
  if (!tools.runuser || !tools.prlimit || process.getuid?.() !== 0) return ok(inherited);
  const question = ['-c', 'ulimit -Sn "$1"; shift; exec "$@"', 'sallyport', openFiles];
  const command = [tools.runuser, '-u', login.name, '--', tools.cat, '/proc/self/limits', '/proc/self/status'];
  const answer = await run(tools.sh, [...question, ...command]);
  if (!answer.ok || answer.value.status !== 0) {
    const detail = answer.ok ? answer.value.stderr.slice(0, 500) : answer.error;
    const hint = `run on the server, as root: runuser -u ${login.name} -- true`;
    return err(hostUnable(`the host's PAM does not open a session for ${login.name}`, hint, { detail }));
  }
  const given = parseLimits(answer.value.stdout);
  return ok({
    openFiles: given.get('nofile')?.soft ?? openFiles,
    prlimit: [...given].flatMap(([option, limit]) =>
      differs(option, limit, own.get(option)) ? [`--${option}=${limit.soft}:${limit.hard}`] : [],
    ),
    hasNoNewPrivileges: /^NoNewPrivs:\s*1$/m.test(answer.value.stdout),
  });
}

type Limit = { readonly soft: string; readonly hard: string };

/** The table of /proc/PID/limits (proc(5)), by the options of prlimit(1). */
export function parseLimits(text: string): Map<string, Limit> {
  const limits = new Map<string, Limit>();
  for (const line of text.split('\n')) {
    const [, name = '', soft, hard] = /^(Max [a-z ]+?)\s{2,}(\d+|unlimited)\s+(\d+|unlimited)/.exec(line) ?? [];
    const option = limitOptions[name];
    if (option && soft && hard) limits.set(option, { soft, hard });
  }
  return limits;
}

function differs(option: string, given: Limit, own: Limit | undefined): boolean {
  // The soft limit of open files is set by the shell's ulimit for every process anyway.
  return given.hard !== own?.hard || (option !== 'nofile' && given.soft !== own.soft);
}

function toNumber(limit: string | undefined): number {
  return limit === undefined || limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
