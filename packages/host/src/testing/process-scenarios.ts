// How processes run and end, beyond what every Machine does.

import { strict as assert } from 'node:assert';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Machine } from '@sallyport/session';
import type { Host } from '../host.ts';
import { eventually, type Ground, isAlive, linesOf, over, type Scenario, type Scenarios } from './scenario.ts';

const megabyte = 1_048_576;
const anonymousMb = () => {
  globalThis.gc?.();
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
};

/** A tree that tries to get away: a child that ignores signals, one in a session of its own, and a daemon whose parent is gone. */
const runaways = `
(trap '' HUP TERM INT; while :; do sleep 1; done) & echo "pid $!"
setsid sh -c 'echo "pid $$"; exec sleep 600' </dev/null 2>/dev/null &
(nohup setsid sh -c 'echo "pid $$"; exec sleep 600' </dev/null 2>/dev/null &)
wait`;

async function startRunaways(ground: Ground, machine: Machine) {
  const process = await ground.start(machine, runaways);
  const lines = linesOf(process.stdout);
  const pids: number[] = [];
  for (let count = 0; count < 3; count += 1) pids.push(Number(await lines.until(/^pid (\d+)$/m)));
  return { process, pids };
}

/** The same host as one that has no cgroups would be. */
const withoutCgroup = (host: Host): Host => ({ ...host, cgroup: undefined });

const hangUpKills =
  (adapt: (host: Host) => Host): Scenario =>
  async (ground) => {
    const machine = await ground.machine('dana', { host: adapt(ground.host) });
    const { process, pids } = await startRunaways(ground, machine);
    const other = await ground.start(machine, 'echo ready; exec sleep 600');
    await linesOf(other.stdout).until(/ready/);
    process.hangUp();
    assert.deepEqual((await process.exit).how, 'signalled');
    await eventually(() => !pids.some(isAlive));
    // The neighbour in the same session goes on.
    other.signal('INT');
    assert.deepEqual(await other.exit, { how: 'signalled', signal: 'INT', isCoreDumped: false });
  };

const endKillsDaemons =
  (adapt: (host: Host) => Host): Scenario =>
  async (ground) => {
    const machine = await ground.machine('dana', { host: adapt(ground.host) });
    const daemon = `setsid sh -c "trap '' HUP TERM; while :; do sleep 1; done" </dev/null >/dev/null 2>&1 & echo $!`;
    const { stdout } = await ground.run(machine, daemon);
    const pid = Number(stdout);
    assert(isAlive(pid), 'a daemon outlives its channel, as with sshd');
    const startedAt = performance.now();
    await machine.end(over);
    assert(!isAlive(pid), 'a daemon does not outlive its session');
    assert(performance.now() - startedAt < 1_500);
  };

export const processScenarios: Scenarios = {
  hangUpKills: hangUpKills((host) => host),
  hangUpKillsWithoutCgroup: hangUpKills(withoutCgroup),
  endKillsDaemons: endKillsDaemons((host) => host),
  endKillsDaemonsWithoutCgroup: endKillsDaemons(withoutCgroup),

  linger: async (ground) => {
    const machine = await ground.machine('dana', { linger: true, host: withoutCgroup(ground.host) });
    const { stdout } = await ground.run(machine, 'nohup setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!');
    await machine.end(over);
    const pid = Number(stdout);
    assert(isAlive(pid));
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid));
  },

  exits: async (ground) => {
    const machine = await ground.machine();
    const folder = `${ground.folder}/dana/cores`;
    const signalled = (signal: string, isCoreDumped = false) => ({ how: 'signalled', signal, isCoreDumped });
    const rows: readonly (readonly [command: string, exit: object])[] = [
      ['exit 0', { how: 'exited', status: 0 }],
      ['exit 255', { how: 'exited', status: 255 }],
      ['kill -KILL $$', signalled('KILL')],
      ['kill -PIPE $$', signalled('PIPE')],
      ['ulimit -c 0; kill -SEGV $$', signalled('SEGV')],
      ['kill -40 $$', signalled('RT40')],
      [`mkdir -p ${folder}; cd ${folder}; ulimit -c unlimited; kill -ABRT $$`, signalled('ABRT', isCoreToFile())],
      ['no-such-command', { how: 'exited', status: 127 }],
    ];
    for (const [command, exit] of rows) assert.deepEqual((await ground.run(machine, command)).exit, exit, command);
  },

  bulk: async (ground) => {
    const machine = await ground.machine();
    const process = await ground.start(machine, 'cat');
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    const chunk = randomBytes(megabyte);
    let bytes = 0;
    let peakMb = 0;
    const startMb = anonymousMb();
    process.stdout.on('data', (part: Buffer) => {
      received.update(part);
      bytes += part.byteLength;
    });
    for (let count = 0; count < 100; count += 1) {
      sent.update(chunk);
      if (!process.stdin.write(chunk)) await new Promise((resolve) => process.stdin.once('drain', resolve));
      if (count % 10 === 0) peakMb = Math.max(peakMb, anonymousMb());
    }
    process.stdin.end();
    assert.deepEqual(await process.exit, { how: 'exited', status: 0 });
    assert.equal(bytes, 100 * megabyte);
    assert.equal(received.digest('hex'), sent.digest('hex'));
    assert(peakMb - startMb < 32, `100 MB took ${peakMb - startMb} MB of memory`);
  },

  devices: async (ground) => {
    const machine = await ground.machine();
    const { stdout, stderr } = await ground.run(
      machine,
      'cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr',
      { stdin: 'in\n' },
    );
    assert.deepEqual([stdout, stderr], ['in\nout\n', 'err\n']);
  },

  background: async (ground) => {
    const machine = await ground.machine();
    const silent = await ground.run(machine, 'sleep 600 & echo $!; exit 4');
    assert.deepEqual(silent.exit, { how: 'exited', status: 4 });
    assert(isAlive(Number(silent.stdout)), 'what is left in the background goes on');
    const late = await ground.run(machine, 'echo late > >(sleep 0.05; cat)');
    assert.equal(late.stdout, 'late\n');
  },

  descriptors: async (ground) => {
    const machine = await ground.machine();
    const own = await ground.start(machine, 'sleep 600', {});
    const { stdout } = await ground.run(machine, 'ls /proc/self/fd | tr "\\n" " "');
    // 3 is the folder that ls reads.
    assert.equal(stdout, '0 1 2 3 ');
    own.hangUp();
  },

  concurrency: async (ground) => {
    const startMb = anonymousMb();
    const machines = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ground.machine(n % 2 === 0 ? 'dana' : 'root')),
    );
    const processes = await Promise.all(
      machines.map((machine) => ground.start(machine, 'read -r line; echo "$line"; id -u')),
    );
    const perSessionMb = (anonymousMb() - startMb) / machines.length;
    assert(perSessionMb <= 6, `a session takes ${perSessionMb} MB`);
    const outputs = processes.map((process) => linesOf(process.stdout));
    for (const [n, process] of processes.entries()) process.stdin.end(`line ${n}\n`);
    for (const [n, output] of outputs.entries()) {
      assert.equal(await output.until(/^line (\d+)$/m), String(n));
      assert.equal(await output.until(/^(\d+)$/m), n % 2 === 0 ? '64101' : '0');
    }
    assert(
      (await Promise.all(processes.map(({ exit }) => exit))).every(
        (exit) => exit.how === 'exited' && exit.status === 0,
      ),
    );
  },

  signalsAsLogin: async (ground) => {
    const machine = await ground.machine();
    const process = await ground.start(
      machine,
      `trap 'echo caught; exit 5' USR1; echo ready; while :; do sleep 0.05; done`,
    );
    const lines = linesOf(process.stdout);
    await lines.until(/ready/);
    for (const name of ['STOP', 'SIGUSR1', '__proto__', 'USR1; true']) process.signal(name);
    process.signal('USR1');
    await lines.until(/caught/);
    assert.deepEqual(await process.exit, { how: 'exited', status: 5 });
  },

  closedCell: async (ground) => {
    // A cgroup that cannot be entered: nothing may run outside it.
    const host: Host = { ...ground.host, cgroup: { folder: '/proc', canKill: true } };
    const refused = await ground.tryMachine('dana', { host });
    assert(!refused.ok);
    assert.equal(refused.error.code, 'HOST_UNABLE');
  },
};

function isCoreToFile(): boolean {
  return readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim() !== '';
}
