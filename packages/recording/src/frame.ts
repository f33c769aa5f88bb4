// Frames: what happened at what time. In a block each is `varint µs since the frame before | u8 kind | varint length | bytes`.
// Decoding must stay within the bytes it is given, whatever they say.

import { err, ok, parseJson, type Result } from '@sallyport/core';
import { type ExitStatus, exitStatus, type WindowSize, windowSize } from '@sallyport/protocol';

const frameKind = { output: 0, error: 1, input: 2, resize: 3, mark: 4, exit: 5 } as const;
export type FrameKind = keyof typeof frameKind;
const kindNames: readonly FrameKind[] = ['output', 'error', 'input', 'resize', 'mark', 'exit'];

export type Frame =
  /** Microseconds since the recording began. */
  | { readonly kind: 'output' | 'error' | 'input'; readonly atUs: number; readonly bytes: Buffer }
  | { readonly kind: 'resize'; readonly atUs: number; readonly size: WindowSize }
  | { readonly kind: 'mark'; readonly atUs: number; readonly text: string }
  | { readonly kind: 'exit'; readonly atUs: number; readonly exit: ExitStatus };

/** Bytes before a frame's own: two varints at their longest, and the kind. */
export const maxFrameOverhead = 8 + 1 + 4;
export const maxMarkBytes = 4096;

/** LEB128: seven bits a byte, the lowest first; returns the offset after it. */
export function writeVarint(target: Buffer, offset: number, value: number): number {
  let [at, rest] = [offset, value];
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[at++] = (rest % 0x80) | 0x80;
  target[at++] = rest;
  return at;
}

/** The value and the offset after it; undefined when it is cut, longer than it need be, or above 2^53 - 1. */
export function readVarint(source: Buffer, offset: number): { value: number; end: number } | undefined {
  let [value, scale] = [0, 1];
  for (let at = offset; at < source.length && at < offset + 8; at++) {
    const byte = source[at] ?? 0;
    value += (byte % 0x80) * scale;
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
    if (byte < 0x80) return byte === 0 && at > offset ? undefined : { value, end: at + 1 };
    scale *= 0x80;
  }
  return undefined;
}

/** Writes a frame, whose room the caller has made; returns the offset after it. */
export function writeFrame(
  target: Buffer,
  offset: number,
  sinceUs: number,
  kind: FrameKind,
  bytes: Uint8Array,
): number {
  let at = writeVarint(target, offset, sinceUs);
  target[at++] = frameKind[kind];
  at = writeVarint(target, at, bytes.length);
  target.set(bytes, at);
  return at + bytes.length;
}

/** The frames of a block's payload, or what is wrong with it. */
export function readFrames(payload: Buffer, baseUs: number): Result<Frame[], string> {
  const frames: Frame[] = [];
  let [at, atUs] = [0, baseUs];
  while (at < payload.length) {
    const since = readVarint(payload, at);
    const kind = since && kindNames[payload[since.end] ?? 255];
    const length = since && readVarint(payload, since.end + 1);
    if (!since || !kind || !length) return err(`no frame at byte ${at} of the block`);
    const end = length.end + length.value;
    if (end > payload.length) return err(`the frame at byte ${at} is longer than its block`);
    atUs += since.value;
    const frame = Number.isSafeInteger(atUs) ? parseFrame(kind, atUs, payload.subarray(length.end, end)) : undefined;
    if (!frame) return err(`the ${kind} frame at byte ${at} of the block cannot be read`);
    frames.push(frame);
    at = end;
  }
  return ok(frames);
}

function parseFrame(kind: FrameKind, atUs: number, bytes: Buffer): Frame | undefined {
  if (kind === 'resize') {
    const size = windowSize.safeParse(parseJson(bytes));
    return size.success ? { kind, atUs, size: size.data } : undefined;
  }
  if (kind === 'exit') {
    const exit = exitStatus.safeParse(parseJson(bytes));
    return exit.success ? { kind, atUs, exit: exit.data } : undefined;
  }
  if (kind === 'mark') return bytes.length <= maxMarkBytes ? { kind, atUs, text: bytes.toString('utf8') } : undefined;
  return { kind, atUs, bytes };
}
