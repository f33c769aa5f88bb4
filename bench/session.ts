// What a person feels: keystrokes, time to a prompt, output and file transfer, beside OpenSSH direct and through a ProxyJump bastion
// in the same run. Contenders take turns in every round, because the machine's speed drifts.

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type IPty, spawn as spawnPty } from '@lydell/node-pty';
import { run, type Sshd, Stack, sshdProgram, startSshd, waitFor } from '@sallyport/testkit';
import { buildSally } from '../scripts/build.ts';
import { type Measurement, median, quantile, type Row } from './report.ts';

const rounds = 3;
const keystrokes = 300;
const outputMegabytes = 100;
const fileMegabytes = 256;

type Way = {
  readonly name: string /** Starts a command on the far side with a terminal; undefined: a shell. */;
  argv(command: string | undefined): string[];
  copy?: (from: string, to: string) => string[];
  far?: (path: string) => string;
};

export const sessionMeasurement: Measurement = {
  name: 'session',
  about: 'keystroke, prompt, output and files beside OpenSSH',
  measure: async () => {
    if (!existsSync(sshdProgram)) return { skipped: `${sshdProgram} is missing: install openssh-server` };
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-'));
    const { program } = await buildSally();
    const stack = await Stack.start({ folder: join(folder, 'stack'), sally: [process.execPath, program] });
    const sshd = await startSshd(join(folder, 'sshd'), userInfo().username);
    try {
      return [...(await feel(stack, sshd)), ...(await bulk(stack, sshd, folder)), ...(await agentMemory(stack))];
    } finally {
      await sshd.stop();
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function ways(stack: Stack, sshd: Sshd): { direct: Way; jump: Way; ssh: Way; sally: Way } {
  const openssh = (name: string, config: string, host: string): Way => ({
    name,
    argv: (command) => ['ssh', '-F', config, '-tt', host, ...(command === undefined ? [] : [command])],
    copy: (from, to) => ['scp', '-q', '-F', config, from, to],
    far: (path) => `${host}:${path}`,
  });
  return {
    direct: openssh('OpenSSH direct', sshd.sshConfig, 'direct'),
    jump: openssh('ProxyJump', sshd.sshConfig, 'jump'),
    ssh: openssh('stock ssh', stack.sshConfig, stack.host),
    sally: {
      name: 'sally ssh',
      argv: (command) =>
        stack.argv([
          'ssh',
          '-t',
          `${stack.login}@${stack.serverName}`,
          ...(command === undefined ? [] : ['--', command]),
        ]),
    },
  };
}

async function feel(stack: Stack, sshd: Sshd): Promise<Row[]> {
  const { direct, jump, ssh, sally } = ways(stack, sshd);
  const contenders = [direct, jump, ssh, sally];
  const prompts = new Map(contenders.map((way) => [way, [] as number[]]));
  const echoes = new Map(contenders.map((way) => [way, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const way of contenders) {
      prompts.get(way)?.push(await timeToPrompt(stack, way));
      echoes.get(way)?.push(...(await echo(stack, way)));
    }
  }
  const prompt = (way: Way) => median(prompts.get(way) ?? []);
  const keystroke = (way: Way, share: number) => quantile(echoes.get(way) ?? [], share);
  const beside = (way: Way, figure: (way: Way) => number) => ({ who: way.name, figure: figure(way) });
  const p50 = (way: Way) => keystroke(way, 0.5);
  const p99 = (way: Way) => keystroke(way, 0.99);
  return [
    {
      what: 'keystroke p50, stock ssh',
      figure: p50(ssh),
      unit: 'ms',
      beside: beside(jump, p50),
      goal: { atMost: 1.5 },
    },
    {
      what: 'keystroke p50, sally ssh',
      figure: p50(sally),
      unit: 'ms',
      beside: beside(jump, p50),
      goal: { atMost: 1 },
    },
    { what: 'keystroke p99, stock ssh', figure: p99(ssh), unit: 'ms', beside: beside(jump, p99) },
    { what: 'keystroke p99, sally ssh', figure: p99(sally), unit: 'ms', beside: beside(jump, p99) },
    { what: 'keystroke p50, OpenSSH direct', figure: p50(direct), unit: 'ms', beside: beside(jump, p50) },
    {
      what: 'time to a prompt, stock ssh',
      figure: prompt(ssh),
      unit: 'ms',
      beside: beside(jump, prompt),
      goal: { atMost: 0.5 },
    },
    {
      what: 'time to a prompt, sally ssh',
      figure: prompt(sally),
      unit: 'ms',
      beside: beside(jump, prompt),
      goal: { atMost: 0.1 },
    },
    { what: 'time to a prompt, OpenSSH direct', figure: prompt(direct), unit: 'ms', beside: beside(jump, prompt) },
  ];
}

function open(stack: Stack, way: Way, command?: string): { pty: IPty; seen: () => string } {
  const [program = '', ...args] = way.argv(command);
  const pty = spawnPty(program, args, { cols: 80, rows: 24, env: stack.env() as Record<string, string> });
  let output = '';
  pty.onData((data) => {
    output += data;
  });
  return { pty, seen: () => output };
}

async function closed(pty: IPty): Promise<void> {
  const exited = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  pty.kill('SIGKILL');
  await exited;
}

async function timeToPrompt(stack: Stack, way: Way): Promise<number> {
  const startedAt = performance.now();
  const { pty, seen } = open(stack, way);
  const tookMs = await new Promise<number>((resolve) => {
    pty.onData(() => {
      if (/[#$] $/.test(stripVTControlCharacters(seen()))) resolve(performance.now() - startedAt);
    });
  });
  await closed(pty);
  return tookMs;
}

/** Milliseconds from a key pressed to its echo, one sample a key. The far side is `cat` on a raw terminal, so nothing else is timed. */
async function echo(stack: Stack, way: Way): Promise<number[]> {
  const { pty, seen } = open(stack, way, 'stty raw -echo; echo ready; exec cat');
  await waitFor(() => (seen().includes('ready') ? true : undefined), `${way.name} to be ready: ${seen()}`);
  const samples: number[] = [];
  for (let sample = 0; sample < keystrokes; sample += 1) {
    const startedAt = performance.now();
    const arrived = new Promise<void>((resolve) => {
      const listening = pty.onData(() => {
        listening.dispose();
        resolve();
      });
    });
    pty.write('x');
    await arrived;
    samples.push(performance.now() - startedAt);
  }
  await closed(pty);
  return samples;
}

async function bulk(stack: Stack, sshd: Sshd, folder: string): Promise<Row[]> {
  const { direct, jump, ssh, sally } = ways(stack, sshd);
  const source = join(folder, 'source');
  await writeFile(source, Buffer.alloc(fileMegabytes * 1_048_576, 'sallyport '));
  const output = new Map<Way, number[]>();
  const gets = new Map<Way, number[]>();
  const puts = new Map<Way, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const way of [direct, jump, ssh, sally]) append(output, way, await terminalOutput(stack, way));
    for (const way of [direct, jump, ssh]) {
      append(gets, way, await copied(stack, way, way.far?.(source) ?? '', join(folder, 'got')));
      append(puts, way, await copied(stack, way, source, way.far?.(join(folder, 'put')) ?? ''));
    }
  }
  const figure = (of: Map<Way, number[]>) => (way: Way) => median(of.get(way) ?? []);
  const row = (what: string, of: Map<Way, number[]>, way: Way, atLeast?: number): Row => ({
    what: `${what}, ${way.name}`,
    figure: figure(of)(way),
    unit: 'MB/s',
    beside: { who: jump.name, figure: figure(of)(jump) },
    ...(atLeast === undefined ? {} : { goal: { atLeast } }),
  });
  return [
    row('terminal output', output, ssh, 1),
    row('terminal output', output, sally, 1),
    row('terminal output', output, direct),
    row('scp get', gets, ssh, 0.7),
    row('scp put', puts, ssh, 0.7),
    row('scp get', gets, direct),
    row('scp put', puts, direct),
  ];
}

function append(samples: Map<Way, number[]>, way: Way, sample: number): void {
  samples.set(way, [...(samples.get(way) ?? []), sample]);
}

async function terminalOutput(stack: Stack, way: Way): Promise<number> {
  const bytes = outputMegabytes * 1_000_000;
  const { pty, seen } = open(
    stack,
    way,
    `stty raw -echo; echo ready; read -r go; head -c ${bytes} /dev/zero; sleep 60`,
  );
  await waitFor(() => (seen().includes('ready') ? true : undefined), `${way.name} to be ready: ${seen()}`);
  let received = 0;
  const startedAt = performance.now();
  const tookMs = await new Promise<number>((resolve) => {
    pty.onData((data) => {
      received += data.length;
      if (received >= bytes) resolve(performance.now() - startedAt);
    });
    pty.write('\n');
  });
  await closed(pty);
  return bytes / 1000 / tookMs;
}

async function copied(stack: Stack, way: Way, from: string, to: string): Promise<number> {
  const startedAt = performance.now();
  const done = await run(way.copy?.(from, to) ?? [], { env: stack.env(), timeoutMs: 120_000 });
  if (done.status !== 0) throw new Error(`${way.name} could not copy: ${done.stderr}`);
  return (fileMegabytes * 1.048576 * 1000) / (performance.now() - startedAt);
}

async function agentMemory(stack: Stack): Promise<Row[]> {
  await stack.agent.stop();
  await stack.startAgent();
  await stack.untilOnline();
  const idle = await memoryOf(stack.agent.pid);
  const shells = Array.from({ length: 10 }, () => {
    const [program = '', ...args] = stack.argv([
      'ssh',
      '-t',
      `${stack.login}@${stack.serverName}`,
      '--',
      'echo ready; exec cat',
    ]);
    const pty = spawnPty(program, args, { env: stack.env() as Record<string, string> });
    return { pty, ready: new Promise<void>((resolve) => pty.onData((data) => data.includes('ready') && resolve())) };
  });
  await Promise.all(shells.map(({ ready }) => ready));
  const busy = await memoryOf(stack.agent.pid);
  await Promise.all(shells.map(({ pty }) => closed(pty)));
  return [
    { what: 'agent RssAnon, idle', figure: idle.rssAnon, unit: 'MB', goal: { atMost: 15 } },
    { what: 'agent RSS, idle', figure: idle.rss, unit: 'MB', goal: { atMost: 60 } },
    {
      what: 'agent RssAnon a session, of 10',
      figure: (busy.rssAnon - idle.rssAnon) / 10,
      unit: 'MB',
      goal: { atMost: 6 },
    },
    { what: 'agent RSS with 10 sessions', figure: busy.rss, unit: 'MB' },
  ];
}

async function memoryOf(pid: number): Promise<{ rss: number; rssAnon: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { rss: kilobytes('VmRSS') / 1000, rssAnon: kilobytes('RssAnon') / 1000 };
}
