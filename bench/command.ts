// Command control against outside corpora: how much hostile text is held, how many everyday lines are stopped, and what a line
// costs. A corpus is only measured: none of its lines is printed or copied.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { compileRules, defaultRules, judge, unknownContext } from '@sallyport/command';
import { type Measurement, quantile, type Row } from './report.ts';

type Kind = 'hostile' | 'everyday' | 'other';

/** Everyday lines that are not counted: they are run with sudo, or one of these words stands in them. */
const destructiveWords: readonly string[] = [
  ...['rm', 'rmdir', 'unlink', 'shred', 'wipe', 'dd', 'mkfs', 'fdisk', 'parted', 'truncate', 'wipefs', '-delete'],
  ...['kill', 'killall', 'pkill', 'shutdown', 'reboot', 'halt', 'poweroff'],
];
const destructive = new RegExp(`(?:^|[\\s;|&(\`'"/])(?:${destructiveWords.join('|')})(?=$|[\\s;|&)\`'"])`);
const elevated = /\bsudo\b/;

const ownCorpora = join(import.meta.dirname, '..', '..', 'shared', 'corpora');
const ownFiles = ['atomic-red-team-linux.dev.jsonl.gz', 'nl2bash.dev.jsonl.gz'];

/** `FILE…`: lines of JSON with a `command`, or plain lines; gzip or not. Without files the corpora beside the project. */
export const commandMeasurement: Measurement = {
  name: 'command',
  about: 'shell text held by the shipped rules: hostile corpora, everyday corpora, cost a line',
  measure: async (words) => {
    const files = words.length > 0 ? words : ownFiles.map((name) => join(ownCorpora, name));
    const missing = files.filter((path) => !existsSync(path));
    if (missing.length > 0) return { skipped: `missing: ${missing.join(', ')}` };
    return measureFiles(files);
  },
};

function measureFiles(files: readonly string[]): readonly Row[] {
  const rules = compileRules(defaultRules);
  const costs: number[] = [];
  const isHeld = (line: string): boolean => {
    const before = process.cpuUsage();
    const { verdict } = judge(line, rules, unknownContext);
    const { user, system } = process.cpuUsage(before);
    costs.push(user + system);
    return verdict !== 'allow';
  };
  const rows = files.flatMap((path) => rowsOf(path, isHeld));
  return [
    ...rows,
    { what: 'processor time a line, p50', figure: quantile(costs, 0.5), unit: 'µs' },
    { what: 'processor time a line, p99', figure: quantile(costs, 0.99), unit: 'µs' },
    { what: 'processor time a line, slowest', figure: quantile(costs, 1), unit: 'µs', goal: { atMost: 50_000 } },
  ];
}

function rowsOf(path: string, isHeld: (line: string) => boolean): readonly Row[] {
  const name = basename(path);
  const kind = kindOf(name);
  const lines = readLines(path);
  const plain = kind === 'everyday' ? lines.filter((line) => !elevated.test(line)) : lines;
  const counted = kind === 'everyday' ? plain.filter((line) => !destructive.test(line)) : plain;
  const goal = goals[kind];
  const share = (what: string, some: readonly string[]): Row => ({
    what: `${name}, ${what}: held of ${some.length} lines`,
    figure: some.length === 0 ? 0 : (100 * some.filter(isHeld).length) / some.length,
    unit: '%',
    ...(goal === undefined ? {} : { goal }),
  });
  const excluded: readonly Row[] =
    kind === 'everyday'
      ? [
          { what: `${name}: not counted, with sudo`, figure: lines.length - plain.length, unit: 'lines' },
          { what: `${name}: not counted, destructive`, figure: plain.length - counted.length, unit: 'lines' },
        ]
      : [];
  return [
    share(
      'seven eighths the rules were tuned on',
      counted.filter((line) => isSeen(line, kind)),
    ),
    share(
      'an eighth kept out of sight',
      counted.filter((line) => !isSeen(line, kind)),
    ),
    share('all', counted),
    ...excluded,
  ];
}

const goals: Readonly<Record<Kind, Row['goal']>> = {
  hostile: { atLeast: 90 },
  everyday: { atMost: 2 },
  other: undefined,
};

function kindOf(name: string): Kind {
  if (/atomic/i.test(name)) return 'hostile';
  return /nl2bash/i.test(name) ? 'everyday' : 'other';
}

/** An eighth of each corpus was never looked at; they were halved by one of the bits before, so each takes its own. */
function isSeen(line: string, kind: Kind): boolean {
  const digest = createHash('sha256').update(line).digest();
  const from = kind === 'hostile' ? 0 : 1;
  return [...digest.subarray(from, from + 3)].some((byte) => (byte & 1) === 0);
}

function readLines(path: string): readonly string[] {
  const raw = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map(commandOf);
}

function commandOf(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const row: unknown = JSON.parse(line);
    const isRow = typeof row === 'object' && row !== null && 'command' in row;
    return isRow && typeof row.command === 'string' ? row.command : line;
  } catch {
    return line;
  }
}
