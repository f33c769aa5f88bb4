// Buffers to assemble frames in, used again once a frame has left: fresh ones for every 32 KB cost more in garbage collection than
// the encryption does. It must never get a buffer back that somebody still reads.

import { frameHeadBytes } from './frame.ts';
import { maxDataBytes } from './limits.ts';

const bufferBytes = frameHeadBytes + maxDataBytes;
/** Small frames are cheaper from Node's own pool. */
const poolAboveBytes = 4096;

export type FramePool = {
  /** The parts in one buffer; give it back when it has left. */
  join(parts: readonly Buffer[]): Buffer;
  giveBack(frame: Buffer): void;
};

export function framePool(maxBuffers = 16): FramePool {
  const free: ArrayBufferLike[] = [];
  return {
    join: (parts) => {
      let bytes = 0;
      for (const part of parts) bytes += part.byteLength;
      if (bytes < poolAboveBytes || bytes > bufferBytes) return Buffer.concat(parts, bytes);
      const frame = Buffer.from(free.pop() ?? new ArrayBuffer(bufferBytes), 0, bytes);
      let offset = 0;
      for (const part of parts) {
        frame.set(part, offset);
        offset += part.byteLength;
      }
      return frame;
    },
    giveBack: ({ buffer }) => {
      if (buffer.byteLength === bufferBytes && free.length < maxBuffers) free.push(buffer);
    },
  };
}
