// What goes wrong at a start or on the way is said once, clearly, with the mend; and nothing is half started.

import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Running, run } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtSally } from './stack.ts';

let folder = '';
let sally: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-start-'));
  sally = await builtSally();
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

type Setup = {
  readonly name: string;
  readonly port?: number;
  readonly lines?: string;
  readonly tables?: string;
  readonly dataFolder?: string;
};

async function settingsFile({
  name,
  port,
  lines = '',
  tables = '',
  dataFolder,
}: Setup): Promise<{ file: string; data: string; port: number }> {
  const data = dataFolder ?? join(folder, name);
  const at = port ?? (await freePort());
  const file = join(folder, `${name}.toml`);
  await writeFile(
    file,
    `dataFolder = ${JSON.stringify(data)}\npublicUrl = "https://127.0.0.1:${at}"\n${lines}\n[listen]\nhost = "127.0.0.1"\nport = ${at}\n${tables}`,
  );
  return { file, data, port: at };
}

const gateway = (file: string) => run([...sally, 'gateway', '--config', file], { timeoutMs: 20_000 });

async function startedOnce(file: string): Promise<void> {
  const running = new Running([...sally, 'gateway', '--config', file]);
  await running.until(/is listening on/);
  await running.stop();
}

describe('the gateway does not start', () => {
  it('with wrong settings, and names every mistake with its line (OPS-1)', async () => {
    const { file } = await settingsFile({
      name: 'wrong',
      lines: 'workspase = "x"',
      tables: '[session]\nidleSeconds = "soon"\n[store]\nkind = "mysql"\n',
    });
    const done = await gateway(file);
    expect(done.status).not.toBe(0);
    expect(done.stderr).toContain('workspase');
    expect(done.stderr).toContain('did you mean workspace?');
    expect(done.stderr).toContain('session.idleSeconds');
    expect(done.stderr).toContain('store.kind');
    expect(done.stderr).toMatch(/hint:/);
  });

  it('with a settings file that is not there (OPS-1)', async () => {
    const done = await gateway(join(folder, 'absent.toml'));
    expect(done.stderr).toContain('absent.toml cannot be read');
    expect(done.stderr).toMatch(/hint: .*--config/);
  });

  it('with a key file that others can read, and says the chmod (HND-5)', async () => {
    const { file, data } = await settingsFile({ name: 'open-key' });
    await startedOnce(file);
    await chmod(join(data, 'workspace.key'), 0o644);
    const done = await gateway(file);
    expect(done.status).not.toBe(0);
    expect(done.stderr).toContain('has mode 0644');
    expect(done.stderr).toContain(`hint: chmod 600 ${join(data, 'workspace.key')}`);
  });

  it('with another key file than the one its keys were sealed under (OPS-1)', async () => {
    const { file, data } = await settingsFile({ name: 'other-key' });
    await startedOnce(file);
    await writeFile(join(data, 'workspace.key'), `${Buffer.alloc(32, 7).toString('base64url')}\n`);
    const done = await gateway(file);
    expect(done.stderr).toContain('cannot be opened with this key file');
    expect(done.stderr).toMatch(/hint: put back the key file/);
  });

  it('with a data folder that others can read (OPS-1)', async () => {
    const data = join(folder, 'open-folder');
    await mkdir(data, { mode: 0o755 });
    const { file } = await settingsFile({ name: 'open-folder', dataFolder: data });
    expect((await gateway(file)).stderr).toContain(`hint: chmod 700 ${data}`);
  });

  it('on a port that is taken, and says how to find who has it (OPS-1)', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { file } = await settingsFile({ name: 'busy', port });
    const done = await gateway(file);
    server.close();
    expect(done.stderr).toContain(`cannot listen on 127.0.0.1:${port}`);
    expect(done.stderr).toMatch(/hint: another program listens there: .*ss -ltnp/);
  });

  it('twice on the same data (OPS-1)', async () => {
    const { file, data } = await settingsFile({ name: 'twice' });
    const first = new Running([...sally, 'gateway', '--config', file]);
    await first.until(/is listening on/);
    const second = await settingsFile({ name: 'twice-again', dataFolder: data });
    const done = await gateway(second.file);
    await first.stop();
    expect(done.status).not.toBe(0);
    expect(done.stderr).toMatch(/audit log.*(in use|another)/is);
  });

  it('with an audit log that was altered, and names the line (AUD-2)', async () => {
    const { file, data } = await settingsFile({ name: 'altered' });
    await startedOnce(file);
    const segment = join(data, 'audit', '000000000000.jsonl');
    const text = await readFile(segment, 'utf8');
    await writeFile(segment, text.replace('"gateway.started"', '"gateway.stopped"'));
    const done = await gateway(file);
    expect(done.status).not.toBe(0);
    expect(done.stderr).toMatch(/audit log/);
    expect(done.stderr).toMatch(/000000000000\.jsonl/);
  });
});

describe('a gateway that cannot be reached', () => {
  it('is said by the agent that wants to join, with what to do (CON-6)', async () => {
    const port = await freePort();
    const token = `sjt_${'0'.repeat(16)}_${'0'.repeat(52)}_${'0'.repeat(64)}`;
    const done = await run(
      [
        ...sally,
        'agent',
        'join',
        `https://127.0.0.1:${port}`,
        '--token-file',
        '-',
        '--state',
        join(folder, 'no-agent'),
      ],
      { input: token },
    );
    expect(done.status).not.toBe(0);
    expect(done.stderr).toMatch(/error: .*127\.0\.0\.1/);
    expect(done.stderr).toMatch(/hint: /);
  });
});
