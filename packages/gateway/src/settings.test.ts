// Settings: every mistake at once, said where it is; the environment wins; the documentation lists what there is.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectOk } from '@sallyport/core';
import { describe, expect, it } from 'vitest';
import { settingRows, settingsSchema, variableOf } from './setting-table.ts';
import { readSettings, settingMistakeText } from './settings.ts';

const mistakesOf = (toml: string, environment: Record<string, string> = {}): string[] => {
  const read = readSettings(toml, environment);
  return read.ok ? [] : read.error.map(settingMistakeText);
};
const settings = (toml: string, environment: Record<string, string> = {}) => expectOk(readSettings(toml, environment));

describe('settings (OPS-1)', () => {
  it('need no file: there is a default for each', () => {
    expect(settings('')).toEqual({
      workspace: 'sallyport',
      dataFolder: '/var/lib/sallyport',
      publicUrl: 'https://localhost:8443',
      listen: { host: '0.0.0.0', port: 8443 },
      tls: { files: undefined, hosts: [] },
      store: { kind: 'sqlite' },
      session: { maxDurationSeconds: 43_200, idleSeconds: 1800, warnBeforeSeconds: 60 },
      ssh: { acceptEnvironment: ['LANG', 'LC_*', 'COLORTERM', 'NO_COLOR'] },
      limits: {
        maxAgents: 10_000,
        maxClients: 5_000,
        maxSessions: 2_000,
        maxSessionsPerPerson: 100,
        maxChannelsPerSession: 64,
      },
      audit: { checkpointSeconds: 10 },
      log: { level: 'info' },
    });
  });

  it('are read from the file, and from the environment, which wins', () => {
    const toml = `
      workspace = "acme"
      [listen]
      host = "::"
      port = 443
      [tls]
      certificateFile = "/etc/acme/cert.pem"
      keyFile = "/etc/acme/key.pem"
      [store]
      kind = "postgres"
      urlFile = "/etc/acme/database"`;
    const environment = {
      SALLY_LISTEN_PORT: ' 9443 ',
      SALLY_TLS_HOSTS: 'a.example, 192.0.2.1',
      PATH: '/bin',
    };
    expect(settings(toml, environment)).toMatchObject({
      workspace: 'acme',
      publicUrl: 'https://localhost:9443',
      listen: { host: '::', port: 9443 },
      tls: {
        files: { certificateFile: '/etc/acme/cert.pem', keyFile: '/etc/acme/key.pem' },
        hosts: ['a.example', '192.0.2.1'],
      },
      store: { kind: 'postgres', urlFile: '/etc/acme/database' },
    });
    expect(settings('', { SALLY_STORE_KIND: 'postgres', SALLY_STORE_URL: 'postgres://me@db/sally' }).store).toEqual({
      kind: 'postgres',
      url: 'postgres://me@db/sally',
    });
  });

  it('are refused with every mistake at once, each with its line or variable, and what is allowed', () => {
    const toml = [
      'workspce = "acme"',
      'dataFolder = "relative"',
      '[listen]',
      'port = 70000',
      '"host" = 7',
      '[sesion]',
      'x = 1',
      '[limits]',
      'maxagents = 3',
    ].join('\n');
    const environment = { SALLY_LOG_LEVEL: 'loud', SALLY_STORE_KND: 'postgres', SALLY_SESSION_IDLE_SECONDS: '30m' };
    expect(mistakesOf(toml, environment).toSorted()).toEqual([
      'SALLY_LOG_LEVEL: log.level must be fatal, error, warn, info, debug or trace, not "loud"',
      'SALLY_SESSION_IDLE_SECONDS: session.idleSeconds must be 10 to 2592000, not "30m"',
      'SALLY_STORE_KND: SALLY_STORE_KND is not a setting (did you mean SALLY_STORE_KIND?)',
      'line 1: workspce is not a setting (did you mean workspace?)',
      'line 2: dataFolder must be an absolute path, not "relative"',
      'line 4: listen.port must be 0 to 65535 (0: any free port), not 70000',
      'line 5: listen.host must be an IP address or a DNS name, not 7',
      'line 6: sesion is not a setting (did you mean session?)',
      'line 9: limits.maxagents is not a setting (did you mean limits.maxAgents?)',
    ]);
  });

  it.each([
    ['text that is not TOML', 'listen = ', 'line 1: the file is not TOML'],
    ['a key twice', '[log]\nlevel = "info"\nlevel = "warn"', 'line 3: the file is not TOML'],
    ['a key that would change every object', '__proto__ = 1', 'the file is not TOML'],
    ['a table that is a text', 'listen = "0.0.0.0:443"', 'line 1: listen must be a table, not "0.0.0.0:443"'],
    [
      'a table for a text',
      '[workspace]\nname = "x"',
      'line 1: workspace must be a-z, 0-9 and -, at most 63, not {"name":"x"}',
    ],
    [
      'a list of the wrong kind',
      '[tls]\nhosts = ["a.example", "a b"]',
      'line 2: tls.hosts must be DNS names or IP addresses',
    ],
    [
      'a URL with a path',
      'publicUrl = "https://gate.example/x"',
      'line 1: publicUrl must be https://HOST or https://HOST:PORT',
    ],
    ['a URL without TLS', 'publicUrl = "http://gate.example"', 'line 1: publicUrl must be'],
    [
      'a workspace that is no name',
      'workspace = "Acme Inc"',
      'line 1: workspace must be a-z, 0-9 and -, at most 63, not "Acme Inc"',
    ],
    ['a number with a fraction', '[listen]\nport = 44.3', 'line 2: listen.port must be'],
    ['half a certificate', '[tls]\nkeyFile = "/k"', 'line 2: tls.keyFile needs tls.certificateFile as well'],
    ['the other half', '[tls]\ncertificateFile = "/c"', 'line 2: tls.certificateFile needs tls.keyFile as well'],
    [
      'PostgreSQL without an address',
      '[store]\nkind = "postgres"',
      'line 2: store.kind is postgres, which needs store.url or store.urlFile',
    ],
    [
      'an address that is not used',
      '[store]\nurlFile = "/u"',
      'line 2: store.urlFile is for postgres, but store.kind is sqlite (write store.kind = "postgres")',
    ],
    [
      'two addresses',
      '[store]\nkind = "postgres"\nurl = "postgres://db/x"\nurlFile = "/u"',
      'line 4: store.urlFile and store.url exclude each other',
    ],
    ['a warning that comes too early', '[session]\nidleSeconds = 30', 'session.warnBeforeSeconds must be shorter than'],
    ['a dotted key', 'listen.prt = 3', 'line 1: listen.prt is not a setting (did you mean listen.port?)'],
  ])('refuse %s', (_what, toml, message) => {
    expect(mistakesOf(toml).join('\n')).toContain(message);
  });

  it.each([
    ['postgres://me:hunter2@db/sally', 'may not hold a password (put the URL into a file of mode 0600'],
    ['postgres://db/sally?password=hunter2', 'may not hold a password'],
    ['mysql://me:hunter2@db/sally', 'store.url must be postgres://… without a password'],
    ['postgres://me:hunter2@db:port/sally', 'store.url must be'],
  ])('refuse the database password in file and environment, and do not repeat it: %s', (url, message) => {
    for (const found of [
      mistakesOf(`[store]\nkind = "postgres"\nurl = "${url}"`),
      mistakesOf('', { SALLY_STORE_KIND: 'postgres', SALLY_STORE_URL: url }),
    ]) {
      expect(found.join('\n')).toContain(message);
      expect(found.join('\n')).not.toContain('hunter2');
    }
  });

  it('do not refuse the variables of other programs', () => {
    expect(mistakesOf('', { SALLY_PROFILE: 'work', SALLY_SETTINGS: '/etc/x.toml', SALLYPORT: '1' })).toEqual([]);
    expect(mistakesOf('', { SALLY_LOG_COLOUR_OF_THE_SKY: '1' })).toEqual([
      'SALLY_LOG_COLOUR_OF_THE_SKY: SALLY_LOG_COLOUR_OF_THE_SKY is not a setting (docs/settings.md lists them)',
    ]);
  });
});

describe('docs/settings.md', () => {
  it('lists every setting with its variable, its default and what is allowed (OPS-1)', async () => {
    const document = await readFile(join(import.meta.dirname, '../../../docs/settings.md'), 'utf8');
    const written = [...document.matchAll(/^\| `[^\n]*$/gm)].map(([line]) => line);
    const defaults = settingsSchema.parse({});
    const expected = settingRows.map(({ path, allowed, meaning, derived }) => {
      const value = path
        .split('.')
        .reduce<unknown>((table, key) => Object.entries(table ?? {}).find(([name]) => name === key)?.[1], defaults);
      return `| \`${path}\` | \`${variableOf(path)}\` | ${derived ?? `\`${JSON.stringify(value)}\``} | ${allowed} | ${meaning} |`;
    });
    expect(written).toEqual(expected);
  });
});
