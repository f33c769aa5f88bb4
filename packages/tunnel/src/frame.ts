// The frames of a link: `u8 type | u32 stream (big endian) | payload`. Decoding is total: any bytes give a frame or a named fault.

import { err, ok, type Result } from '@sallyport/core';
import { maxDataBytes } from './limits.ts';
import type { LinkFault } from './link-fault.ts';

const frameType = { data: 0, open: 1, credit: 2, fin: 3, rst: 4, ping: 5, pong: 6 } as const;
export const frameHeadBytes = 5;

export type Frame =
  | { readonly type: 'data'; readonly stream: number; readonly payload: Buffer }
  | { readonly type: 'open'; readonly stream: number; readonly header: Buffer }
  /** Stream 0 is the connection. */
  | { readonly type: 'credit'; readonly stream: number; readonly bytes: number }
  | { readonly type: 'fin'; readonly stream: number }
  | { readonly type: 'rst'; readonly stream: number; readonly code: number }
  | { readonly type: 'ping'; readonly token: number }
  | { readonly type: 'pong'; readonly token: number };

/** Head of a DATA frame; the payload follows it as further parts. */
export function dataHead(stream: number): Buffer {
  return head(frameType.data, stream, 0);
}

export function encodeOpen(stream: number, header: string): Buffer {
  const frame = head(frameType.open, stream, Buffer.byteLength(header));
  frame.write(header, frameHeadBytes);
  return frame;
}

export function encodeCredit(stream: number, bytes: number): Buffer {
  return withNumber(frameType.credit, stream, bytes);
}

export function encodeFin(stream: number): Buffer {
  return head(frameType.fin, stream, 0);
}

export function encodeRst(stream: number, code: number): Buffer {
  return withNumber(frameType.rst, stream, code);
}

export function encodePing(token: number): Buffer {
  return withNumber(frameType.ping, 0, token);
}

export function encodePong(token: number): Buffer {
  return withNumber(frameType.pong, 0, token);
}

export function decodeFrame(frame: Buffer, maxHeaderBytes: number): Result<Frame, LinkFault> {
  if (frame.byteLength < frameHeadBytes) return err('malformed frame');
  const stream = frame.readUInt32BE(1);
  const payloadBytes = frame.byteLength - frameHeadBytes;
  switch (frame[0]) {
    case frameType.data:
      if (stream === 0 || payloadBytes === 0) return err('malformed frame');
      if (payloadBytes > maxDataBytes) return err('data frame too large');
      return ok({ type: 'data', stream, payload: frame.subarray(frameHeadBytes) });
    case frameType.open:
      if (stream === 0 || payloadBytes === 0) return err('malformed frame');
      if (payloadBytes > maxHeaderBytes) return err('stream header too large');
      return ok({ type: 'open', stream, header: frame.subarray(frameHeadBytes) });
    case frameType.credit: {
      if (payloadBytes !== 4) return err('malformed frame');
      const bytes = frame.readUInt32BE(frameHeadBytes);
      return bytes === 0 ? err('malformed frame') : ok({ type: 'credit', stream, bytes });
    }
    case frameType.fin:
      return stream === 0 || payloadBytes !== 0 ? err('malformed frame') : ok({ type: 'fin', stream });
    case frameType.rst:
      if (stream === 0 || payloadBytes !== 4) return err('malformed frame');
      return ok({ type: 'rst', stream, code: frame.readUInt32BE(frameHeadBytes) });
    case frameType.ping:
    case frameType.pong:
      if (stream !== 0 || payloadBytes !== 4) return err('malformed frame');
      return ok({ type: frame[0] === frameType.ping ? 'ping' : 'pong', token: frame.readUInt32BE(frameHeadBytes) });
    default:
      return err('unknown frame type');
  }
}

function head(type: number, stream: number, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(frameHeadBytes + payloadBytes);
  frame[0] = type;
  frame.writeUInt32BE(stream, 1);
  return frame;
}

function withNumber(type: number, stream: number, value: number): Buffer {
  const frame = head(type, stream, 4);
  frame.writeUInt32BE(value, frameHeadBytes);
  return frame;
}
