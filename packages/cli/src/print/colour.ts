// Colours, only for a terminal that wants them (https://no-color.org): NO_COLOR and TERM=dumb turn them off.

import { styleText } from 'node:util';
import type { Output, World } from '../world.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

export function painter(env: World['env'], output: Output): Paint {
  const isColourful = output.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return isColourful ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}
