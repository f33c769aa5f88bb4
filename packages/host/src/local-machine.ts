// The Machine of one session on this very host, as one login. It is the only place where the agent acts, and it never acts as
// anything but that login: no process before the login is known, none after the session has ended.

import type { Duplex } from 'node:stream';
import { err, ok, type Result, type SessionId } from '@sallyport/core';
import type { DialRequest, ListenRequest, Refusal, SocketAddress, TerminalRequest } from '@sallyport/protocol';
import type { Listener, Machine, Process } from '@sallyport/session';
import { asLogin, type Identity, type Program } from './as-login.ts';
import { acceptedVariables } from './client-environment.ts';
import { run } from './command.ts';
import { type Enclosure, enclosureOf } from './enclosure.ts';
import { argumentZero, environmentOf, type HostSettings, readHostSettings, umaskOf } from './environment.ts';
import { groupsOf, limitsOf } from './groups.ts';
import type { Host } from './host.ts';
import { type ProcessSetup, startOnPipes, startOnTerminal } from './local-process.ts';
import { admitLogin, type Login } from './login.ts';
import { type ListenAddresses, Network } from './network.ts';
import { type SignalName, signalGroup } from './proc.ts';
import { endTree, type Grace, releaseTree } from './process-tree.ts';
import { hostUnable, loginNotAllowed, sessionEnded } from './refusals.ts';

export type LocalMachineOptions = {
  readonly host: Host;
  readonly login: Login;
  readonly session: SessionId;
  /** Variables that a client may set, as in AcceptEnv of sshd; the usual ones unless said otherwise. */
  readonly acceptEnvironment?: readonly string[] | undefined;
  readonly grace?: Grace;
  /** Leaves what the session put in the background running when it ends, as sshd does without logind's KillUserProcesses. */
  readonly linger?: boolean;
  /** Which addresses a session may listen on; only those of loopback unless said otherwise. */
  readonly listenAddresses?: ListenAddresses;
};

/** Any period does: an interval keeps the program alive, and a Clock's timers do not. */
const holdMs = 60_000;
/** Together less than the second in which a revoked session has to be over. */
const defaultGrace: Grace = { hangUpMs: 400, terminateMs: 400 };

/** The machine, or why this login may not be used here. Nothing runs yet. */
export async function localMachine(options: LocalMachineOptions): Promise<Result<Machine, Refusal>> {
  const { host, login, session } = options;
  const refusal = unableToBe(host, login);
  if (refusal) return err(refusal);
  const admitted = await admitLogin(login, host.acting, host.clock);
  if (!admitted.ok) return admitted;
  const [groups, limits] = await Promise.all([groupsOf(login, host.tools), limitsOf(login, host.tools)]);
  if (!groups.ok) return groups;
  if (!limits.ok) return limits;
  const enclosure = enclosureOf(host, session);
  if (!enclosure) return err(noEnclosure());
  const settings = readHostSettings();
  const identity = { login, acting: host.acting, groups: groups.value, limits: limits.value, umask: umaskOf(settings) };
  return ok(new LocalMachine({ ...options, identity, enclosure, settings }));
}

function unableToBe({ acting, tools }: Host, login: Login): Refusal | undefined {
  if (acting === 'as-self') {
    if (login.uid === process.getuid?.()) return undefined;
    return loginNotAllowed(
      login.name,
      'the agent does not run as root and serves its own login only',
      'ask for the login that runs the agent, or run the agent as root',
    );
  }
  if (tools.setpriv) return undefined;
  return hostUnable(
    'this host has no setpriv, which gives a process its login',
    'install util-linux (Alpine: apk add setpriv)',
  );
}

function noEnclosure(): Refusal {
  return hostUnable('no place for the session’s processes could be made', 'look at /sys/fs/cgroup on the server');
}

type Parts = LocalMachineOptions & {
  readonly identity: Identity;
  readonly enclosure: Enclosure;
  readonly settings: HostSettings;
};

type Wishes = {
  readonly terminal?: TerminalRequest | undefined;
  readonly environment: Readonly<Record<string, string>>;
};

class LocalMachine implements Machine {
  readonly ended: Promise<Refusal>;
  readonly #parts: Parts;
  readonly #network: Network;
  readonly #processes = new Set<Process>();
  readonly #starting = new Set<Promise<unknown>>();
  readonly #settleEnded: (reason: Refusal) => void;
  #over: Refusal | undefined;
  #ending: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { host, identity, enclosure, listenAddresses = 'loopback' } = parts;
    this.#network = new Network({ host, identity, cell: () => enclosure.cell(), listenAddresses });
    const ended = Promise.withResolvers<Refusal>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
  }

  shell(request: Wishes): Promise<Result<Process, Refusal>> {
    const { shell } = this.#parts.login;
    return this.#start({ argumentZero: argumentZero(shell, true), file: shell, args: [] }, request);
  }

  exec(request: Wishes & { command: string }): Promise<Result<Process, Refusal>> {
    return this.#start(this.#command(request.command), request);
  }

  async sftp(): Promise<Result<Process, Refusal>> {
    const { sftpServer } = this.#parts.host.tools;
    if (!sftpServer) {
      const hint =
        'install it: apt install openssh-sftp-server, dnf install openssh-server, apk add openssh-sftp-server, pacman -S openssh';
      return err(hostUnable('this host has no sftp-server', hint));
    }
    // Through the login's shell, as sshd does: a restricted shell stays one.
    return this.#start(this.#command(sftpServer), { environment: {} });
  }

  dial(request: DialRequest): Promise<Result<Duplex, Refusal>> {
    return this.#unlessOver(() => this.#network.dial(request.to));
  }

  listen(
    request: ListenRequest,
    onConnection: (connection: Duplex, origin: SocketAddress) => void,
  ): Promise<Result<Listener, Refusal>> {
    return this.#unlessOver(() => this.#network.listen(request.on, onConnection));
  }

  end(reason: Refusal): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: Refusal): Promise<void> {
    this.#over = reason;
    this.#settleEnded(reason);
    // A program that is stopping must not be gone before what it started is.
    const hold = setInterval(() => undefined, holdMs);
    await this.#endAll().finally(() => clearInterval(hold));
  }

  async #endAll(): Promise<void> {
    const { enclosure, grace = defaultGrace, host, linger = false } = this.#parts;
    const network = this.#network.end();
    // What is being started is either refused or ends with the rest.
    await Promise.allSettled(this.#starting);
    const processes = [...this.#processes];
    for (const process of processes) process.hangUp();
    await network;
    if (!linger) await endTree(enclosure.tree, grace, host.clock);
    await Promise.all(processes.map(({ exit }) => exit));
    if (linger) enclosure.tree.release();
    else await releaseTree(enclosure.tree, host.clock);
  }

  #command(command: string): Program {
    const { shell } = this.#parts.login;
    return { argumentZero: argumentZero(shell, false), file: shell, args: ['-c', command] };
  }

  #start(program: Program, request: Wishes): Promise<Result<Process, Refusal>> {
    return this.#unlessOver(async () => {
      const setup = await this.#setup(program, request);
      if (!setup.ok) return setup;
      const { terminal } = request;
      const started = terminal ? await startOnTerminal(setup.value, terminal) : await startOnPipes(setup.value);
      if (!started.ok) {
        setup.value.cell.tree.release();
        return started;
      }
      const process = started.value;
      this.#processes.add(process);
      void process.exit.then(() => this.#processes.delete(process));
      return started;
    });
  }

  async #setup(program: Program, { terminal, environment: wishes }: Wishes): Promise<Result<ProcessSetup, Refusal>> {
    const { acceptEnvironment, enclosure, grace = defaultGrace, host, identity, login, settings } = this.#parts;
    const kernel = await host.kernel();
    if (!kernel.ok) return kernel;
    const cell = enclosure.cell();
    if (!cell) return err(noEnclosure());
    const accepted = acceptedVariables(wishes, acceptEnvironment);
    return ok({
      host,
      kernel: kernel.value,
      identity,
      cell,
      grace,
      program,
      environment: (path) =>
        environmentOf(login, accepted, settings, terminal && path ? { type: terminal.term, path } : undefined),
      signalGroup: (group, signal) => this.#signalGroup(group, signal),
    });
  }

  // sshd signals with the login's rights: what the login started through sudo is not its own to kill.
  #signalGroup(group: number, signal: SignalName): void {
    const { host, identity, login } = this.#parts;
    if (host.acting === 'as-self' || login.uid === 0) {
      signalGroup(group, signal);
      return;
    }
    const kill = {
      argumentZero: 'sh',
      file: host.tools.sh,
      args: ['-c', 'kill -s "$1" -- "-$2"', 'sh', signal, String(group)],
    };
    const command = asLogin(identity, host.tools, { cgroup: '', terminal: '' }, kill);
    void run(command.file, command.args);
  }

  /** Runs what begins something, unless the session is over; what is over by the time it has begun was ended with the rest. */
  async #unlessOver<T>(begin: () => Promise<Result<T, Refusal>>): Promise<Result<T, Refusal>> {
    if (this.#over) return err(sessionEnded(this.#over));
    const beginning = begin();
    this.#starting.add(beginning);
    try {
      return await beginning;
    } finally {
      this.#starting.delete(beginning);
    }
  }
}
