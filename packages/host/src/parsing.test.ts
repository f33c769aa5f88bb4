// What is read from the host and from a client: accounts, environments, wait statuses, /proc, terminal modes.

import { describe, expect, it } from 'vitest';
import { cgroup2Mount } from './cgroup.ts';
import { acceptedVariables } from './client-environment.ts';
import { environmentOf, parseEnvironmentFile, umaskOf } from './environment.ts';
import { exitOf, exitStatusOf } from './exit-status.ts';
import { parseLimits } from './groups.ts';
import { parsePasswd } from './login.ts';
import { applyModes, endOfFileOf, termiosBytes } from './terminal-modes.ts';

const dana = { name: 'dana', uid: 1000, gid: 1001, home: '/home/dana', shell: '/bin/bash' };

describe('an account entry', () => {
  it.each([
    ['dana:x:1000:1001:Dana:/home/dana:/bin/bash\n', dana],
    ['dana:x:1000:1001:::\n', { ...dana, home: '/', shell: '/bin/sh' }],
    ['dana:x:1000:1001:Dana:/home/dana:/bin/bash:more', undefined],
    ['dana:x:-1:1001:Dana:/home/dana:/bin/bash', undefined],
    ['dana:x:4294967295:1001:Dana:/home/dana:/bin/bash', undefined],
    ['dana:x:1000::Dana:/home/dana:/bin/bash', undefined],
    ['', undefined],
  ])('%j is read strictly (SES-1)', (line, expected) => {
    expect(parsePasswd(line)).toEqual(expected);
  });
});

describe('the environment of a login', () => {
  const host = {
    definitions: 'ENV_PATH PATH=/usr/bin:/bin\nENV_SUPATH\tPATH=/sbin:/bin\nUMASK\t\t027\n# UMASK 077\n',
    environment: '# a comment\nTZ="Asia/Seoul"\nexport LANG=C\n=broken\nEDITOR=vi # the one\n',
    locale: "LANG='ko_KR.UTF-8'\n",
  };

  it('is made of the host’s files, in the order of pam_env (SES-1)', () => {
    expect(environmentOf(dana, {}, host)).toMatchObject({
      TZ: 'Asia/Seoul',
      LANG: 'ko_KR.UTF-8',
      EDITOR: 'vi',
      PATH: '/usr/bin:/bin',
    });
    expect(environmentOf({ ...dana, uid: 0 }, {}, host)['PATH']).toBe('/sbin:/bin');
    expect(umaskOf(host)).toBe('027');
    expect(umaskOf({ definitions: 'UMASK 0x9', environment: '', locale: '' })).toBe('022');
  });

  const wide = ['*'];
  it.each([
    ['LANG', 'C', true],
    ['LC_ALL', 'de_DE@euro', true],
    ['LC_ALL', 'a/../b', false],
    ['LC_ALL', 'x\ny', false],
    ['LD_PRELOAD', 'x', false],
    ['LANGUAGE', 'de', false],
    ['TERM', 'x', false],
    ['PATH', '/tmp', false],
    ['BASH_ENV', 'x', false],
    ['XLC_ALL', 'C', false],
    ['NO_COLOR', '1', true],
    ['GIT_AUTHOR_NAME', 'Dana', false],
    ['GIT_AUTHOR_NAME', 'Dana Ko', true, ['GIT_AUTHOR_*']],
    ['DEPLOY_TO', 'a; b\n"c"', true, wide],
    ['DEPLOY_TO', '() { :; }; id', false, wide],
    ['LC_ALL', 'a/../b', false, wide],
    ['a b', 'x', false, wide],
    ['LD_PRELOAD', 'x', false, ['LD_PRELOAD']],
    ['PATH', '/tmp', false, wide],
    ['BASH_FUNC_ls%%', '() { :; }', false, wide],
    ['BASH_ENV', 'x', false, wide],
    ['NODE_OPTIONS', '--require x', false, wide],
    ['GIT_SSH_COMMAND', 'x', false, wide],
    ['LESSOPEN', '|x', false, wide],
    ['SSH_AUTH_SOCK', '/tmp/x', false, wide],
    ['HOME', '/tmp', false, wide],
  ])('the client’s %s=%j is taken: %s (SES-1, SES-2)', (name, value, isTaken, accepted?: readonly string[]) => {
    expect(acceptedVariables({ [name]: value }, accepted)).toEqual(isTaken ? { [name]: value } : {});
  });

  it('has what is accepted of the client’s wishes after the host’s own files (SES-1)', () => {
    expect(environmentOf(dana, { LANG: 'C' }, host)['LANG']).toBe('C');
  });

  it('names its terminal when it has one (SES-1)', () => {
    const given = environmentOf(dana, {}, host, { type: 'vt100', path: '/dev/pts/7' });
    expect([given['TERM'], given['SSH_TTY']]).toEqual(['vt100', '/dev/pts/7']);
    expect(parseEnvironmentFile('')).toEqual({});
  });
});

describe('the end of a process', () => {
  it.each([
    [0x0000, { how: 'exited', status: 0 }],
    [0xff00, { how: 'exited', status: 255 }],
    [9, { how: 'signalled', signal: 'KILL', isCoreDumped: false }],
    [11 | 0x80, { how: 'signalled', signal: 'SEGV', isCoreDumped: true }],
    [40, { how: 'signalled', signal: 'RT40', isCoreDumped: false }],
  ])('wait status %i is told in full (SES-1)', (status, expected) => {
    expect(exitStatusOf(status)).toEqual(expected);
  });

  it('is Node’s word where the wait status was not seen, and never contradicts it (SES-1)', () => {
    expect(exitOf(null, 'SIGABRT', undefined)).toEqual({ how: 'signalled', signal: 'ABRT', isCoreDumped: false });
    expect(exitOf(3, null, 9)).toEqual({ how: 'exited', status: 3 });
    expect(exitOf(0, null, 34)).toMatchObject({ how: 'signalled', signal: 'RT34' });
  });
});

describe('the tables of /proc', () => {
  it('give limits by the names of prlimit(1) (SES-1)', () => {
    const text = `Limit                     Soft Limit           Hard Limit           Units     
Max open files            1024                 524288               files     
Max core file size        0                    unlimited            bytes     
Max something new         1                    2                    things    
`;
    expect([...parseLimits(text)]).toEqual([
      ['nofile', { soft: '1024', hard: '524288' }],
      ['core', { soft: '0', hard: 'unlimited' }],
    ]);
  });

  it.each([
    ['30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw', '/sys/fs/cgroup'],
    ['31 30 0:27 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n', '/sys/fs/cgroup/unified'],
    ['31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu', undefined],
    ['31 30 0:27 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw', undefined],
  ])('give the mount of cgroup version 2 (SES-1)', (mountinfo, expected) => {
    expect(cgroup2Mount(mountinfo)).toBe(expected);
  });
});

describe('terminal modes', () => {
  it('change what they name and nothing else (SES-1)', () => {
    const termios = Buffer.alloc(termiosBytes, 0xff);
    applyModes(termios, { ECHO: 0, VINTR: 3, VEOF: 255, VERASE: 300, NOSUCH: 0, toString: 0 });
    expect(termios.readUInt32LE(12)).toBe(0xffff_fff7);
    expect([...termios.subarray(17, 22)]).toEqual([3, 0xff, 0xff, 0xff, 0]);
    expect(termios.readUInt32LE(0)).toBe(0xffff_ffff);
    applyModes(termios, { ECHO: 1 });
    expect(termios.readUInt32LE(12)).toBe(0xffff_ffff);
  });

  it.each([
    [{}, 4],
    [{ VEOF: 26 }, 26],
    [{ VEOF: 255 }, undefined],
    [{ VEOF: 0 }, undefined],
  ])('%j tell the end-of-file character (SES-1)', (modes, expected) => {
    expect(endOfFileOf(modes)).toBe(expected);
  });
});
