// The person's own terminal: its size, raw mode, and its return to what it was in every case, also when the program crashes.

import type { TerminalRequest, WindowSize } from '@sallyport/protocol';
import type { World } from '../world.ts';

const usualSize = { columns: 80, rows: 24 };
const maxCells = 65_535;
const usualTerm = 'xterm-256color';

export function sizeOf({ stdout }: World): WindowSize {
  const cells = (count: number | undefined, usual: number): number => Math.min(Math.max(count ?? usual, 1), maxCells);
  return {
    columns: cells(stdout.columns, usualSize.columns),
    rows: cells(stdout.rows, usualSize.rows),
    widthPx: 0,
    heightPx: 0,
  };
}

export function terminalRequestOf(world: World): TerminalRequest {
  const term = world.env['TERM'] ?? '';
  return { term: /^[A-Za-z0-9][A-Za-z0-9+._-]{0,63}$/.test(term) ? term : usualTerm, size: sizeOf(world), modes: {} };
}

/** Variables that ssh sends as well: the language of the programs there. */
export function sentEnvironment({ env }: World): Record<string, string> {
  const names = Object.keys(env).filter((name) => name === 'LANG' || name === 'COLORTERM' || /^LC_[A-Z]+$/.test(name));
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Raw mode until the returned function is called, or the process ends in whatever way can still run code. */
export function enterRawMode(world: World): () => void {
  const { stdin } = world;
  if (stdin.isTTY !== true || stdin.setRawMode === undefined) return () => undefined;
  let isRaw = true;
  const restore = (): void => {
    if (!isRaw) return;
    isRaw = false;
    stdin.setRawMode?.(false);
  };
  stdin.setRawMode(true);
  const forget = world.onExit(restore);
  return () => {
    forget();
    restore();
  };
}
