// The demonstration: a gateway, an agent on this machine and a signed-in person, in a throw-away folder, reached with the real ssh.
// `--once COMMAND` runs one command through it all, verifies the audit log, stops everything and ends with the command's status.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Stack } from '@sallyport/testkit';
import { buildSally } from './build.ts';

const failure = 1;

const { values } = parseArgs({ options: { once: { type: 'string' }, keep: { type: 'string' } } });
const say = (text: string): boolean => process.stderr.write(`${text}\n`);

const folder = values.keep === undefined ? await mkdtemp(join(tmpdir(), 'sallyport-demo-')) : resolve(values.keep);
const { program } = await buildSally();

process.exitCode = await demonstrate();

async function demonstrate(): Promise<number> {
  const startedAt = performance.now();
  let stack: Stack | undefined;
  try {
    stack = await Stack.start({ folder, sally: [process.execPath, program], onProgress: (what) => say(`  ${what}`) });
    say(`ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    return values.once === undefined ? await stayOpen(stack) : await runOnce(stack, values.once);
  } catch (error) {
    say(`error: ${error instanceof Error ? error.message : String(error)}`);
    return failure;
  } finally {
    await stack?.stop();
    if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function runOnce(stack: Stack, command: string): Promise<number> {
  const [program = 'ssh', ...args] = stack.sshArgv([stack.host, command]);
  const ssh = spawn(program, args, { stdio: 'inherit', env: stack.env() });
  const [status] = await once(ssh, 'exit');
  const verified = await stack.sally(['audit', 'verify']);
  say(verified.stdout.trim());
  if (verified.status !== 0) {
    say(verified.stderr.trim());
    return failure;
  }
  return typeof status === 'number' ? status : failure;
}

async function stayOpen(stack: Stack): Promise<number> {
  const sally = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'sally');
  const environment = `XDG_CONFIG_HOME=${join(folder, 'client')}`;
  say(`
This machine is reachable as ${stack.host}, and nothing on it listens for that. Try, in another terminal:

  export ${environment}
  alias sally=${sally}

  ssh -F ${stack.sshConfig} ${stack.host}
  sally ssh ${stack.login}@${stack.serverName}
  sally exec ${stack.login}@${stack.serverName} -- uptime
  scp -F ${stack.sshConfig} ${stack.host}:/etc/hostname /tmp/
  sally sessions ls
  sally play SESSION
  sally audit tail
  sally audit verify
  sally policy show

Ctrl-C ends it${values.keep === undefined ? ' and removes everything' : `; the state stays in ${folder}`}.`);
  await new Promise<void>((stop) => {
    process.once('SIGINT', () => stop());
    process.once('SIGTERM', () => stop());
  });
  return 0;
}
