// Accounts, groups, passwords and who may become whom.

import { known, unknown } from '../shell/value.ts';
import { type Call, lineOf, type Program, type Programs } from './program.ts';

const accountValues =
  'd home-dir home s shell g gid G groups u uid p password c comment k skel K key e expiredate f inactive l login R root P prefix h w n';

const privilegedGroup = /(?:^|,)(?:sudo|wheel|root|admin|docker|adm|lxd|disk)(?:,|$)/;

function account(detail: string): Program {
  return {
    values: accountValues,
    effects: (call) => {
      const name = call.operands.at(-1) ?? known('an account');
      const hasRootId =
        call.value('u', 'uid')?.text === '0' || /^(?:0|root|wheel)$/.test(call.value('g', 'gid')?.text ?? '');
      const isRoot = hasRootId || privilegedGroup.test(call.value('G', 'groups')?.text ?? '');
      const isLock = call.has('L', 'lock', 'e', 'expiredate') && detail === 'changed';
      const plain = isLock ? 'locked' : detail;
      call.emit('account', name, isRoot ? `${detail} privileged` : plain);
      if (call.has('p', 'password') && detail !== 'removed') call.emit('password', name, 'set');
    },
  };
}

function password(call: Call): undefined {
  if (call.has('S', 'status', 'a', 'all')) {
    call.emit('survey', 'password state');
    return;
  }
  const given = call.has('d', 'delete') ? 'removed' : 'set';
  const detail = call.has('l', 'lock', 'e', 'expire') ? 'locked' : given;
  call.emit('password', call.operands[0] ?? call.scope.login, detail);
}

/** FreeBSD: `pw useradd …`, `pw user mod …`. */
function pw(call: Call): undefined {
  const line = lineOf(call.operands);
  const isShow = /\b(?:show|next)\b/.test(line);
  if (isShow) return;
  const changed = /-g\s*0|wheel/.test(lineOf(call.words)) ? 'changed privileged' : 'changed';
  call.emit('account', line, /\bdel/.test(line) ? 'removed' : changed);
}

const survey = (topic: string): Program => ({ does: [['survey', topic]], operands: 'ignore' });

export const accountPrograms: Programs = {
  useradd: account('made'),
  adduser: account('made'),
  newusers: { operands: 'read', does: [['account', 'several', 'made']] },
  usermod: account('changed'),
  userdel: account('removed'),
  deluser: account('removed'),
  groupadd: account('made'),
  addgroup: account('made'),
  groupmod: account('changed'),
  groupdel: account('removed'),
  delgroup: account('removed'),
  gpasswd: {
    values: 'a d A M',
    effects: (call) =>
      call.emit(
        'account',
        call.operands.at(-1) ?? 'a group',
        /sudo|wheel|root|docker|adm/.test(lineOf(call.operands)) ? 'changed privileged' : 'changed',
      ),
  },
  passwd: { values: 'n x w i R', effects: password },
  chpasswd: { does: [['password', 'several accounts', 'set']] },
  chage: {
    values: 'd E I m M W',
    effects: (call) =>
      call.has('l', 'list')
        ? call.emit('find', 'password policy')
        : call.emit('account', call.operands[0] ?? 'an account', 'changed'),
  },
  chsh: { values: 's', effects: (call) => call.emit('account', call.operands[0] ?? call.scope.login, 'changed') },
  chfn: {
    values: 'f r w h o',
    effects: (call) => call.emit('account', call.operands[0] ?? call.scope.login, 'changed'),
  },
  pw: { effects: pw },
  dscl: {
    effects: (call) =>
      /(?:^|\s)-(?:create|append|passwd|delete|merge)\b/.test(lineOf(call.words))
        ? call.emit('account', lineOf(call.operands), 'changed')
        : call.emit('survey', 'accounts'),
  },
  pwpolicy: { does: [['find', 'password policy']] },
  faillog: { when: { r: ['account', 'failure counts', 'changed'] } },
  faillock: { when: { reset: ['account', 'failure counts', 'changed'] } },
  'pam-auth-update': { does: [['write', '/etc/pam.d', 'changed']] },
  authconfig: { does: [['write', '/etc/pam.d', 'changed']] },
  newgrp: { does: [['become', 'a group', 'shell']] },
  sg: {
    stopsAtOperand: true,
    values: 'c',
    does: [['become', 'a group', 'command']],
    effects: (call) => {
      const code = call.value('c');
      if (code !== undefined) call.shell(code);
    },
  },
  login: { does: [['become', 'an account', 'shell']] },
  id: {
    ...survey('accounts'),
    effects: (call) => {
      if (!call.has('u')) return undefined;
      return call.has('n') ? known(`${call.scope.login}\n`) : unknown('', 'computed');
    },
  },
  groups: survey('accounts'),
  members: survey('accounts'),
  lid: survey('accounts'),
  getent: {
    effects: (call) => {
      const [base] = call.operands;
      if (/^g?shadow$/.test(base?.text ?? '')) call.emit('read', `/etc/${base?.text ?? ''}`);
      else call.emit('survey', 'accounts');
      return unknown('', 'file');
    },
  },
  who: survey('accounts'),
  w: survey('accounts'),
  users: survey('accounts'),
  last: survey('sign-ins'),
  lastb: survey('sign-ins'),
  lastlog: survey('sign-ins'),
  lastlogin: survey('sign-ins'),
  finger: survey('accounts'),
  klist: { does: [['find', 'Kerberos tickets']] },
  kinit: { values: 'k t', does: [['become', 'a Kerberos principal', 'ticket']] },
  unshadow: { operands: 'read' },
  pwck: { when: { s: ['write', '/etc/passwd', 'changed'] } },
  pwunconv: { does: [['write', '/etc/shadow', 'changed']] },
  unix_chkpwd: { does: [['tool', 'unix_chkpwd']] },
};
