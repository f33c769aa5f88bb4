// The generated ssh_config against the real ssh, and the Include line on real files.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@sallyport/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { includeLine, knowsWeakCryptoWarning, serverOfHost, sshBlock } from './config-block.ts';
import { addInclude } from './include.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sally-ssh-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parts = {
  folder: '/home/anna/.config/sallyport/default',
  workspace: 'acme',
  sshHostCa: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEr1',
  runtimePath: '/usr/bin/node',
  programPath: '/opt/sally port/dist/sally.mjs',
  knowsWeakCryptoWarning: false,
};

/** What the real ssh makes of a configuration for a host: option → value. */
function effective(config: string, host: string): Map<string, string> {
  const path = join(folder, 'config');
  writeFileSync(path, config);
  const lines = execFileSync('ssh', ['-G', '-F', path, host], { stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .trim()
    .split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

describe('the ssh_config block', () => {
  it('is this text (SES-2)', () => {
    expect(expectOk(sshBlock(parts))).toMatchSnapshot();
  });

  it('is accepted by the real ssh and means what it says (SES-2)', () => {
    const options = effective(expectOk(sshBlock({ ...parts, folder: '/home/an na/50%/x' })).config, 'web-1.acme.sally');
    expect(Object.fromEntries(options)).toMatchObject({
      proxycommand: "/usr/bin/node '/opt/sally port/dist/sally.mjs' proxy --profile '/home/an na/50%%/x' %h",
      identitiesonly: 'yes',
      identityagent: 'none',
      stricthostkeychecking: 'true',
      hostkeyalgorithms: 'ssh-ed25519-cert-v01@openssh.com',
      globalknownhostsfile: '/dev/null',
      updatehostkeys: 'false',
      serveraliveinterval: '15',
    });
    expect(options.get('identityfile')).toBe('/home/an na/50%%/x/id_ed25519');
    expect(options.get('userknownhostsfile')).toBe('/home/an na/50%/x/known_hosts');
  });

  it('holds for servers of the workspace only, and breaks ssh for no other host (SES-2)', () => {
    expect(effective(expectOk(sshBlock(parts)).config, 'web-1.acme.example').has('proxycommand')).toBe(false);
  });

  it.each([
    ['OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026', false],
    ['OpenSSH_10.0p2, OpenSSL 3.5.0', false],
    ['OpenSSH_10.1p1, LibreSSL 4.1.0', true],
    ['OpenSSH_11.0p1', true],
    ['', false],
  ])('turns the weak crypto warning off only for an ssh that knows the word: %s (SES-2)', (version, isKnown) => {
    expect(knowsWeakCryptoWarning(version)).toBe(isKnown);
    const { config } = expectOk(sshBlock({ ...parts, knowsWeakCryptoWarning: isKnown }));
    expect(config.includes('WarnWeakCrypto')).toBe(isKnown);
  });

  it('names the folder of the profile, so that the environment of ssh does not matter (SES-2)', () => {
    expect(expectOk(sshBlock(parts)).config).toContain(` proxy --profile ${parts.folder} %h
`);
  });

  it.each(['/home/a"b', '/home/a\nProxyCommand x', `/home/$${'{HOME}'}`])(
    'refuses the folder %j, which ssh_config cannot spell (SES-2)',
    (bad) => {
      expect(sshBlock({ ...parts, folder: bad })).toMatchObject({ ok: false });
    },
  );

  it.each([
    ['web-1.acme.sally', 'web-1'],
    ['WEB-1.acme.sally', 'web-1'],
    ['web-1', 'web-1'],
    ['web-1.other.sally', 'web-1.other.sally'],
  ])('reads the server of %s as %s (SES-2)', (host, server) => {
    expect(serverOfHost(host, 'acme')).toBe(server);
  });
});

describe('the Include line', () => {
  const line = includeLine('/home/anna/.config/sallyport/default/ssh_config');

  it('is added at the top, once, and keeps every other byte and the mode (SES-2)', async () => {
    const home = join(folder, 'home-1');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    const path = join(home, '.ssh/config');
    const old = 'Host a\n\tUser b  \r\n# end without newline';
    writeFileSync(path, old);
    chmodSync(path, 0o640);
    expect(expectOk(await addInclude(home, line)).isAdded).toBe(true);
    expect(expectOk(await addInclude(home, line)).isAdded).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(`${line}\n\n${old}`);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('makes ~/.ssh and its config private where there were none (SES-2)', async () => {
    const home = join(folder, 'home-2');
    expectOk(await addInclude(home, line));
    expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, '.ssh/config')).mode & 0o777).toBe(0o600);
  });

  it('changes the file behind a symbolic link and leaves the link (SES-2)', async () => {
    const home = join(folder, 'home-3');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    writeFileSync(join(home, 'dotfile'), 'Host a\n');
    symlinkSync('../dotfile', join(home, '.ssh/config'));
    expectOk(await addInclude(home, line));
    expect(lstatSync(join(home, '.ssh/config')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(home, 'dotfile'), 'utf8')).toBe(`${line}\n\nHost a\n`);
  });

  it('works when the real ssh reads it (SES-2)', () => {
    const block = expectOk(sshBlock(parts));
    const path = join(folder, 'included block');
    writeFileSync(path, block.config);
    expect(effective(`${includeLine(path)}\n\nHost *\n  User zed\n`, 'web-1.acme.sally').get('proxycommand')).toContain(
      `proxy --profile ${parts.folder} %h`,
    );
  });
});
