// Who a process is: as a real login of the account would be.

import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { expectOk } from '@sallyport/core';
import { findLogin } from '../login.ts';
import { groupIds, uids } from './bed.ts';
import type { Scenarios } from './scenario.ts';

/** What a PAM session of this host gives the login. */
const reference = (login: string, script: string) =>
  execFileSync('runuser', ['-u', login, '--', 'sh', '-c', script], { encoding: 'utf8' });

export const loginScenarios: Scenarios = {
  identity: async (ground) => {
    const question = 'id -u; id -g; id -G; id -ru; grep CapEff /proc/self/status';
    const { stdout, exit } = await ground.run(await ground.machine(), question);
    assert.deepEqual(exit, { how: 'exited', status: 0 });
    assert.equal(stdout, reference('dana', question));
    assert.match(stdout, new RegExp(`^${uids.dana} ${groupIds.builders} ${groupIds.readers}$`, 'm'));
  },

  limits: async (ground) => {
    const question = 'ulimit -Hn; ulimit -Sn; cat /proc/self/limits | grep -v "open files"';
    const { stdout } = await ground.run(await ground.machine(), question);
    assert.equal(stdout, reference('dana', question));
    assert.match(stdout, /^300\n200\n/);
    assert.match(stdout, /Max processes +4321 +4321/);
    const other = await ground.run(await ground.machine('locked'), 'ulimit -Sn; umask');
    assert.equal(other.stdout, '1024\n0022\n');
  },

  home: async (ground) => {
    assert.equal((await ground.run(await ground.machine(), 'pwd -P')).stdout, `${ground.folder}/dana\n`);
    const homeless = await ground.run(await ground.machine('erin'), 'pwd -P');
    assert.equal(homeless.stdout, '/\n');
    assert.equal(homeless.stderr, `Could not chdir to home directory ${ground.folder}/no-such-home\n`);
  },

  environment: async (ground) => {
    const environment = {
      LANG: 'C.UTF-8',
      LC_TIME: 'C',
      LC_ALL: '../../tmp/x',
      LD_PRELOAD: '/tmp/x.so',
      BASH_ENV: '/tmp/x',
      ENV: '/tmp/x',
      PATH: '/tmp',
      HOME: '/tmp',
      SSH_AUTH_SOCK: '/tmp/x',
      SALLY_X: 'x',
    };
    const { stdout } = await ground.run(await ground.machine('locked'), 'env', { environment });
    const given = Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=', 2)),
    );
    for (const fromShell of ['_', 'PWD', 'SHLVL']) delete given[fromShell];
    assert.equal(given['LANG'], 'C.UTF-8');
    const { LC_TIME, USER, LOGNAME, HOME, SHELL } = given;
    assert.deepEqual(
      { LC_TIME, USER, LOGNAME, HOME, SHELL },
      { LC_TIME: 'C', USER: 'locked', LOGNAME: 'locked', HOME: '/', SHELL: '/bin/sh' },
    );
    for (const name of ['LC_ALL', 'LD_PRELOAD', 'BASH_ENV', 'ENV', 'SSH_AUTH_SOCK', 'SALLY_X'])
      assert.equal(given[name], undefined, name);
    assert.doesNotMatch(given['PATH'] ?? '', /tmp|sbin/);
  },

  shells: async (ground) => {
    const machine = await ground.machine();
    const shell = expectOk(await machine.shell({ kind: 'shell', environment: {} }));
    shell.stdin.end('echo "$0"; shopt -q login_shell && echo login; exit 7\n');
    assert.equal((await buffer(shell.stdout)).toString(), '-bash\nlogin\n');
    assert.deepEqual(await shell.exit, { how: 'exited', status: 7 });
    assert.equal((await ground.run(machine, 'echo "$0"; shopt -q login_shell || echo plain')).stdout, 'bash\nplain\n');
  },

  withoutBash: async (ground) => {
    const host = { ...ground.host, tools: { ...ground.host.tools, bash: undefined } };
    const machine = await ground.machine('erin', { host });
    const profile = `echo "$-" | grep -c l; id -un; exit 6\n`;
    const shell = expectOk(await machine.shell({ kind: 'shell', environment: {} }));
    shell.stdin.end(profile);
    assert.match((await buffer(shell.stdout)).toString(), /\nerin\n$|^erin\n/);
    assert.deepEqual(await shell.exit, { how: 'exited', status: 6 });
    assert.deepEqual((await ground.run(machine, 'exit 8')).exit, { how: 'exited', status: 8 });
  },

  restrictedShell: async (ground) => {
    const machine = await ground.machine('jailed');
    const sftp = expectOk(await machine.sftp({ kind: 'sftp' }));
    assert.match((await buffer(sftp.stdout)).toString(), /^jail -c .*sftp-server\n$/);
    assert.deepEqual(await sftp.exit, { how: 'exited', status: 3 });
  },

  refusals: async (ground) => {
    const refusals: readonly (readonly [login: string, code: string, why: RegExp])[] = [
      ['no-such-login', 'LOGIN_UNKNOWN', /no login no-such-login/],
      ['Dana', 'LOGIN_UNKNOWN', /no login Dana/],
      ['minus-one', 'LOGIN_UNKNOWN', /no login minus-one/],
      ['nologin', 'LOGIN_NOT_ALLOWED', /its shell is \/usr\/sbin\/nologin/],
      ['falsy', 'LOGIN_NOT_ALLOWED', /its shell is \/bin\/false/],
      ['shell-less', 'LOGIN_NOT_ALLOWED', /does not exist/],
      ['expired', 'LOGIN_NOT_ALLOWED', /expired/],
    ];
    for (const [login, code, why] of refusals) {
      const refused = await ground.tryMachine(login);
      assert(!refused.ok, login);
      assert.equal(refused.error.code, code, login);
      assert.match(refused.error.message, why);
    }
    assert((await ground.tryMachine('locked')).ok, 'a locked password does not matter where nobody signs in with one');
    assert(!(await findLogin('64101')).ok, 'a number is no name');
  },

  closedLogins: async (ground) => {
    writeFileSync('/run/nologin', 'System is going down.\n');
    try {
      const refused = await ground.tryMachine('dana');
      assert(!refused.ok);
      assert.equal(refused.error.code, 'LOGIN_NOT_ALLOWED');
      assert.match(refused.error.message, /nologin.*System is going down\./);
      assert((await ground.tryMachine('root')).ok, 'root may still log in');
    } finally {
      rmSync('/run/nologin');
    }
  },
};
