// Seals what a crash left: the whole blocks stay, the rest is cut off, and the seal says so. It must never touch a recording that was
// altered: that is evidence.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Clock, err, ok, type Result } from '@sallyport/core';
import { blockFlag, encodeBlock, hashBytes } from './block.ts';
import { writeAll } from './block-queue.ts';
import { diskFailure, failure, type RecordingFailure } from './failure.ts';
import { sealPayload, type Totals } from './header.ts';
import { verifyRecording } from './reader.ts';

export type RecoveredRecording = Totals & {
  readonly rootHash: string;
  readonly fileBytes: number;
  /** Bytes after the last whole block, which are gone; nobody was told that they are kept. */
  readonly cutBytes: number;
  /** False when the recording had a seal already. */
  readonly wasInterrupted: boolean;
};

/** The recording must not be open for writing. */
export async function recoverRecording(
  path: string,
  clock: Clock,
): Promise<Result<RecoveredRecording, RecordingFailure>> {
  const verified = await verifyRecording(path);
  if (!verified.ok) return verified;
  const { outcome } = verified.value;
  if (outcome.state === 'altered') {
    const what = `${path} has been altered in block ${outcome.block}, at byte ${outcome.byteOffset}: ${outcome.why}`;
    return err(failure('ALTERED', what, 'keep it as evidence, and compare it with a backup'));
  }
  if (outcome.state === 'sealed') {
    const { seal, rootHash, fileBytes } = outcome;
    return ok({ ...totalsOf(seal), rootHash, fileBytes, cutBytes: 0, wasInterrupted: seal.reason === 'interrupted' });
  }
  const { totals, validBytes, lastHash } = outcome;
  const payload = sealPayload({ reason: 'interrupted', sealedAt: clock.now(), ...totals });
  const header = { flags: blockFlag.seal, index: totals.blocks, baseUs: totals.durationUs };
  const block = encodeBlock(Buffer.from(lastHash, 'hex'), header, payload);
  try {
    const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      const cutBytes = (await handle.stat()).size - validBytes;
      await handle.truncate(validBytes);
      await writeAll(handle, block, validBytes);
      await handle.datasync();
      const rootHash = block.subarray(-hashBytes).toString('hex');
      return ok({ ...totals, rootHash, fileBytes: validBytes + block.length, cutBytes, wasInterrupted: true });
    } finally {
      await handle.close();
    }
  } catch (error) {
    return err(diskFailure(error, path));
  }
}

function totalsOf({ blocks, frames, durationUs, bytes }: Totals): Totals {
  return { blocks, frames, durationUs, bytes };
}
