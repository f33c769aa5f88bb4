// The files of an open log: durable writes, and the way back after a write that failed.
// Nothing here may say that bytes are stored before fdatasync has said so.

import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointsFile, hashesFile, segmentName } from './segment.ts';

type FilePosition = { readonly name: string; readonly bytes: number };
export type LogPosition = { readonly segment: FilePosition; readonly checkpointBytes: number };

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
const ownerOnly = 0o600;
/** Room that must be there before a log that ran out of it goes on. */
const probeBytes = 65_536;

export class LogFiles {
  readonly #folder: string;
  readonly #segmentBytes: number;
  #segment: { handle: FileHandle; name: string; bytes: number };
  #checkpoints: { handle: FileHandle; bytes: number };
  readonly #hashes: FileHandle;

  private constructor(folder: string, segmentBytes: number, at: LogPosition, handles: readonly FileHandle[]) {
    const [segment, checkpoints, hashes] = handles;
    if (!segment || !checkpoints || !hashes) throw new Error('a log has three open files');
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
    this.#segment = { handle: segment, ...at.segment };
    this.#checkpoints = { handle: checkpoints, bytes: at.checkpointBytes };
    this.#hashes = hashes;
  }

  /** Opens or makes the three files. Rejects with the file system's error. */
  static async open(folder: string, segmentBytes: number, at: LogPosition): Promise<LogFiles> {
    const handles: FileHandle[] = [];
    try {
      for (const name of [at.segment.name, checkpointsFile, hashesFile])
        handles.push(await openFile(join(folder, name)));
      await syncFolder(folder);
      return new LogFiles(folder, segmentBytes, at, handles);
    } catch (error) {
      for (const handle of handles) await handle.close();
      throw error;
    }
  }

  get hashes(): FileHandle {
    return this.#hashes;
  }

  /** Stores whole lines; resolves once they are on the disk. */
  async store(lines: Buffer, firstSeq: number): Promise<void> {
    if (this.#segment.bytes >= this.#segmentBytes) await this.#nextSegment(segmentName(firstSeq));
    await writeAll(this.#segment.handle, lines, this.#segment.bytes);
    await this.#segment.handle.datasync();
    this.#segment.bytes += lines.length;
  }

  async storeCheckpoint(note: Buffer): Promise<void> {
    await writeAll(this.#checkpoints.handle, note, this.#checkpoints.bytes);
    await this.#checkpoints.handle.datasync();
    this.#checkpoints.bytes += note.length;
  }

  async #nextSegment(name: string): Promise<void> {
    const handle = await open(join(this.#folder, name), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, ownerOnly);
    const full = this.#segment.handle;
    this.#segment = { handle, name, bytes: 0 };
    await full.close();
    await syncFolder(this.#folder);
  }

  /**
   * Makes the files end where they were last known to be on the disk, on fresh descriptors: after a failed fsync the kernel has
   * dropped the dirty pages, so the old descriptor can say nothing more. Rejects while there is no room or the disk still fails.
   */
  async restore(): Promise<void> {
    this.#segment.handle = await this.#cutBack(this.#segment.handle, this.#segment.name, this.#segment.bytes);
    this.#checkpoints.handle = await this.#cutBack(this.#checkpoints.handle, checkpointsFile, this.#checkpoints.bytes);
    const path = join(this.#folder, 'probe');
    const probe = await openFile(path);
    try {
      await writeAll(probe, Buffer.alloc(probeBytes, 0x2e), 0);
      await probe.datasync();
    } finally {
      await probe.close();
      await unlink(path);
    }
    await syncFolder(this.#folder);
  }

  async #cutBack(old: FileHandle, name: string, bytes: number): Promise<FileHandle> {
    const handle = await open(join(this.#folder, name), O_RDWR | O_NOFOLLOW);
    try {
      const { size } = await handle.stat();
      if (size < bytes) throw new Error(`${name} is shorter than what was stored in it`);
      await handle.truncate(bytes);
      await handle.datasync();
    } catch (error) {
      await handle.close();
      throw error;
    }
    await closeQuietly(old);
    return handle;
  }

  async close(): Promise<void> {
    for (const handle of [this.#segment.handle, this.#checkpoints.handle, this.#hashes]) await closeQuietly(handle);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  return await open(path, O_RDWR | O_CREAT | O_NOFOLLOW, ownerOnly);
}

export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** A new or renamed file is only there after a crash once its folder has been synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// The bytes that count have been synced before; an error of close says nothing about them.
async function closeQuietly(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => undefined);
}
