// A login of this host, from its name service, and whether it may be used: what sshd asks before it opens a session.
// A password that is locked does not matter, as with sshd under PAM: nobody signs in with one here.

import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import { loginName, type Refusal } from '@sallyport/protocol';
import { findProgram, run } from './command.ts';
import { hostUnable, loginNotAllowed, loginUnknown } from './refusals.ts';

export type Login = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** Absolute path; /bin/sh where the account names none (passwd(5)). */
  readonly shell: string;
};

const dayMs = 86_400_000;
const maxNoticeChars = 400;
/** pam_nologin(8) reads these two, in this order. */
const noLoginFiles = ['/run/nologin', '/etc/nologin'];
const shellsThatRefuse = ['nologin', 'false'];

/** The login of that name as NSS knows it (files, LDAP, …). */
export async function findLogin(name: string): Promise<Result<Login, Refusal>> {
  if (!loginName.safeParse(name).success) return err(loginUnknown(name.slice(0, 32), 'not a login name'));
  const getent = findProgram('getent');
  if (!getent) return err(hostUnable('this host has no getent', 'install it: libc-bin, glibc-common or musl-utils'));
  const answer = await run(getent, ['passwd', name]);
  if (!answer.ok)
    return err(
      hostUnable(`the name service did not answer for ${name}`, 'check nsswitch.conf', { detail: answer.error }),
    );
  // getent(1): 2 is "one or more supplied keys could not be found".
  if (answer.value.status === 2) return err(loginUnknown(name, 'getent passwd knows no such name'));
  if (answer.value.status !== 0) {
    return err(
      hostUnable(`the name service failed for ${name}`, 'check nsswitch.conf', { status: answer.value.status }),
    );
  }
  const login = parsePasswd(answer.value.stdout);
  // A name service that ignores case must not turn a login that policy allowed into another one.
  if (login?.name !== name) return err(loginUnknown(name, 'the account entry is malformed or is of another name'));
  return ok(login);
}

/** One line of passwd(5): name:password:uid:gid:gecos:home:shell. */
export function parsePasswd(text: string): Login | undefined {
  const [line = ''] = text.split('\n');
  const [name, , uid, gid, , home, shell, ...rest] = line.split(':');
  if (name === undefined || home === undefined || shell === undefined || rest.length > 0) return undefined;
  const ids = [uid, gid].map((id) => (id !== undefined && /^\d{1,10}$/.test(id) ? Number(id) : Number.NaN));
  const [uidNumber = Number.NaN, gidNumber = Number.NaN] = ids;
  // -1 means "leave as it is" to setresuid(2): an account with it would keep the agent's identity.
  if (!(uidNumber < 0xffff_ffff && gidNumber < 0xffff_ffff)) return undefined;
  return {
    name,
    uid: uidNumber,
    gid: gidNumber,
    home: home === '' ? '/' : home,
    shell: shell === '' ? '/bin/sh' : shell,
  };
}

/** Why the login may not be used now, or nothing. `acting` as root sees expiry dates; others cannot read them. */
export async function admitLogin(
  login: Login,
  acting: 'as-root' | 'as-self',
  clock: Clock,
): Promise<Result<void, Refusal>> {
  const why = unusableShell(login.shell);
  if (why) return err(loginNotAllowed(login.name, why.why, why.hint));
  if (login.uid !== 0) {
    const notice = noLoginNotice();
    if (notice !== undefined) {
      return err(
        loginNotAllowed(
          login.name,
          `logins are closed (nologin): ${notice}`,
          'wait, or ask for root: nologin keeps others out',
        ),
      );
    }
  }
  if (acting === 'as-root' && (await isExpired(login.name, clock))) {
    return err(loginNotAllowed(login.name, 'the account has expired', 'an administrator can extend it: chage -E'));
  }
  return ok();
}

// allowed_user() in OpenSSH's auth.c, and the two shells that only say no.
function unusableShell(shell: string): { why: string; hint: string } | undefined {
  const hint = 'give the login a shell with chsh, or ask for another login';
  if (shellsThatRefuse.includes(basename(shell))) return { why: `its shell is ${shell}`, hint };
  try {
    if (!statSync(shell).isFile()) return { why: `its shell ${shell} is not a file`, hint };
    accessSync(shell, constants.X_OK);
  } catch {
    return { why: `its shell ${shell} does not exist or is not executable`, hint };
  }
  return undefined;
}

function noLoginNotice(): string | undefined {
  for (const file of noLoginFiles) {
    try {
      const text = readFileSync(file, 'utf8');
      return text.slice(0, maxNoticeChars).replace(/\s+/g, ' ').trim();
    } catch {
      // No such file: logins are open.
    }
  }
  return undefined;
}

// shadow(5), field 8: the account expires that many days after 1970-01-01. Name services without shadow have no such date.
async function isExpired(name: string, clock: Clock): Promise<boolean> {
  const getent = findProgram('getent');
  const answer = getent ? await run(getent, ['shadow', name]) : undefined;
  if (!answer?.ok || answer.value.status !== 0) return false;
  const expiry = answer.value.stdout.split('\n')[0]?.split(':')[7] ?? '';
  return /^\d{1,9}$/.test(expiry) && clock.now() >= Number(expiry) * dayMs;
}
