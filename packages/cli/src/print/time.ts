// Times and durations as people read and type them.

import type { EpochMs } from '@sallyport/core';
import type { Text } from '../text/text.ts';

const secondMs = 1000;
const units = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', secondMs],
] as const;

/** `3 minutes ago`, in the largest unit that is not zero. */
export function agoText(text: Text, elapsedMs: number): string {
  return text.say.ago(durationText(text, elapsedMs));
}

export function durationText(text: Text, durationMs: number): string {
  const [unit, unitMs] = units.find(([, size]) => durationMs >= size) ?? ['seconds', secondMs];
  return text.say.duration[unit](Math.max(0, Math.floor(durationMs / unitMs)));
}

/** Local time without a zone, as it sorts: 2026-11-22 10:41:05. */
export function timeText(at: EpochMs): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const suffixSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90s`, `15m`, `2h`, `7d`; undefined when it is none of these. */
export function parseDuration(words: string): number | undefined {
  const [, count, suffix] = /^([1-9][0-9]{0,7})([smhd])$/.exec(words) ?? [];
  return count === undefined || suffix === undefined ? undefined : Number(count) * (suffixSeconds[suffix] ?? 0);
}

/** A whole number within bounds; undefined when it is none. */
export function parseCount(words: string, atLeast: number, atMost: number): number | undefined {
  if (!/^[0-9]{1,9}$/.test(words)) return undefined;
  const count = Number(words);
  return count >= atLeast && count <= atMost ? count : undefined;
}
