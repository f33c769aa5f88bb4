// Runs one of the project's scripts on Node 24 or later, installing the pinned packages first when they are missing or old.
// Plain JavaScript without dependencies: it must start on Node 18 in a fresh clone. Nothing of its own goes to stdout.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.sallyport-stamp');
const lockFolder = join(root, '.sallyport-install');
const oldestNodeMajor = 24;
const lockPollMs = 200;
const lockGraceMs = 10_000;

const say = (line) => process.stderr.write(`sallyport: ${line}\n`);

const fail = (line, hint) => {
  say(line);
  if (hint) say(`hint: ${hint}`);
  process.exit(1);
};

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

const manifestFiles = () => {
  const packages = readdirSync(join(root, 'packages'))
    .sort()
    .map((name) => join(root, 'packages', name, 'package.json'));
  return [join(root, 'package-lock.json'), join(root, 'package.json'), ...packages].filter((file) => existsSync(file));
};

const wantedStamp = () => {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of manifestFiles()) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex');
};

/** True when npm's own record of what lies in node_modules agrees with the lockfile (somebody ran `npm install`). */
const treeMatchesLockfile = () => {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const found = readJson(join(modules, '.package-lock.json'))?.packages;
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const installed = found[path];
    if (!installed) return entry.optional === true;
    return installed.version === entry.version && installed.integrity === entry.integrity;
  });
};

const isInstalled = (stamp) => {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return true;
  if (!treeMatchesLockfile()) return false;
  writeFileSync(stampFile, stamp);
  return true;
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Left behind by a command that was killed: its process is gone, or it never got to write its id. */
const isAbandoned = () => {
  try {
    const pidFile = join(lockFolder, 'pid');
    if (existsSync(pidFile)) return !isAlive(Number(readFileSync(pidFile, 'utf8')));
    return Date.now() - statSync(lockFolder).mtimeMs > lockGraceMs;
  } catch {
    return false;
  }
};

const takeLock = () => {
  try {
    mkdirSync(lockFolder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    return fail(`cannot write to ${root}: ${error.message}`, 'the clone must be writable for its owner');
  }
  writeFileSync(join(lockFolder, 'pid'), String(process.pid));
  return true;
};

const dropAbandonedLock = () => {
  const aside = `${lockFolder}-${process.pid}`;
  try {
    renameSync(lockFolder, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // Another waiting command was quicker.
  }
};

const npmCommand = () => {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') && existsSync(script)) return [process.execPath, [script]];
  return ['npm', []];
};

const outcome = (child) =>
  new Promise((resolve) => {
    child.on('error', (error) => resolve({ error }));
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });

const install = async () => {
  const startedAtMs = Date.now();
  say('installing the pinned packages (the first time only, about half a minute) …');
  const [command, prefix] = npmCommand();
  const args = [...prefix, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = await outcome(spawn(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }));
  if (result.error) fail(`cannot start npm: ${result.error.message}`, 'install npm 10 or later and try again');
  if (result.code !== 0) {
    fail(
      `npm ci failed (${result.signal ?? `exit status ${result.code}`}); its own message is above`,
      'check that the package registry can be reached (npm ping), then run the command again',
    );
  }
  say(`packages installed in ${Math.round((Date.now() - startedAtMs) / 1000)} s`);
};

const ensureInstalled = async () => {
  const stamp = wantedStamp();
  if (isInstalled(stamp)) return;
  let hasAnnounced = false;
  while (!takeLock()) {
    if (isAbandoned()) dropAbandonedLock();
    if (!hasAnnounced) say('another command is installing the packages; waiting for it …');
    hasAnnounced = true;
    await new Promise((resolve) => setTimeout(resolve, lockPollMs));
  }
  const release = () => rmSync(lockFolder, { recursive: true, force: true });
  process.once('exit', release);
  if (!isInstalled(stamp)) {
    await install();
    writeFileSync(stampFile, stamp);
  }
  release();
  process.off('exit', release);
};

const chooseNode = () => {
  if (Number(process.versions.node.split('.')[0]) >= oldestNodeMajor) return process.execPath;
  const bundled = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(bundled)) return bundled;
  return fail(
    `Sallyport needs Node ${oldestNodeMajor} or later; this is ${process.version}, and npm has none for ${process.platform}-${process.arch}`,
    'on Linux x64 and arm64 (glibc) npm brings it along; elsewhere install Node 24 and put it first on the PATH',
  );
};

const runScript = async (node, script, args) => {
  const path = [join(modules, '.bin'), dirname(node), process.env.PATH].filter(Boolean).join(delimiter);
  const child = spawn(node, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  // A terminal sends Ctrl-C to the script as well; a service manager signals only us.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const result = await outcome(child);
  if (result.error) {
    fail(
      `cannot start ${node}: ${result.error.message}`,
      'on musl systems (Alpine) install Node 24 and put it first on the PATH',
    );
  }
  process.exitCode = result.code ?? 128 + constants.signals[result.signal];
};

const [script, ...args] = process.argv.slice(2);
if (!script) fail('usage: node scripts/run.mjs <script> [arguments]');
await ensureInstalled();
if (!existsSync(join(root, script))) fail(`there is no ${script} in this version`);
await runScript(chooseNode(), script, args);
