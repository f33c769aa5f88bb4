// The layout of the file (docs/recording-format.md): preamble, header, blocks. Numbers are big endian.
// Every hash covers the one before it and every byte since, as stored: encrypted payloads verify without a key.

import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

// As PNG's: the first byte is no text, and a transfer that changes line ends or strips the eighth bit shows.
export const magic = Buffer.from([0x89, 0x53, 0x52, 0x45, 0x43, 0x0d, 0x0a, 0x1a]);
export const formatVersion = 1;
export const hashBytes = 32;
/** magic | u16 version | u32 length of the header */
export const preambleBytes = 14;
export const maxHeaderBytes = 1_048_576;

/** u32 payload length | u8 flags | u32 index | u64 base time in µs | u32 CRC-32 of the 17 bytes before it */
export const blockHeaderBytes = 21;
/** What the writer fills a block with. */
export const blockPayloadBytes = 65_536;
/** What the reader takes. */
const maxPayloadBytes = 262_144;

export const blockFlag = { seal: 1, encrypted: 2 } as const;

export type BlockHeader = {
  readonly length: number;
  readonly flags: number;
  readonly index: number;
  readonly baseUs: number;
};

export function writePreamble(headerBytes: number): Buffer {
  const preamble = Buffer.alloc(preambleBytes);
  magic.copy(preamble);
  preamble.writeUInt16BE(formatVersion, 8);
  preamble.writeUInt32BE(headerBytes, 10);
  return preamble;
}

export function writeBlockHeader(target: Buffer, offset: number, header: BlockHeader): void {
  target.writeUInt32BE(header.length, offset);
  target[offset + 4] = header.flags;
  target.writeUInt32BE(header.index, offset + 5);
  target.writeBigUInt64BE(BigInt(header.baseUs), offset + 9);
  target.writeUInt32BE(crc32(target.subarray(offset, offset + 17)), offset + 17);
}

/** The header of a block; undefined when its bytes have been altered. */
export function readBlockHeader(bytes: Buffer): BlockHeader | undefined {
  if (crc32(bytes.subarray(0, 17)) !== bytes.readUInt32BE(17)) return undefined;
  const baseUs = Number(bytes.readBigUInt64BE(9));
  const [length, flags, index] = [bytes.readUInt32BE(0), bytes[4] ?? 0, bytes.readUInt32BE(5)];
  const isKnown = (flags & ~(blockFlag.seal | blockFlag.encrypted)) === 0;
  const isValid = isKnown && length <= maxPayloadBytes && Number.isSafeInteger(baseUs);
  return isValid ? { length, flags, index, baseUs } : undefined;
}

/** The chain value after these bytes: SHA-256(value before || bytes). For the header, the value before is empty. */
export function chain(before: Uint8Array, bytes: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([before, bytes]), 'buffer');
}

/** A whole block, ready to be written. */
export function encodeBlock(before: Uint8Array, header: Omit<BlockHeader, 'length'>, payload: Uint8Array): Buffer {
  const block = Buffer.alloc(blockHeaderBytes + payload.length + hashBytes);
  writeBlockHeader(block, 0, { ...header, length: payload.length });
  block.set(payload, blockHeaderBytes);
  const end = blockHeaderBytes + payload.length;
  chain(before, block.subarray(0, end)).copy(block, end);
  return block;
}
