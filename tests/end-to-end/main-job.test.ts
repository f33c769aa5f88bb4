// The main job: a server on which nothing listens is reached with the stock OpenSSH tools and with sally, and everything is on record.

import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Running, run } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { withStack } from './stack.ts';

const stack = withStack();
const on = () => `${stack.current.login}@${stack.current.serverName}`;

describe('the stock OpenSSH client', () => {
  it('runs a command as the login and gets its output and exit status, without a question about the host (SES-1, SES-2)', async () => {
    const done = await stack.current.ssh([stack.current.host, 'echo sally-$((6*7)); id -un; exit 7']);
    expect(done).toMatchObject({ status: 7, stdout: `sally-42\n${stack.current.login}\n`, stderr: '' });
  });

  it('keeps standard error apart and passes binary input through whole (SES-2)', async () => {
    const input = randomBytes(3_000_001);
    const done = await stack.current.ssh([stack.current.host, 'sha256sum; echo aside >&2'], { input });
    expect(done.stdout).toContain(createHash('sha256').update(input).digest('hex'));
    expect(done.stderr).toBe('aside\n');
  });

  it('reports the signal that ended a command (SES-1)', async () => {
    const done = await stack.current.ssh([stack.current.host, 'kill -TERM $$']);
    expect(done.status).toBe(255);
  });

  it('gives an interactive shell a terminal of its size (SES-1)', async () => {
    const done = await run(
      [
        'script',
        '-qec',
        `stty rows 33 cols 101; ${stack.current.sshArgv(['-tt', stack.current.host, "'stty size; tty'"]).join(' ')}`,
        '/dev/null',
      ],
      {
        env: stack.current.env(),
      },
    );
    expect(done.stdout).toMatch(/33 101\r?\n\/dev\/pts\/\d+/);
  });

  it.each([
    ['sftp mode', []],
    ['legacy mode', ['-O']],
  ])('copies files with scp in %s, both ways (SES-2)', async (_mode, flags) => {
    const [from, far, back] = ['from', 'far', 'back'].map((name) => join(stack.folder, name));
    const bytes = randomBytes(1_500_000);
    await writeFile(from ?? '', bytes);
    const scp = (source: string, target: string) =>
      run(['scp', '-q', ...flags, '-F', stack.current.sshConfig, source, target], { env: stack.current.env() });
    expect(await scp(from ?? '', `${stack.current.host}:${far}`)).toMatchObject({ status: 0, stderr: '' });
    expect(await scp(`${stack.current.host}:${far}`, back ?? '')).toMatchObject({ status: 0, stderr: '' });
    expect((await readFile(back ?? '')).equals(bytes)).toBe(true);
  });

  it('lists and fetches with sftp in a batch (SES-2)', async () => {
    const file = join(stack.folder, 'sftp-file');
    await writeFile(file, 'from the server\n');
    const batch = `ls ${file}\nget ${file} ${file}.got\n`;
    const done = await run(['sftp', '-q', '-F', stack.current.sshConfig, '-b', '-', stack.current.host], {
      env: stack.current.env(),
      input: batch,
    });
    expect(done.status).toBe(0);
    expect(await readFile(`${file}.got`, 'utf8')).toBe('from the server\n');
  });
});

describe('sally', () => {
  it('lists the server (SES-5)', async () => {
    const done = await stack.current.sally(['ls', '--json']);
    expect(JSON.parse(done.stdout)).toMatchObject([{ name: stack.current.serverName, state: 'online' }]);
  });

  it('runs a command with its own exit status and binary input (SES-5)', async () => {
    const input = randomBytes(500_000);
    const done = await stack.current.sally(['exec', on(), '--', 'sh', '-c', 'sha256sum; exit 9'], { input });
    expect(done.stdout).toContain(createHash('sha256').update(input).digest('hex'));
    expect(done.status).toBe(9);
  });

  it('opens a shell on a terminal (SES-5)', async () => {
    const words = stack.current
      .argv(['ssh', on()])
      .map((word) => `'${word}'`)
      .join(' ');
    const done = await run(['script', '-qec', words, '/dev/null'], {
      env: stack.current.env(),
      input: 'echo in-$((40+2)); exit 5\n',
    });
    expect(done.stdout).toContain('in-42');
    expect(done.status).toBe(5);
  });

  it('shows what was really negotiated (CON-5)', async () => {
    const done = await stack.current.sally(['status', '--verbose']);
    expect(done.stdout).toMatch(/TLSv1\.3/);
    expect(done.stdout).toMatch(/TLS_AES_256_GCM_SHA384/);
    expect(done.stdout).toMatch(/X25519MLKEM768/);
  });
});

describe('the record', () => {
  it('has each session and channel, allowed by a rule, before and after (AUD-1, POL-1)', async () => {
    const done = await stack.current.ssh([stack.current.host, 'echo for the record']);
    expect(done.stdout).toBe('for the record\n');
    const events = await stack.current.auditEvents();
    const opened = events.findLast((event) => event.class === 'channel.opened');
    expect(opened).toMatchObject({
      action: 'exec',
      decision: 'allow',
      details: { command: 'echo for the record' },
      destination: on(),
    });
    const session = events.filter((event) => event['session'] === opened?.['session']).map((event) => event.class);
    expect(session.slice(0, 2)).toEqual(['session.opened', 'channel.opened']);
  });

  it('plays a recorded command and exports it as asciicast (REC-1)', async () => {
    await stack.current.ssh([stack.current.host, 'printf "a recorded line\\n"']);
    const [latest] = JSON.parse((await stack.current.sally(['sessions', 'ls', '--json'])).stdout);
    const played = await stack.current.sally(['play', latest.id]);
    expect(played.stdout).toContain('a recorded line');
    const file = join(stack.folder, 'session.cast');
    expect(await stack.current.sally(['export', latest.id, '-o', file])).toMatchObject({ status: 0 });
    const [header, ...lines] = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ version: 2 });
    expect(lines.map(([, kind, text]) => (kind === 'o' ? text : '')).join('')).toContain('a recorded line');
  });

  it('verifies (AUD-2)', async () => {
    const done = await stack.current.sally(['audit', 'verify']);
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('the log is whole') });
  });
});

describe('the agent', () => {
  it('listens on nothing, also while a session is open (CON-1)', async () => {
    const shell = new Running(stack.current.sshArgv(['-tt', stack.current.host, 'echo open; sleep 60']), {
      env: stack.current.env(),
    });
    await shell.until(/open/);
    const listening = await listeningInodes();
    const sockets = await socketInodes(stack.current.agent.pid);
    expect(sockets.length).toBeGreaterThan(0);
    expect(sockets.filter((inode) => listening.has(inode))).toEqual([]);
    await shell.stop();
  });
});

/** Inodes of every listening TCP socket and every bound UDP socket of this network namespace. */
async function listeningInodes(): Promise<Set<string>> {
  const inodes = new Set<string>();
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const rows = (await readFile(`/proc/net/${table}`, 'utf8')).trim().split('\n').slice(1);
    for (const row of rows) {
      const [, , , state, , , , , , inode] = row.trim().split(/\s+/);
      if (table.startsWith('udp') || state === '0A') inodes.add(inode ?? '');
    }
  }
  return inodes;
}

async function socketInodes(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}
