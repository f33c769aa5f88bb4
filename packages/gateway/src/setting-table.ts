// Every setting of the gateway: its schema with its default, and what it means in words. docs/settings.md is made from this table.

import { isIP } from 'node:net';
import { usualVariables, variablePatterns } from '@sallyport/protocol';
import * as z from 'zod/mini';

const seconds = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most));
const count = (most: number) => z.int().check(z.minimum(1), z.maximum(most));
const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most), z.regex(/^\P{Cc}*$/u));
const absolutePath = text(4096).check(z.regex(/^\//));
/** DNS labels (RFC 1123 §2.1), one or more. */
const dnsName = text(253).check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/));
const host = z.union([dnsName, z.string().check(z.refine((name) => isIP(name) !== 0))]);
const day = 86_400;

export const settingsSchema = z.strictObject({
  workspace: z._default(z.string().check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)), 'sallyport'),
  dataFolder: z._default(absolutePath, '/var/lib/sallyport'),
  publicUrl: z.optional(z.string().check(z.maxLength(512), z.refine(isOrigin))),
  listen: z.prefault(
    z.strictObject({
      host: z._default(host, '0.0.0.0'),
      port: z._default(z.int().check(z.minimum(0), z.maximum(65_535)), 8443),
    }),
    {},
  ),
  tls: z.prefault(
    z.strictObject({
      certificateFile: z.optional(absolutePath),
      keyFile: z.optional(absolutePath),
      hosts: z._default(z.array(host).check(z.maxLength(32)), []),
    }),
    {},
  ),
  store: z.prefault(
    z.strictObject({
      kind: z._default(z.enum(['sqlite', 'postgres']), 'sqlite'),
      url: z.optional(z.string().check(z.maxLength(2048), z.refine(isPostgresUrl))),
      urlFile: z.optional(absolutePath),
    }),
    {},
  ),
  session: z.prefault(
    z.strictObject({
      maxDurationSeconds: z._default(seconds(10, 30 * day), day / 2),
      idleSeconds: z._default(seconds(10, 30 * day), 1800),
      warnBeforeSeconds: z._default(seconds(0, 3600), 60),
    }),
    {},
  ),
  ssh: z.prefault(z.strictObject({ acceptEnvironment: z._default(variablePatterns, [...usualVariables]) }), {}),
  limits: z.prefault(
    z.strictObject({
      maxAgents: z._default(count(100_000), 10_000),
      maxClients: z._default(count(100_000), 5_000),
      maxSessions: z._default(count(100_000), 2_000),
      maxSessionsPerPerson: z._default(count(10_000), 100),
      maxChannelsPerSession: z._default(count(1_000), 64),
    }),
    {},
  ),
  audit: z.prefault(z.strictObject({ checkpointSeconds: z._default(seconds(1, 3600), 10) }), {}),
  log: z.prefault(
    z.strictObject({ level: z._default(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']), 'info') }),
    {},
  ),
});
export type WrittenSettings = z.output<typeof settingsSchema>;

export type SettingRow = {
  /** As in the file: `table.key`. */
  readonly path: string;
  readonly kind: 'text' | 'number' | 'list';
  readonly allowed: string;
  readonly meaning: string;
  /** What holds when nothing is written and the default depends on other settings. */
  readonly derived?: string;
};

const row = (path: string, kind: SettingRow['kind'], allowed: string, meaning: string, derived?: string): SettingRow =>
  derived === undefined ? { path, kind, allowed, meaning } : { path, kind, allowed, meaning, derived };

const path = 'an absolute path';

export const settingRows: readonly SettingRow[] = [
  row(
    'workspace',
    'text',
    'a-z, 0-9 and -, at most 63',
    'Name of the workspace. It is part of every certificate, and cannot be changed later.',
  ),
  row('dataFolder', 'text', path, 'Folder of everything the gateway keeps: database, key file, audit log, recordings.'),
  row(
    'publicUrl',
    'text',
    'https://HOST or https://HOST:PORT',
    'Where agents and people reach the gateway. Change it for anything but a trial.',
    '`https://localhost:` and `listen.port`',
  ),
  row('listen.host', 'text', 'an IP address or a DNS name', 'Address that the gateway listens on.'),
  row('listen.port', 'number', '0 to 65535 (0: any free port)', 'The one port of the gateway: HTTPS and WebSocket.'),
  row(
    'tls.certificateFile',
    'text',
    path,
    'Certificate chain, PEM, with `tls.keyFile`.',
    'a certificate of the workspace CA, renewed by itself',
  ),
  row('tls.keyFile', 'text', path, 'Private key of that certificate, PEM, mode 0600.', 'none'),
  row(
    'tls.hosts',
    'list',
    'DNS names or IP addresses, at most 32',
    'Further names in the certificate that the gateway gives itself, beside the one of `publicUrl`.',
  ),
  row(
    'store.kind',
    'text',
    'sqlite or postgres',
    'Where the gateway keeps its state: a file in the data folder, or PostgreSQL.',
  ),
  row(
    'store.url',
    'text',
    'postgres://… without a password',
    'The PostgreSQL database, when no password is needed.',
    'none',
  ),
  row(
    'store.urlFile',
    'text',
    path,
    'A file of mode 0600 that holds the URL of the PostgreSQL database, password included.',
    'none',
  ),
  row('session.maxDurationSeconds', 'number', '10 to 2592000', 'A session ends after this time at the latest.'),
  row(
    'session.idleSeconds',
    'number',
    '10 to 2592000',
    'A session ends when nothing was typed or shown for this time.',
  ),
  row(
    'session.warnBeforeSeconds',
    'number',
    '0 to 3600',
    'A limit that is about to end a session is announced this long before.',
  ),
  row(
    'ssh.acceptEnvironment',
    'list',
    'names of variables with * and ?, at most 64',
    'Variables that a client may set in its sessions, as `AcceptEnv` of sshd. Servers take no name that changes how programs are found or loaded (`PATH`, `LD_*` …), whatever is written here.',
  ),
  row('limits.maxAgents', 'number', '1 to 100000', 'Connected servers at one time.'),
  row('limits.maxClients', 'number', '1 to 100000', 'Connected devices of people at one time.'),
  row('limits.maxSessions', 'number', '1 to 100000', 'Open sessions at one time.'),
  row('limits.maxSessionsPerPerson', 'number', '1 to 10000', 'Open sessions of one person at one time.'),
  row(
    'limits.maxChannelsPerSession',
    'number',
    '1 to 1000',
    'Open shells, commands, transfers and forwards in one session.',
  ),
  row(
    'audit.checkpointSeconds',
    'number',
    '1 to 3600',
    'A signed checkpoint of the audit log is written this often while there is something new.',
  ),
  row('log.level', 'text', 'fatal, error, warn, info, debug or trace', 'How much the program log says.'),
];

/** `session.idleSeconds` → `SALLY_SESSION_IDLE_SECONDS`. */
export function variableOf(settingPath: string): string {
  return `SALLY_${settingPath.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()}`;
}

function isOrigin(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'https:' && parsed.origin === url;
}

function isPostgresUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && ['postgres:', 'postgresql:'].includes(parsed.protocol);
}
