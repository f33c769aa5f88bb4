// The gateway's settings: one TOML file and the environment, which wins. Every mistake is named at once, with where it is and what
// is allowed; nothing is guessed, and a setting that is not known stops the start. It reads no file and no environment itself.

import { err, ok, type Result } from '@sallyport/core';
import { parse, TomlError } from 'smol-toml';
import { closest } from './closest.ts';
import { settingLines } from './setting-line.ts';
import { type SettingRow, settingRows, settingsSchema, variableOf, type WrittenSettings } from './setting-table.ts';

export type StoreSetting =
  | { readonly kind: 'sqlite' }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'postgres'; readonly urlFile: string };

export type GatewaySettings = {
  readonly workspace: string;
  readonly dataFolder: string;
  /** An https origin without a trailing slash. */
  readonly publicUrl: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: {
    readonly files: { readonly certificateFile: string; readonly keyFile: string } | undefined;
    readonly hosts: readonly string[];
  };
  readonly store: StoreSetting;
  readonly session: {
    readonly maxDurationSeconds: number;
    readonly idleSeconds: number;
    readonly warnBeforeSeconds: number;
  };
  readonly ssh: { readonly acceptEnvironment: readonly string[] };
  readonly limits: Readonly<WrittenSettings['limits']>;
  readonly audit: { readonly checkpointSeconds: number };
  readonly log: { readonly level: WrittenSettings['log']['level'] };
};

export type SettingMistake = {
  /** `line 3`, or the name of the variable. */
  readonly where: string;
  /** `table.key` */
  readonly setting: string;
  readonly message: string;
  readonly hint: string | undefined;
};

/** The variable that names the file of settings; the composition root reads it. */
export const settingsFileVariable = 'SALLY_SETTINGS';

/** The settings, or everything that is wrong with them. */
export function readSettings(
  toml: string,
  environment: Readonly<Record<string, string | undefined>>,
): Result<GatewaySettings, readonly SettingMistake[]> {
  const file = parseFile(toml);
  if (!file.ok) return file;
  const variables = settingRows.filter(({ path }) => environment[variableOf(path)] !== undefined);
  const merged = variables.reduce(
    (table, row) => withVariable(table, row, environment[variableOf(row.path)] ?? ''),
    file.value,
  );
  const where = whereFrom(toml, variables);
  const unknown = unknownVariables(environment);
  const read = settingsSchema.safeParse(merged);
  if (!read.success)
    return err([...unknown, ...read.error.issues.flatMap((issue) => mistakesOf(issue, merged, where))]);
  const mistakes = [...unknown, ...contradictions(read.data, where)];
  return mistakes.length > 0 ? err(mistakes) : ok(settingsOf(read.data));
}

/** `line 3: listen.port must be … (…)` */
export function settingMistakeText({ where, setting, message, hint }: SettingMistake): string {
  return `${where}: ${setting} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

const tables = [...new Set(settingRows.flatMap(({ path }) => (path.includes('.') ? path.split('.').slice(0, 1) : [])))];

type Table = Readonly<Record<string, unknown>>;
type Where = (path: string) => string;

function parseFile(toml: string): Result<Table, readonly SettingMistake[]> {
  try {
    return ok(parse(toml, { unsafeKeyBehaviour: 'throw', maxDepth: 8 }));
  } catch (cause) {
    const where = cause instanceof TomlError ? `line ${cause.line}` : 'the file';
    const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    return err([{ where, setting: 'the file', message: `is not TOML: ${message}`, hint: 'https://toml.io' }]);
  }
}

function withVariable(table: Table, { path, kind }: SettingRow, written: string): Table {
  const [name = '', key] = path.split('.');
  const value = valueIn(kind, written.trim());
  if (key === undefined) return { ...table, [name]: value };
  const inner = table[name];
  return { ...table, [name]: { ...(isTable(inner) ? inner : {}), [key]: value } };
}

// What does not read as its kind stays a text, and the schema says what is wrong with it.
function valueIn(kind: SettingRow['kind'], written: string): string | number | string[] {
  if (kind === 'number' && /^\d{1,15}$/.test(written)) return Number(written);
  if (kind === 'list') return written === '' ? [] : written.split(',').map((entry) => entry.trim());
  return written;
}

function whereFrom(toml: string, variables: readonly SettingRow[]): Where {
  const lines = settingLines(toml);
  return (path) => {
    const variable = variables.find((row) => row.path === path || row.path.startsWith(`${path}.`));
    if (variable) return variableOf(variable.path);
    const line = lines.get(path) ?? lines.get(path.split('.')[0] ?? '');
    return line === undefined ? 'the file' : `line ${line}`;
  };
}

type Issue = { readonly code: string; readonly path: readonly PropertyKey[]; readonly keys?: readonly string[] };

function mistakesOf(issue: Issue, merged: Table, where: Where): SettingMistake[] {
  const path = issue.path.filter((part) => typeof part === 'string').join('.');
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => unknownSetting(path === '' ? key : `${path}.${key}`, where));
  }
  const row = settingRows.find((candidate) => candidate.path === path);
  const expected = row ? `must be ${row.allowed}` : 'must be a table';
  const written = printed(
    path.split('.').reduce<unknown>((value, key) => (isTable(value) ? value[key] : undefined), merged),
  );
  // A URL may hold a password, even a misspelt one.
  return [
    {
      where: where(path),
      setting: path,
      message: path === 'store.url' ? expected : `${expected}, not ${written}`,
      hint: undefined,
    },
  ];
}

function unknownSetting(path: string, where: Where): SettingMistake {
  const near = closest(path, [...settingRows.map((row) => row.path), ...tables]);
  return { where: where(path), setting: path, message: 'is not a setting', hint: meant(near) };
}

// Other programs have variables of this beginning too; what is near a setting, or in one of its tables, was meant for the gateway.
function unknownVariables(environment: Readonly<Record<string, string | undefined>>): SettingMistake[] {
  const known = settingRows.map(({ path }) => variableOf(path));
  return Object.keys(environment)
    .filter((name) => name.startsWith('SALLY_') && name !== settingsFileVariable && !known.includes(name))
    .flatMap((name) => {
      const near = closest(name, known);
      if (near === undefined && !tables.some((table) => name.startsWith(`${variableOf(table)}_`))) return [];
      return [{ where: name, setting: name, message: 'is not a setting', hint: meant(near) }];
    });
}

function meant(near: string | undefined): string {
  return near === undefined ? 'docs/settings.md lists them' : `did you mean ${near}?`;
}

function contradictions({ tls, store, session }: WrittenSettings, where: Where): SettingMistake[] {
  const found: SettingMistake[] = [];
  const add = (setting: string, message: string, hint?: string): void => {
    found.push({ where: where(setting), setting, message, hint });
  };
  if (tls.certificateFile !== undefined && tls.keyFile === undefined)
    add('tls.certificateFile', 'needs tls.keyFile as well');
  if (tls.keyFile !== undefined && tls.certificateFile === undefined)
    add('tls.keyFile', 'needs tls.certificateFile as well');
  if (store.url !== undefined && hasPassword(store.url)) {
    add(
      'store.url',
      'may not hold a password',
      `put the URL into a file of mode 0600 and name it with store.urlFile or ${variableOf('store.urlFile')}`,
    );
  }
  if (store.url !== undefined && store.urlFile !== undefined)
    add('store.urlFile', 'and store.url exclude each other', 'leave one out');
  const url = store.url === undefined ? 'store.urlFile' : 'store.url';
  const hasUrl = store.url !== undefined || store.urlFile !== undefined;
  if (store.kind === 'postgres' && !hasUrl) add('store.kind', 'is postgres, which needs store.url or store.urlFile');
  if (store.kind === 'sqlite' && hasUrl)
    add(url, 'is for postgres, but store.kind is sqlite', 'write store.kind = "postgres"');
  if (session.warnBeforeSeconds >= Math.min(session.idleSeconds, session.maxDurationSeconds)) {
    add('session.warnBeforeSeconds', 'must be shorter than session.idleSeconds and session.maxDurationSeconds');
  }
  return found;
}

function hasPassword(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || parsed.password !== '' || parsed.searchParams.has('password');
}

function settingsOf({ publicUrl, tls, store, ...written }: WrittenSettings): GatewaySettings {
  const { certificateFile, keyFile, hosts } = tls;
  return {
    ...written,
    publicUrl: publicUrl ?? `https://localhost:${written.listen.port}`,
    tls: {
      files: certificateFile !== undefined && keyFile !== undefined ? { certificateFile, keyFile } : undefined,
      hosts,
    },
    store: storeOf(store),
  };
}

function storeOf({ url, urlFile }: WrittenSettings['store']): StoreSetting {
  if (urlFile !== undefined) return { kind: 'postgres', urlFile };
  return url === undefined ? { kind: 'sqlite' } : { kind: 'postgres', url };
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function printed(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
