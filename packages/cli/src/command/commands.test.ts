// Commands from login to audit, each run in full against a real gateway on loopback.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@sallyport/core';
import { startGateway } from '@sallyport/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sally } from '../testing/fake-world.ts';

type Running = Extract<Awaited<ReturnType<typeof startGateway>>, { ok: true }>['value'];

let folder = '';
let gateway: Running;
let link = '';
const home = (name: string): { homeFolder: string } => ({ homeFolder: join(folder, name) });
const profileFolder = (name: string): string => join(folder, name, '.config/sallyport/default');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sally-commands-'));
  const settings = join(folder, 'gateway.toml');
  const lines = [
    'workspace = "acme"',
    `dataFolder = "${join(folder, 'data')}"`,
    '[listen]',
    'host = "127.0.0.1"',
    'port = 0',
    '[log]',
    'level = "fatal"',
  ];
  writeFileSync(settings, `${lines.join('\n')}\n`);
  gateway = expectOk(
    await startGateway({ settingsFile: settings, environment: {}, version: '0.1.0', print: () => undefined }),
  );
  link = readFileSync(join(folder, 'data/first-owner-link'), 'utf8').trim();
  // The public address has no port in it when the system chose one.
  link = link.replace(/^https:\/\/[^/]+/, gateway.url);
}, 30_000);

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('before login', () => {
  it.each([
    [['ls'], 77, /not enrolled/],
    [['ls', '--profile', '../x'], 64, /cannot be the name of a profile/],
    [['exec', 'web-1'], 64, /no command was given/],
    [['exec', '--', 'id'], 64, /no server was named/],
    [['exec', 'a b', '--', 'id'], 64, /not LOGIN@SERVER/],
    [['ls', '--', 'x'], 64, /takes nothing after --/],
    [['token', 'create', '--ttl', 'soon'], 64, /--ttl needs a duration/],
    [['token', 'create', '--label', 'prod'], 64, /prod is no label/],
    [['play', 'x', '--speed', '0'], 64, /--speed needs a number above 0/],
    [['audit', 'prove', 'x'], 64, /whole number/],
    [['policy', 'apply', 'x'], 64, /--reason .*is required/],
    [['proxy', 'web-1'], 77, /not enrolled/],
    [['agent', 'join', 'https://localhost'], 64, /no join token/],
    [['ls', '--lang', 'fr'], 64, /fr is no language/],
  ])('%j exits %i and says why (SES-5)', async (argv, status, said) => {
    const ran = await sally(home('nobody'), ...argv);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(ran.stderr).toMatch(said);
    expect(ran.stderr).toMatch(/^error: .*\nhint: .*\n$/);
  });

  it('says it in Korean, and as JSON for programs (OPS-4)', async () => {
    expect((await sally(home('nobody'), '--lang', 'ko', 'ls')).stderr).toMatch(
      /^오류: 이 기기는 아직 등록되지 않았습니다.*\n도움말: /,
    );
    const ran = await sally(home('nobody'), 'ls', '--json');
    expect(JSON.parse(ran.stderr)).toMatchObject({
      error: { kind: 'local', message: expect.stringContaining('not enrolled') },
    });
  });
});

describe('login', () => {
  it('refuses a gateway that the link does not pin, and sends it nothing (CON-2)', async () => {
    const ran = await sally(home('mallory'), 'login', link.replace(/[0-9a-f]{64}$/, 'a'.repeat(64)));
    expect(ran.status).toBe(69);
    expect(ran.stderr).toMatch(/is not the gateway that made this link/);
  });

  it('says which step is broken when nothing listens (CON-6)', async () => {
    const ran = await sally(home('nobody'), 'login', link.replace(/:\d+\//, ':1/'));
    expect(ran).toMatchObject({ status: 69, stderr: expect.stringMatching(/\(tcp\).*nothing listens there/) });
  });

  it('enrols this device, keeps the key private, and refuses the same link again (IDN-4)', async () => {
    const ran = await sally({ ...home('anna'), stdin: `${link}\n` }, 'login', '-');
    expect(ran).toMatchObject({ status: 0, stdout: 'this device is enrolled: you are owner in acme\n' });
    expect(statSync(join(profileFolder('anna'), 'id_ed25519')).mode & 0o777).toBe(0o600);
    expect(statSync(profileFolder('anna')).mode & 0o777).toBe(0o700);
    expect(await sally(home('anna'), 'login', link)).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(/enrolled already/),
    });
    expect(await sally(home('other'), 'login', link)).toMatchObject({
      status: 77,
      stderr: expect.stringMatching(/CODE_USED/),
    });
    expect((await sally(home('other'), '--lang', 'ko', 'login', link)).stderr).toMatch(
      /^오류: 이미 사용된 등록 코드입니다 — /,
    );
  });

  it('enrols another device with a code from a file (IDN-4)', async () => {
    const made = await sally(home('anna'), 'device', 'code', '--json');
    const file = join(folder, 'code');
    const second: { link: string } = JSON.parse(made.stdout);
    writeFileSync(file, second.link.replace(/^.*#/, ''));
    expect(await sally(home('second'), 'login', gateway.url, '--code-file', file)).toMatchObject({ status: 0 });
    expect(await sally(home('second'), 'logout', '--yes')).toMatchObject({ status: 0 });
    expect(existsSync(profileFolder('second'))).toBe(false);
  });
});

describe('with a profile', () => {
  it('refuses a key that others can read, with the chmod to run (HND-5)', async () => {
    const path = join(profileFolder('anna'), 'id_ed25519');
    chmodSync(path, 0o640);
    const ran = await sally(home('anna'), 'ls');
    chmodSync(path, 0o600);
    expect(ran).toMatchObject({ status: 77, stderr: expect.stringContaining(`chmod 0600 '${path}'`) });
  });

  it('tells what was negotiated, read from the connection (SES-10)', async () => {
    const ran = await sally(home('anna'), 'status', '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      workspace: 'acme',
      thisSide: { tls: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', keyExchange: 'X25519MLKEM768' },
    });
    expect((await sally(home('anna'), 'status', '-v')).stdout).toMatch(/key exchange +X25519MLKEM768/);
  });

  it('makes, lists and revokes a join token (CON-2)', async () => {
    const made: { id: string; token: string } = JSON.parse(
      (await sally(home('anna'), 'token', 'create', '--label', 'env=prod', '--json')).stdout,
    );
    expect((await sally(home('anna'), 'token', 'ls')).stdout).toMatch(new RegExp(`${made.id} +usable +1/1 +env=prod`));
    expect(await sally(home('anna'), 'token', 'revoke', made.id)).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('--yes'),
    });
    expect(await sally(home('anna'), 'token', 'revoke', made.id, '--yes')).toMatchObject({ status: 0 });
    expect((await sally(home('anna'), '--lang=ko', 'token', 'ls')).stdout).toContain('취소됨');
  });

  it('says that a server is not there, with the status of the refusal (SES-5)', async () => {
    expect(await sally(home('anna'), 'ssh', 'deploy@web-1')).toMatchObject({
      status: 68,
      stderr: expect.stringMatching(/^error: .*SERVER_UNKNOWN/),
    });
    expect(await sally(home('anna'), 'server', 'revoke', 'web-1', '--yes')).toMatchObject({ status: 68 });
    const many = await sally(home('anna'), 'exec', 'web-1', 'db-1', '--', 'id');
    expect(many.status).toBe(68);
    expect(many.stdout).toMatch(/web-1 +anna +68 /);
  });

  it('reads, verifies and proves the log, and pins its key (AUD-2)', async () => {
    expect((await sally(home('anna'), 'audit', 'tail', '-n', '1000')).stdout).toMatch(/0 .* gateway.started/);
    expect(await sally(home('anna'), 'audit', 'verify')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('pinned'),
    });
    expect(await sally(home('anna'), 'audit', 'verify')).toMatchObject({ status: 0, stderr: '' });
    expect(await sally(home('anna'), 'audit', 'prove', '1')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^✓ event 1 is in the log/),
    });
    expect(await sally(home('anna'), 'audit', 'prove', '100000')).toMatchObject({ status: 68 });
    expect(await sally(home('anna'), 'audit', 'verify', '--folder', join(folder, 'data/audit'))).toMatchObject({
      status: 0,
    });
  });

  it('refuses a log that no longer has what this device saw, and one by another key (AUD-2)', async () => {
    const path = join(profileFolder('anna'), 'log-checkpoint.json');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace(/"verifierKey": "[^+]+/, '"verifierKey": "other'));
    expect(await sally(home('anna'), 'audit', 'verify')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/signed by another key/),
    });
    writeFileSync(path, whole);
    const kept = join(folder, 'kept');
    const { note }: { note: string } = JSON.parse(whole);
    writeFileSync(kept, note.replace(/\n(.)/, '\n9$1'));
    expect(await sally(home('anna'), 'audit', 'verify', '--checkpoint', kept)).toMatchObject({ status: 1 });
  });

  it('checks a policy here, and applies only a right one (POL-3)', async () => {
    const [right, wrong] = [join(folder, 'right.cedar'), join(folder, 'wrong.cedar')];
    const shown: { text: string } = JSON.parse((await sally(home('anna'), 'policy', 'show', '--json')).stdout);
    writeFileSync(right, shown.text);
    writeFileSync(wrong, 'permit(principal, action, resouce);');
    expect(await sally(home('anna'), 'policy', 'check', right)).toMatchObject({ status: 0 });
    expect(await sally(home('anna'), 'policy', 'check', wrong)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/line 1/),
    });
    expect(await sally(home('anna'), 'policy', 'apply', wrong, '--reason', 'x')).toMatchObject({ status: 1 });
    expect(await sally(home('anna'), 'policy', 'apply', right, '--reason', 'the same again')).toMatchObject({
      status: 0,
      stdout: 'version 2 is in force\n',
    });
  });

  it('writes the ssh_config once, with the host key of the gateway (SES-2)', async () => {
    expect(await sally(home('anna'), 'ssh-config', '--write')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('added an Include line'),
    });
    expect(await sally(home('anna'), 'ssh-config', '--write')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('already'),
    });
    expect(readFileSync(join(profileFolder('anna'), 'known_hosts'), 'utf8')).toMatch(
      /^@cert-authority \*\.acme\.sally ssh-ed25519 AAAA/,
    );
    expect((await sally(home('anna'), 'ssh-config')).stdout).toContain(
      `ProxyCommand ${process.execPath} /opt/sally/dist/sally.mjs proxy --profile ${profileFolder('anna')} %h`,
    );
  });

  it('carries SSH to the door of the gateway (SES-2)', async () => {
    const ran = await sally({ ...home('anna'), stdin: 'SSH-2.0-test\r\n' }, 'proxy', 'web-1.acme.sally');
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/^SSH-2\.0-/) });
    expect(await sally(home('anna'), 'proxy', 'web-1.other.sally')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('no server of acme'),
    });
  });
});
