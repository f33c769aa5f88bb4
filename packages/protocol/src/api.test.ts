// What a gateway that turned may not put into the files that ssh reads on people's devices.

import { describe, expect, it } from 'vitest';
import { deviceEnrolled, serverJoined, whoAmI } from './api.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPrZTc1nJ6Yp';

describe('an answer of the gateway', () => {
  it.each([
    'a * b', // Host *.a * b.sally: every ssh of this device would go through the gateway
    'a,*,b', // @cert-authority *.a,*,b.sally: its CA would be good for every host
    '*',
    '!a',
    'a b',
    'a.b',
    'A',
    '-a',
    'a"',
    '',
  ])('names no workspace %j (SES-2)', (workspace) => {
    for (const schema of [whoAmI, deviceEnrolled, serverJoined])
      expect(schema.shape.workspace.safeParse(workspace).success).toBe(false);
  });

  it.each([
    `${key}\n@cert-authority * ${key}`,
    `${key} comment`,
    `* ${key}`,
    `cert-authority ${key}`,
    'ssh-rsa AAAA',
    'ssh-ed25519 ',
  ])('certifies hosts with no key %j (SES-2)', (sshHostCa) => {
    for (const schema of [whoAmI, deviceEnrolled])
      expect(schema.shape.sshHostCa.safeParse(sshHostCa).success).toBe(false);
  });

  it('names a workspace and its key (SES-2)', () => {
    expect(whoAmI.shape.workspace.safeParse('acme-2').success).toBe(true);
    expect(whoAmI.shape.sshHostCa.safeParse(key).success).toBe(true);
  });
});
