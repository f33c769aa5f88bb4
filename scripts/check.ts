// `npm run check`: types, lint and format, unused code, and the structure of the project; fails when any of them does.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** Every tool comes from node_modules/.bin, which `run.mjs` puts first on the PATH. */
const steps: readonly Step[] = [
  { name: 'types', command: ['tsc', '--project', '.'] },
  { name: 'lint and format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'unused code', command: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'structure', command: ['vitest', 'run', '--project', 'e2e', '--reporter', 'dot', 'tests/structure.test.ts'] },
];

interface Finding {
  readonly name: string;
  readonly isGood: boolean;
  readonly output: string;
  readonly seconds: string;
}

const runStep = ({ name, command: [program, ...args] }: Step): Promise<Finding> =>
  new Promise((resolve) => {
    const startedAtMs = Date.now();
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    const finish = (isGood: boolean, note: string): void => {
      const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
      resolve({ name, isGood, seconds, output: Buffer.concat(chunks).toString() + note });
    };
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => finish(false, `cannot start ${program}: ${error.message}\n`));
    child.on('close', (code) => finish(code === 0, ''));
  });

const report = ({ name, isGood, output, seconds }: Finding): void => {
  console.log(`${isGood ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!isGood) console.log(output.trimEnd());
};

const findings = await Promise.all(steps.map(runStep));
findings.forEach(report);
process.exitCode = findings.every(({ isGood }) => isGood) ? 0 : 1;
