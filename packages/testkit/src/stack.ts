// The whole product on this machine, as its users run it: a gateway, an agent and a signed-in person, each its own process of the
// `sally` program, in one throw-away folder. Nothing here knows the product's insides.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Finished, freePort, Running, type RunOptions, run, waitFor } from './program.ts';

export type StackOptions = {
  readonly folder: string;
  /** How to start `sally`: the program and its first words. */
  readonly sally: readonly string[];
  /** Lines added to the gateway's settings, before its tables. */
  readonly settings?: string;
  /** Tables added to the gateway's settings. */
  readonly tables?: string;
  /** Words before the gateway's own command line, such as `unshare --mount …`; they end in an exec of the rest. */
  readonly gatewayPrefix?: (dataFolder: string) => readonly string[];
  /** Words before the agent's own command line; they end in an exec of the rest. */
  readonly agentPrefix?: readonly string[];
  /** Environment of the agent, beside this process's own. */
  readonly agentEnv?: NodeJS.ProcessEnv;
  readonly onProgress?: (what: string) => void;
};

const workspace = 'demo';

export class Stack {
  readonly folder: string;
  readonly url: string;
  readonly serverName: string;
  readonly login: string;
  readonly sshConfig: string;
  readonly #options: StackOptions;
  readonly #settingsFile: string;
  #gateway: Running | undefined;
  #agent: Running | undefined;

  private constructor(options: StackOptions, port: number) {
    this.#options = options;
    this.folder = options.folder;
    this.url = `https://127.0.0.1:${port}`;
    this.serverName = serverNameOf(hostname());
    this.login = userInfo().username;
    this.sshConfig = join(options.folder, 'ssh_config');
    this.#settingsFile = join(options.folder, 'gateway.toml');
  }

  /** A stack whose server is online. A folder that was kept is taken up where it was left. */
  static async start(options: StackOptions): Promise<Stack> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const port = (await keptPort(options.folder)) ?? (await freePort());
    const stack = new Stack(options, port);
    try {
      await stack.#begin(port);
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  async #begin(port: number): Promise<void> {
    const progress = this.#options.onProgress ?? (() => {});
    const isKept = (await keptPort(this.folder)) !== undefined;
    if (!isKept) await writeFile(this.#settingsFile, this.#settings(port));
    progress('starting the gateway');
    await this.startGateway();
    if (!isKept) {
      progress('signing in');
      const link = await readFile(this.dataPath('first-owner-link'), 'utf8');
      expectDone(await this.sally(['login', '-'], { input: link }), 'sally login');
      progress('enrolling this machine as a server');
      await this.join(join(this.folder, 'agent'), this.serverName);
    }
    progress('starting the agent');
    await this.startAgent();
    await this.untilOnline();
    const block = await this.sally(['ssh-config']);
    expectDone(block, 'sally ssh-config');
    await writeFile(this.sshConfig, block.stdout);
  }

  #settings(port: number): string {
    return [
      `workspace = "${workspace}"`,
      `dataFolder = ${JSON.stringify(join(this.folder, 'data'))}`,
      `publicUrl = "${this.url}"`,
      this.#options.settings ?? '',
      '[listen]',
      'host = "127.0.0.1"',
      `port = ${port}`,
      this.#options.tables ?? '',
      '',
    ].join('\n');
  }

  /** The environment of every program of this stack: it sees no settings of the person who runs it. */
  env(): NodeJS.ProcessEnv {
    const { SALLY_SETTINGS: _settings, ...env } = process.env;
    return {
      ...env,
      XDG_CONFIG_HOME: join(this.folder, 'client'),
      XDG_STATE_HOME: join(this.folder, 'state'),
      NO_COLOR: '1',
      LANG: 'C.UTF-8',
    };
  }

  get gateway(): Running {
    if (!this.#gateway) throw new Error('the gateway has not been started');
    return this.#gateway;
  }

  get agent(): Running {
    if (!this.#agent) throw new Error('the agent has not been started');
    return this.#agent;
  }

  argv(args: readonly string[]): string[] {
    return [...this.#options.sally, ...args];
  }

  sally(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run(this.argv(args), { env: this.env(), ...options });
  }

  /** The real OpenSSH client, with the block that `sally ssh-config` wrote. */
  ssh(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run(this.sshArgv(args), { env: this.env(), ...options });
  }

  sshArgv(args: readonly string[]): string[] {
    return ['ssh', '-F', this.sshConfig, ...args];
  }

  /** `LOGIN@SERVER.DOMAIN` for the stock tools. */
  get host(): string {
    return `${this.login}@${this.serverName}.${workspace}.sally`;
  }

  /** A file of the gateway's data folder, seen as the gateway sees it: its mounts may be its own. */
  dataPath(...names: readonly string[]): string {
    return join('/proc', String(this.gateway.pid), 'root', this.folder, 'data', ...names);
  }

  async startGateway(): Promise<void> {
    const prefix = this.#options.gatewayPrefix?.(join(this.folder, 'data')) ?? [];
    this.#gateway = new Running([...prefix, ...this.argv(['gateway', '--config', this.#settingsFile])], {
      env: this.env(),
    });
    await this.#gateway.until(/is listening on/);
  }

  async startAgent(): Promise<void> {
    const prefix = this.#options.agentPrefix ?? [];
    this.#agent = new Running([...prefix, ...this.argv(['agent', 'run', '--state', join(this.folder, 'agent')])], {
      env: { ...this.env(), ...this.#options.agentEnv },
    });
  }

  async join(state: string, name: string): Promise<void> {
    const token = expectDone(await this.sally(['token', 'create', '--json']), 'sally token create');
    const tokenFile = join(this.folder, `token-${name}`);
    await writeFile(tokenFile, JSON.parse(token.stdout).token, { mode: 0o600 });
    const joined = await this.sally([
      'agent',
      'join',
      this.url,
      '--token-file',
      tokenFile,
      '--name',
      name,
      '--state',
      state,
    ]);
    expectDone(joined, 'sally agent join');
  }

  async untilOnline(): Promise<void> {
    await waitFor(
      async () => {
        if (this.agent.hasExited) throw new Error(`the agent ended:\n${this.agent.output}`);
        const listed = await this.sally(['ls', '--json']);
        if (listed.status !== 0) return undefined;
        const servers: { name: string; state: string }[] = JSON.parse(listed.stdout);
        return servers.some(({ name, state }) => name === this.serverName && state === 'online') ? true : undefined;
      },
      `the server to be online; the agent says:\n${this.#agent?.output ?? ''}`,
    );
  }

  /** Every stored event of the audit log. */
  async auditEvents(): Promise<{ class: string; [field: string]: unknown }[]> {
    const listed = expectDone(await this.sally(['audit', 'tail', '-n', '1000', '--json']), 'sally audit tail');
    return listed.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  async stop(): Promise<void> {
    await this.#agent?.stop();
    await this.#gateway?.stop();
  }
}

function expectDone(finished: Finished, what: string): Finished {
  if (finished.status === 0) return finished;
  throw new Error(`${what} failed (${finished.status ?? finished.signal}):\n${finished.stderr}${finished.stdout}`);
}

async function keptPort(folder: string): Promise<number | undefined> {
  try {
    const port = /^port = (\d+)$/m.exec(await readFile(join(folder, 'gateway.toml'), 'utf8'))?.[1];
    return port === undefined ? undefined : Number(port);
  } catch {
    return undefined;
  }
}

function serverNameOf(host: string): string {
  const label = host
    .toLowerCase()
    .split('.', 1)[0]
    ?.replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return label ? label : 'server';
}
