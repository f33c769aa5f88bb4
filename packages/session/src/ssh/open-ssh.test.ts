// The unmodified OpenSSH client through the door: commands, files, input and output, and how they end (SES-2).
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { childMachine, run, type SshPeer, sshPeer } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const denied: Refusal = {
  code: 'POLICY_DENIED',
  message: 'no rule allows it',
  rule: 'default',
  hint: 'ask for access',
};
const host = 'web.ws';

describe('OpenSSH through the door', () => {
  let peer: SshPeer;
  let bytes: Buffer;
  let file: string;
  beforeAll(async () => {
    peer = await sshPeer({
      open: async (login) => (login === 'denied' ? err(denied) : ok(childMachine({ home: peer.folder }))),
      acceptEnvironment: ['LANG', 'LC_*', '_XXX_TEST*'],
    });
    bytes = randomBytes(10_000_000);
    file = join(peer.folder, 'bytes');
    await writeFile(file, bytes);
  });
  afterAll(() => peer.stop());

  it('asks nothing about the host: its key is certified (SES-2)', async () => {
    const { stderr, status } = await peer.ssh(['-v', host, 'true']);
    expect(status).toBe(0);
    expect(stderr).toContain('Server host certificate: ssh-ed25519-cert-v01@openssh.com');
    expect(stderr).toContain(`Host '${host}' is known and matches the ED25519-CERT host certificate`);
    expect(stderr).toMatch(/cipher: aes(128|256)-gcm@openssh.com MAC: <implicit> compression: none/);
    expect(stderr).toContain('kex: algorithm: curve25519-sha256');
  });

  it('is not trusted under a name that is not certified (SES-2)', async () => {
    const { stderr, status } = await peer.ssh(['other.ws', 'true']);
    expect(status).toBe(255);
    expect(stderr).toContain('Host key verification failed');
  });

  it.each([0, 1, 42, 255])('ends with exit status %i (SES-2)', async (status) => {
    expect((await peer.ssh([host, `exit ${status}`])).status).toBe(status);
  });

  it('ends with the signal that ended the command (SES-2)', async () => {
    const { stderr, status } = await peer.ssh(['-v', host, 'kill -TERM $$']);
    expect(status).toBe(255);
    expect(stderr).toContain('rtype exit-signal');
  });

  it('keeps output and errors apart, and both whole (SES-2)', async () => {
    const command = 'for n in 1 2 3; do head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; done; exit 5';
    const { stdout, stderr, status } = await peer.ssh([host, command]);
    expect([stdout.length, stderr.length, status]).toEqual([9_000_000, 9_000_000, 5]);
  });

  it('carries 10 MB both ways unchanged (SES-2)', async () => {
    const { stdout } = await peer.ssh([host, 'tee copy | sha256sum'], bytes);
    expect(stdout).toContain(sha256(bytes));
    expect((await peer.ssh([host, 'sha256sum < copy'])).stdout).toContain(sha256(bytes));
    expect(sha256((await run(['sh', '-c', `ssh -F ${peer.config} ${host} cat copy | sha256sum`])).stdout)).toBe(
      sha256(`${sha256(bytes)}  -\n`),
    );
  });

  it('carries on through key exchanges, both ways (SES-2)', async () => {
    const { stdout, stderr } = await peer.ssh(['-v', '-o', 'RekeyLimit=1M', host, 'tee again | sha256sum'], bytes);
    expect(stdout).toContain(sha256(bytes));
    expect(stderr.match(/SSH2_MSG_NEWKEYS received/g)?.length).toBeGreaterThan(5);
    const back = await run(['sh', '-c', `ssh -F ${peer.config} -o RekeyLimit=1M ${host} cat again | sha256sum`]);
    expect(back.stdout).toContain(sha256(bytes));
  });

  it('stops a command whose output nobody reads (SES-2)', async () => {
    const { stdout } = await run(['sh', '-c', `ssh -F ${peer.config} ${host} yes | head -2000 | wc -l`]);
    expect(stdout.trim()).toBe('2000');
  });

  it('runs a script from standard input (SES-2)', async () => {
    const { stdout, status } = await peer.ssh(['-T', host], 'cat > /dev/null <<E\nx\nE\necho scripted; exit 6\n');
    expect([stdout, status]).toEqual(['scripted\n', 6]);
  });

  it('passes the environment that is accepted, and no other (SES-2)', async () => {
    const env = { ...process.env, _XXX_TEST_A: '1', _XXX_TEST_B: 'two words', OTHER: 'no', LC_ALL: 'C' };
    const command = ['ssh', '-F', peer.config, '-o', 'SendEnv=_XXX_TEST_* OTHER LC_ALL', host];
    const { stdout } = await run([...command, 'echo "$_XXX_TEST_A,$_XXX_TEST_B,$OTHER,$LC_ALL"'], { env });
    expect(stdout).toBe('1,two words,,C\n');
  });

  it.each([['-O'], ['-s']])('copies with scp %s both ways (SES-2)', async (mode) => {
    const scp = ['scp', mode, '-q', '-F', peer.config];
    expect(await run([...scp, file, `${host}:put${mode}`])).toMatchObject({ status: 0, stderr: '' });
    expect(await run([...scp, `${host}:put${mode}`, join(peer.folder, `got${mode}`)])).toMatchObject({ status: 0 });
    expect(sha256(await readFile(join(peer.folder, `got${mode}`)))).toBe(sha256(bytes));
  });

  it('serves an sftp batch (SES-2)', async () => {
    const batch = ['mkdir d', `put ${file} d/up`, 'rename d/up d/moved', `get d/moved ${file}.back`, 'ls -l d'].join(
      '\n',
    );
    const { stdout, status } = await run(['sftp', '-F', peer.config, '-b', '-', host], { input: `${batch}\n` });
    expect([status, sha256(await readFile(`${file}.back`))]).toEqual([0, sha256(bytes)]);
    expect(stdout).toContain('10000000');
  });

  it('serves rsync (SES-2)', async () => {
    const { status, stderr } = await run(['rsync', '-a', '-e', `ssh -F ${peer.config}`, file, `${host}:synced`]);
    expect([stderr, status]).toEqual(['', 0]);
    expect(sha256(await readFile(join(peer.folder, 'synced')))).toBe(sha256(bytes));
  });

  it('answers keep-alives (SES-2)', async () => {
    const alive = ['-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=1'];
    expect((await peer.ssh([...alive, host, 'sleep 2.5; echo still here'])).stdout).toBe('still here\n');
  });

  it('refuses agent and X11 forwarding and goes on (SES-2)', async () => {
    const env = { ...process.env, DISPLAY: ':99', SSH_AUTH_SOCK: join(peer.folder, 'no-agent') };
    const forwards = ['-o', 'ForwardX11=yes', '-o', 'ForwardX11Trusted=yes', '-A'];
    const { stdout, status } = await run(
      ['ssh', '-F', peer.config, ...forwards, host, 'echo on; echo "$SSH_AUTH_SOCK$DISPLAY"'],
      { env },
    );
    expect([stdout, status]).toEqual(['on\n\n', 0]);
  });

  it('says why a session is refused, and exits 77 (SES-2)', async () => {
    const { stdout, stderr, status } = await peer.ssh(['-l', 'denied', host, 'id']);
    expect([stdout, stderr, status]).toEqual(['', 'sally: refused: no rule allows it\nhint: ask for access\n', 77]);
  });

  it('says it to sftp as well (SES-2)', async () => {
    const { stderr, status } = await run(['sftp', '-F', peer.config, '-b', '-', `denied@${host}`], { input: 'ls\n' });
    expect(stderr).toContain('sally: refused: no rule allows it');
    expect(status).not.toBe(0);
  });

  it('refuses a forward with the reason when the session is refused (SES-2)', async () => {
    const { stderr } = await peer.ssh(['-o', 'LogLevel=INFO', '-l', 'denied', '-W', 'localhost:1', host]);
    expect(stderr).toContain('administratively prohibited: sally: refused: no rule allows it; hint: ask for access');
  });
});
