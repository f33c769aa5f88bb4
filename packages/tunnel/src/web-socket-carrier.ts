// Frames over a WebSocket: one binary message is one frame. It must never let a message through that is larger than a frame can be.

import { WebSocket } from 'ws';
import type { Carrier } from './carrier.ts';
import { frameHeadBytes } from './frame.ts';
import { type FramePool, framePool } from './frame-pool.ts';
import { defaultLimits, maxDataBytes } from './limits.ts';

/** Options of every WebSocket that carries frames, on either side. */
export const carrierOptions = {
  perMessageDeflate: false,
  maxPayload: frameHeadBytes + Math.max(maxDataBytes, defaultLimits.maxHeaderBytes),
  /** After this the socket is cut, closing handshake or not. */
  closeTimeout: 2_000,
  /** The link has pings of its own; answering WebSocket's would let a peer that does not read fill this side's memory. */
  autoPong: false,
} as const;

// RFC 6455 §7.4.1 and §5.5: a close reason has at most 123 bytes.
const normalClosure = 1000;
const unsupportedMessage = 1003;
const abnormalClosure = 1006;
const maxReasonBytes = 123;

/** Takes an open WebSocket. What arrives before `onFrame` waits in the socket. */
export function webSocketCarrier(socket: WebSocket, pool: FramePool = framePool()): Carrier {
  let failure: string | undefined;
  let closeReason: string | undefined;
  let closeHandler: ((reason: string) => void) | undefined;
  socket.pause();
  socket.on('error', (error) => {
    failure = error.message;
  });
  socket.on('close', (code, reason) => {
    closeReason = failure ?? reasonOf(code, reason);
    closeHandler?.(closeReason);
  });
  return {
    send: (frame, sent) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (Buffer.isBuffer(frame)) {
        socket.send(frame, (error) => {
          if (!error) sent();
        });
        return;
      }
      const joined = pool.join(frame);
      socket.send(joined, (error) => {
        if (error) return;
        pool.giveBack(joined);
        sent();
      });
    },
    onFrame: (handler) => {
      socket.on('message', (message, isBinary) => {
        if (isBinary && Buffer.isBuffer(message)) handler(message);
        else socket.close(unsupportedMessage, 'frames are binary');
      });
      socket.resume();
    },
    onClose: (handler) => {
      closeHandler = handler;
      if (closeReason !== undefined) handler(closeReason);
    },
    close: (reason) => {
      // The answer to the close is read like anything else.
      socket.resume();
      socket.close(normalClosure, truncated(reason));
    },
  };
}

function reasonOf(code: number, reason: Buffer): string {
  const text = reason.toString('utf8').replace(/\p{Cc}+/gu, ' ');
  if (text !== '') return text;
  return code === abnormalClosure ? 'the connection was cut' : `the other side closed the connection (${code})`;
}

function truncated(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.byteLength <= maxReasonBytes) return reason;
  // A cut may split a character; the replacement character it becomes has up to three bytes.
  return bytes.subarray(0, maxReasonBytes - 3).toString('utf8');
}
