// One process of a session, on pipes or on a terminal, as the Process that a Machine gives out. It is hung up by its channel's end,
// and what it leaves in the background stays the session's.

import { chmodSync, chownSync, fchownSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import type { ExitStatus, Refusal, TerminalRequest } from '@sallyport/protocol';
import type { Process } from '@sallyport/session';
import { asLogin, type CommandLine, type Identity, type Program } from './as-login.ts';
import { type Child, type ChildDescriptors, startChild } from './child.ts';
import type { Cell } from './enclosure.ts';
import type { Host } from './host.ts';
import { pipeInput, terminalInput } from './input.ts';
import type { Kernel } from './kernel.ts';
import { drained, emptyOutput, type Output, outputFrom } from './output.ts';
import { isSignalName, type SignalName, signalQuietly } from './proc.ts';
import { endTree, type Grace } from './process-tree.ts';
import { hostUnable } from './refusals.ts';
import { endOfFileOf } from './terminal-modes.ts';

export type ProcessSetup = {
  readonly host: Host;
  readonly kernel: Kernel;
  readonly identity: Identity;
  readonly cell: Cell;
  readonly grace: Grace;
  readonly environment: (terminalPath?: string) => Readonly<Record<string, string>>;
  readonly program: Program;
  /** Sends a signal to a process group with the login's rights, not the agent's. */
  readonly signalGroup: (group: number, signal: SignalName) => void;
};

/** Group tty may write to a terminal and nobody else: wall(1), write(1). */
const terminalMode = 0o620;

export async function startOnPipes(setup: ProcessSetup): Promise<Result<Process, Refusal>> {
  const opened = openPipes(setup);
  if (!opened.ok) return err(unableToStart(opened.error));
  const { own, theirs } = opened.value;
  const started = await start(setup, setup.environment(), theirs, '');
  if (!started.ok) {
    for (const fd of own) setup.kernel.close(fd);
    return started;
  }
  const child = started.value;
  const [stdin, stdout, stderr] = own.map(
    (fd, index) => new Socket({ fd, readable: index > 0, writable: index === 0 }),
  );
  if (!stdin || !stdout || !stderr) throw new Error('a process has three pipes');
  let open = 2;
  const look = () => {
    open -= 1;
    if (open === 0) child.look();
  };
  const outputs = [outputFrom(stdout, look), outputFrom(stderr, look)] as const;
  return ok(
    processOf(setup, child, {
      stdin: pipeInput(stdin),
      outputs,
      stderr: outputs[1].stream,
      resize: () => undefined,
      disconnect: () => {
        stdin.destroy();
        for (const output of outputs) output.close();
      },
    }),
  );
}

export async function startOnTerminal(
  setup: ProcessSetup,
  request: TerminalRequest,
): Promise<Result<Process, Refusal>> {
  const { kernel, host } = setup;
  const opened = kernel.openTerminal();
  if (!opened.ok) return err(unableToStart(opened.error));
  const { master, slave, path } = opened.value;
  kernel.setWindowSize(master, request.size);
  kernel.setModes(slave, request.modes);
  giveTerminal(setup, path);
  const started = await start(setup, setup.environment(path), [slave, slave, slave], path);
  if (!started.ok) {
    kernel.close(master);
    return started;
  }
  const child = started.value;
  const output = outputFrom(new ReadStream(master), () => {
    input.stop();
    child.look();
  });
  const input = terminalInput({ master, isOver: () => output.isOver }, host.clock, endOfFileOf(request.modes));
  return ok(
    processOf(setup, child, {
      stdin: input.stream,
      outputs: [output],
      stderr: emptyOutput(),
      resize: (size) => {
        if (child.isRunning && !output.isOver) kernel.setWindowSize(master, size);
      },
      // Closing the master is what hangs the terminal up.
      disconnect: () => output.close(),
    }),
  );
}

/** Starts the program and closes the child's descriptors on this side, whatever comes of it. */
async function start(
  { host, identity, cell, kernel, program }: ProcessSetup,
  environment: Readonly<Record<string, string>>,
  descriptors: ChildDescriptors,
  terminal: string,
): Promise<Result<Child, Refusal>> {
  const command: CommandLine = asLogin(identity, host.tools, { cgroup: cell.entrance, terminal }, program);
  const hasKeyring = kernel.newSessionKeyring();
  const starting = hasKeyring ? startChild(command, { ...environment, ...cell.environment }, descriptors) : noKeyring;
  // The child has its keyring by now; what this login puts there is not for the agent's own programs.
  kernel.newSessionKeyring();
  for (const fd of new Set(descriptors)) kernel.close(fd);
  const started = await starting;
  if (!started.ok) return err(unableToStart(started.error));
  cell.lead(started.value.pid);
  return started;
}

const noKeyring = Promise.resolve(err('the kernel gives no keyring: see /proc/key-users'));

type Ends = {
  readonly stdin: Writable;
  readonly outputs: readonly [Output, ...Output[]];
  readonly stderr: Readable;
  resize: Process['resize'];
  disconnect(): void;
};

function processOf(setup: ProcessSetup, child: Child, ends: Ends): Process {
  const { cell, grace, host } = setup;
  let isHungUp = false;
  return {
    stdin: ends.stdin,
    stdout: ends.outputs[0].stream,
    stderr: ends.stderr,
    exit: exitOf(child, ends, host.clock).finally(() => cell.tree.release()),
    resize: ends.resize,
    signal: (name) => {
      if (child.isRunning && isSignalName(name)) setup.signalGroup(child.pid, name);
    },
    hangUp: () => {
      if (isHungUp || !child.isRunning) return;
      isHungUp = true;
      ends.disconnect();
      signalQuietly(-child.pid, 'SIGHUP');
      void endTree(cell.tree, grace, host.clock).then(() => cell.tree.release());
    },
  };
}

async function exitOf(child: Child, ends: Ends, clock: Clock): Promise<ExitStatus> {
  const exit = await child.exited;
  await drained(ends.outputs, clock);
  ends.disconnect();
  return exit;
}

type Pipes = { readonly own: readonly number[]; readonly theirs: ChildDescriptors };

function openPipes({ identity, kernel }: ProcessSetup): Result<Pipes, string> {
  const pipes = [kernel.openPipe(), kernel.openPipe(), kernel.openPipe()];
  const [stdin, stdout, stderr] = pipes;
  if (!stdin?.ok || !stdout?.ok || !stderr?.ok) {
    for (const pipe of pipes) if (pipe.ok) for (const fd of Object.values(pipe.value)) kernel.close(fd);
    return err('no more pipes: the limit of open files is reached');
  }
  const theirs = [stdin.value.readEnd, stdout.value.writeEnd, stderr.value.writeEnd] as const;
  // The login may open its own pipes again: /dev/stdin, /dev/stderr.
  if (identity.acting === 'as-root') for (const fd of theirs) fchownSync(fd, identity.login.uid, identity.login.gid);
  return ok({ own: [stdin.value.writeEnd, stdout.value.readEnd, stderr.value.readEnd], theirs });
}

function giveTerminal({ host, identity }: ProcessSetup, path: string): void {
  if (identity.acting === 'as-root') chownSync(path, identity.login.uid, host.terminalGroup ?? identity.login.gid);
  chmodSync(path, host.terminalGroup === undefined ? terminalMode & 0o600 : terminalMode);
}

function unableToStart(detail: string): Refusal {
  return hostUnable(
    'the process could not be started',
    'look at the limits of processes and open files on the server',
    { detail },
  );
}
