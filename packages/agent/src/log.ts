// The agent's log: one JSON object a line, or a readable line on a terminal. It must never be given a secret; it prints what it gets.

import type { Clock, JsonObject, JsonValue } from '@sallyport/core';

type LogLevel = 'info' | 'warning' | 'error';
export type LogFormat = 'json' | 'human';

export interface Log {
  info(message: string, fields?: JsonObject): void;
  warning(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

const maxLineLength = 8192;

export function openLog(options: { write(line: string): void; format: LogFormat; clock: Clock }): Log {
  const line = options.format === 'json' ? jsonLine : humanLine;
  const at =
    (level: LogLevel) =>
    (message: string, fields: JsonObject = {}) => {
      options.write(line(new Date(options.clock.now()).toISOString(), level, message, fields));
    };
  return { info: at('info'), warning: at('warning'), error: at('error') };
}

function jsonLine(time: string, level: LogLevel, message: string, fields: JsonObject): string {
  const whole = JSON.stringify({ time, level, msg: message, ...fields });
  // A cut object is not JSON: an oversized line keeps its message and says what it lost.
  const isWhole = whole.length <= maxLineLength;
  return `${isWhole ? whole : JSON.stringify({ time, level, msg: message.slice(0, 1024), droppedBytes: whole.length })}\n`;
}

function humanLine(time: string, level: LogLevel, message: string, fields: JsonObject): string {
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${shown(value)}`);
  const text = `${time.slice(11, 19)} ${level.padEnd(7)} ${message}${details.join('')}`;
  // Nothing from outside may move the cursor of the person who reads this.
  return `${text.replace(/\p{Cc}+/gu, ' ').slice(0, maxLineLength)}\n`;
}

function shown(value: JsonValue): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}
