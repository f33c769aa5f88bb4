// The gateway's composition root: the only place that knows every part, and the only reader of its environment, clock and settings file.
// A start that fails says which step, what is wrong and how to mend it, and leaves nothing half started.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditLog, openAuditLog, verifierKeyText } from '@sallyport/audit';
import { type Clock, err, ok, type Result, systemClock, toBase64Url } from '@sallyport/core';
import { mistakeText } from '@sallyport/policy';
import { linkPaths } from '@sallyport/protocol';
import { openSshPublicKey } from '@sallyport/session';
import { webSocketAcceptor } from '@sallyport/tunnel';
import { type Logger, pino } from 'pino';
import { createCaCertificate, type GatewayAuthority, openAuthority } from './adapter/authority/authority.ts';
import { offerFirstLink } from './adapter/first-link/first-link.ts';
import { createKeyFile, readKeyFile } from './adapter/key-file/key-file.ts';
import { keySeal } from './adapter/key-file/seal.ts';
import { createMetrics, type Metrics } from './adapter/metrics/metrics.ts';
import { currentOwner, privateFolder } from './adapter/private-file.ts';
import { readinessChecks } from './adapter/readiness/readiness.ts';
import { serverCertificate } from './adapter/server-certificate/server-certificate.ts';
import { storeLocation } from './adapter/store/location.ts';
import { openStore, type Store } from './adapter/store/store.ts';
import { createJournal, type Journal } from './domain/audit/index.ts';
import { createEnrolment } from './domain/enrolment/index.ts';
import { createFleet, type Fleet } from './domain/fleet/index.ts';
import { createDeviceLinks, createIdentity, type DeviceLinks, type IdentityService } from './domain/identity/index.ts';
import { createPolicy, type PolicyService } from './domain/policy/index.ts';
import { createRecordings, type RecordingService } from './domain/recording/index.ts';
import {
  createGate,
  createSessions,
  endRevoked,
  recoverSessions,
  type SessionService,
  sessionRefusals,
} from './domain/session/index.ts';
import { openWorkspace, type WorkspaceKeys } from './domain/workspace/index.ts';
import { agentLinkDoor } from './door/agent-link/index.ts';
import { clientLinkDoor } from './door/client-link/index.ts';
import { createHttpServer, type HttpServer, registerRoutes, renewDaily } from './door/http-api/index.ts';
import { type GatewaySettings, readSettings, settingMistakeText, settingsFileVariable } from './settings.ts';

export type StartFailure = {
  readonly step: string;
  readonly message: string;
  readonly hint: string;
  /** One line for each mistake, where there are several. */
  readonly details: readonly string[];
};

export type GatewayProgram = {
  /** Path of the TOML file; without one SALLY_SETTINGS names it, or the defaults and the environment hold. */
  readonly settingsFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Where people read: never the log, because it may show an enrolment link. */
  readonly print: (line: string) => void;
};

export type RunningGateway = {
  readonly url: string;
  /** Ends every session with a word, closes the log with a last checkpoint, and lets go of the port. */
  stop(): Promise<void>;
};

const caLifeMs = 10 * 365 * 86_400_000;
const random = (byteCount: number) => randomBytes(byteCount);

type Parts = {
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  readonly authority: GatewayAuthority;
  readonly keys: WorkspaceKeys;
  readonly log: AuditLog;
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly policy: PolicyService;
  readonly identity: IdentityService;
  readonly links: DeviceLinks;
  readonly fleet: Fleet;
  readonly sessions: SessionService;
  readonly recordings: RecordingService;
};

/** Starts the gateway, or says in which step it could not and what to do. */
export async function startGateway(program: GatewayProgram): Promise<Result<RunningGateway, StartFailure>> {
  const settings = await loadSettings(program);
  if (!settings.ok) return settings;
  const clock = systemClock;
  const logger = pino({ level: settings.value.log.level, base: { program: 'gateway' } });
  const undo: (() => Promise<void>)[] = [];
  const started = await start({ program, settings: settings.value, clock, logger, undo });
  if (!started.ok) for (const step of undo.reverse()) await step();
  return started;
}

type Starting = {
  readonly program: GatewayProgram;
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What to take back, latest first, when a later step fails. */
  readonly undo: (() => Promise<void>)[];
};

async function start(starting: Starting): Promise<Result<RunningGateway, StartFailure>> {
  const parts = await openParts(starting);
  if (!parts.ok) return parts;
  const { settings, logger } = starting;
  const server = await openDoors(parts.value, starting.program.version);
  starting.undo.push(() => server.close());
  const listening = await listen(server, settings);
  if (!listening.ok) return listening;
  const recorded = await parts.value.journal.write(
    lifeEvent('gateway.started', settings, { version: starting.program.version }),
  );
  if (!recorded.ok) return failed('audit log', recorded.error.message, recorded.error.hint);
  await offerFirstLink({ ...parts.value, ...settings, print: starting.program.print, url: listening.value });
  logger.info({ url: listening.value, workspace: settings.workspace }, 'the gateway is ready');
  return ok({ url: listening.value, stop: () => stopGateway(parts.value, server, starting.undo) });
}

async function stopGateway(parts: Parts, server: HttpServer, undo: readonly (() => Promise<void>)[]): Promise<void> {
  await parts.sessions.endAll(sessionRefusals.stopping());
  parts.fleet.closeAll('the gateway is stopping');
  parts.links.closeAll('the gateway is stopping');
  await parts.journal.flush();
  await parts.journal.write(lifeEvent('gateway.stopped', parts.settings, {}));
  await server.close();
  for (const step of [...undo].reverse()) await step();
}

async function loadSettings({
  settingsFile,
  environment,
}: GatewayProgram): Promise<Result<GatewaySettings, StartFailure>> {
  const path = settingsFile ?? environment[settingsFileVariable];
  let toml = '';
  if (path !== undefined) {
    try {
      toml = await readFile(path, 'utf8');
    } catch (error) {
      return failed(
        'settings',
        `${path} cannot be read: ${messageOf(error)}`,
        'give another file with --config, or none for the defaults',
      );
    }
  }
  const settings = readSettings(toml, environment);
  if (settings.ok) return settings;
  const where = path ?? 'the environment';
  return failed(
    'settings',
    `${where} has mistakes`,
    'docs/settings.md explains each',
    settings.error.map(settingMistakeText),
  );
}

async function openParts({ settings, clock, logger, undo }: Starting): Promise<Result<Parts, StartFailure>> {
  const folder = settings.dataFolder;
  const prepared = await privateFolder(folder, currentOwner());
  if (!prepared.ok) return failed('data folder', prepared.error.message, prepared.error.hint);
  const store = await openStoreOf(settings);
  if (!store.ok) return store;
  undo.push(() => store.value.close());
  const keys = await openKeys(settings, store.value, clock);
  if (!keys.ok) return keys;
  const authority = openAuthority({
    workspace: settings.workspace,
    caPem: keys.value.ca.certificatePem,
    privateKey: keys.value.ca.privateKey,
    random,
  });
  if (!authority.ok)
    return failed('workspace keys', authority.error, 'put back the database and the key file from one backup');
  const log = await openAuditLog({
    folder: join(folder, 'audit'),
    signingKey: keys.value.log,
    origin: originOf(settings),
    clock,
    checkpointEveryMs: settings.audit.checkpointSeconds * 1000,
  });
  if (!log.ok) return failed('audit log', log.error.message, log.error.hint);
  undo.push(() => log.value.close());
  return assemble({
    settings,
    clock,
    logger,
    store: store.value,
    keys: keys.value,
    authority: authority.value,
    log: log.value,
  });
}

type Opened = Pick<Parts, 'settings' | 'clock' | 'logger' | 'store' | 'keys' | 'authority' | 'log'>;

async function assemble(opened: Opened): Promise<Result<Parts, StartFailure>> {
  const { settings, clock, logger, store, keys, log } = opened;
  let sessionCount = () => 0;
  let agentCount = () => 0;
  const metrics = createMetrics({
    agents: () => agentCount(),
    sessions: () => sessionCount(),
    auditEvents: () => log.size,
  });
  const journal = createJournal(log, clock, (message) => {
    metrics.auditFailed();
    logger.error({ message }, 'the audit log could not take an event');
  });
  const policy = await createPolicy({ store, journal, clock, workspace: settings.workspace });
  if (!policy.ok)
    return failed(
      'policy',
      'the stored policy does not fit this version',
      'CHANGELOG.md says what changed',
      policy.error.map(mistakeText),
    );
  const fleet = createFleet({ grantKey: keys.grant, ...settings.ssh, journal, clock, random });
  const recordings = createRecordings({ folder: join(settings.dataFolder, 'recordings'), clock, journal });
  const maxDurationMs = settings.session.maxDurationSeconds * 1000;
  const gate = createGate({
    servers: store,
    policy: policy.value,
    journal,
    clock,
    random,
    workspace: settings.workspace,
    maxDurationMs,
  });
  const sessions = createSessions({
    gate,
    machines: fleet,
    recordings,
    store,
    journal,
    clock,
    random,
    idleMs: settings.session.idleSeconds * 1000,
    warnBeforeMs: settings.session.warnBeforeSeconds * 1000,
    limits: settings.limits,
    onFault: faultHandler(metrics, logger),
  });
  policy.value.onChange(() => sessions.reconsider());
  sessionCount = () => sessions.live().length;
  agentCount = () => fleet.size;
  const torn =
    log.recovered?.tornFile === undefined
      ? undefined
      : { file: log.recovered.tornFile, bytes: log.recovered.tornBytes };
  const recovered = await recoverSessions({ store, journal, recordings, clock, torn, workspace: settings.workspace });
  if (!recovered.ok) return failed('recovery', recovered.error.message, recovered.error.hint);
  const identity = createIdentity({ store, journal, clock, random });
  const links = createDeviceLinks(clock);
  endRevoked(identity, links, sessions);
  return ok({ ...opened, journal, metrics, policy: policy.value, identity, links, fleet, sessions, recordings });
}

async function openStoreOf({ store, dataFolder }: GatewaySettings): Promise<Result<Store, StartFailure>> {
  const location = await storeLocation(store, dataFolder);
  const opened = location.ok ? await openStore(location.value) : location;
  return opened.ok ? opened : failed('database', opened.error.message, opened.error.hint);
}

async function openKeys(
  settings: GatewaySettings,
  store: Store,
  clock: Clock,
): Promise<Result<WorkspaceKeys, StartFailure>> {
  const path = join(settings.dataFolder, 'workspace.key');
  const owner = currentOwner();
  let keyFile = await readKeyFile(path, owner);
  const isFirstStart = !keyFile.ok && keyFile.error.kind === 'absent' && (await store.workspace()) === undefined;
  if (isFirstStart) keyFile = await createKeyFile(path, random);
  if (!keyFile.ok) return failed('key file', keyFile.error.message, keyFile.error.hint);
  const now = clock.now();
  const opened = await openWorkspace(
    {
      store,
      seal: keySeal(keyFile.value, random),
      clock,
      selfSign: (workspace, ca) =>
        createCaCertificate(workspace, ca, { notBefore: now - 300_000, notAfter: now + caLifeMs }, random),
    },
    settings.workspace,
  );
  return opened.ok ? ok(opened.value.keys) : failed('workspace keys', opened.error.message, opened.error.hint);
}

async function openDoors(parts: Parts, version: string): Promise<HttpServer> {
  const { settings, authority, keys, store, journal, clock, logger, metrics, log } = parts;
  const acceptor = webSocketAcceptor();
  const onFault = faultHandler(metrics, logger);
  const enrolment = createEnrolment({ store, authority, journal, clock, random });
  const certificate = serverCertificate(settings, authority, clock);
  const common = { ...parts, ...settings.ssh, enrolment, acceptor, version, random, onFault };
  const server = await createHttpServer({
    tls: await certificate(),
    logger,
    clock,
    version,
    upgrades: {
      [linkPaths.agent]: agentLinkDoor({ ...common, maxAgents: settings.limits.maxAgents }),
      [linkPaths.client]: clientLinkDoor({
        ...common,
        sshHostCa: keys.sshCa.privateKey,
        workspace: settings.workspace,
        limits: settings.limits,
      }),
    },
  });
  renewDaily(server, certificate, (error) => onFault('the TLS certificate could not be renewed', error));
  registerRoutes(server, {
    ...parts,
    ...authority,
    enrolment,
    version,
    workspace: settings.workspace,
    publicUrl: new URL(settings.publicUrl),
    grantKey: toBase64Url(keys.grant.publicKey.export({ type: 'spki', format: 'der' })),
    sshHostCa: openSshPublicKey(keys.sshCa.publicKey),
    verifierKey: verifierKeyText(originOf(settings), keys.log.publicKey),
    checks: readinessChecks({ store, log, dataFolder: settings.dataFolder }),
    metrics: () => metrics.text(),
    mayScrape: isLoopback,
  });
  return server;
}

async function listen(server: HttpServer, { listen: at }: GatewaySettings): Promise<Result<string, StartFailure>> {
  try {
    return ok(await server.listen({ host: at.host, port: at.port }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return failed('port', `cannot listen on ${at.host}:${at.port}: ${messageOf(error)}`, listenHint(code, at));
  }
}

function listenHint(code: unknown, { port }: GatewaySettings['listen']): string {
  if (code === 'EADDRINUSE')
    return `another program listens there: \`ss -ltnp 'sport = :${port}'\` says which; or set listen.port`;
  if (code === 'EACCES') return 'ports below 1024 need AmbientCapabilities=CAP_NET_BIND_SERVICE, or set listen.port';
  return 'set listen.host to an address of this machine';
}

function lifeEvent(
  name: 'gateway.started' | 'gateway.stopped',
  { workspace, listen: at, store }: GatewaySettings,
  details: Record<string, string>,
) {
  return {
    class: name,
    actor: { kind: 'gateway' as const, id: workspace },
    action: name === 'gateway.started' ? 'start' : 'stop',
    resource: { kind: 'workspace' as const, id: workspace },
    details: { ...details, listen: `${at.host}:${at.port}`, store: store.kind },
  };
}

function faultHandler(metrics: Metrics, logger: Logger) {
  return (message: string, error: unknown) => {
    metrics.ownFault();
    logger.error({ err: error }, message);
  };
}

/** The log's name in its checkpoints (C2SP tlog-checkpoint: a URL without its scheme). */
function originOf({ publicUrl, workspace }: GatewaySettings): string {
  return `${new URL(publicUrl).host}/${workspace}`;
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.replace(/^::ffff:/, '').startsWith('127.');
}

function failed(
  step: string,
  message: string,
  hint: string,
  details: readonly string[] = [],
): Result<never, StartFailure> {
  return err({ step, message, hint, details });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
