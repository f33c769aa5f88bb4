// The `sally` program: makes the World from the process, and nothing else. It ends by itself once everything is written; whatever is
// still open then must not keep it.

import { randomBytes } from 'node:crypto';
import { enableCompileCache } from 'node:module';
import { homedir, hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { World } from './world.ts';

// Compiled code is kept between starts, which halves them. In a folder of the person's own: the usual one is shared by all users of the
// device, and who writes to it runs code as everybody else.
enableCompileCache(join(cacheRoot(), 'sallyport', 'compiled'));
const [{ systemClock }, { runSally }] = await Promise.all([import('@sallyport/core'), import('./run.ts')]);

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  homeFolder: homedir(),
  // userInfo reads the passwd entry, which a stray container user may not have.
  login: process.env['USER'] ?? loginOfProcess(),
  hostname: hostname(),
  uid: process.getuid?.(),
  pid: process.pid,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  random: (byteCount) => randomBytes(byteCount),
  runtimePath: process.execPath,
  programPath: resolve(process.argv[1] ?? ''),
  onSignal: (signal, heard) => {
    process.on(signal, heard);
    return () => process.off(signal, heard);
  },
  onExit: (run) => {
    process.on('exit', run);
    return () => process.off('exit', run);
  },
};

function cacheRoot(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return base?.startsWith('/') === true ? base : join(homedir(), '.cache');
}

function loginOfProcess(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

// A clock's timers and a promise keep no process alive: while a command runs, this does.
const alive = setInterval(() => undefined, 2_147_483_647);
const status = await runSally(world);
clearInterval(alive);
// What was written to a pipe is still on its way; then the process ends even if stdin is held open by somebody.
process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
