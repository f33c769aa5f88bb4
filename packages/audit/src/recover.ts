// What the files of a log hold when it is opened: checked, and cut at the one place where a crash can have torn them.
// It must never repair anything but what the last write left unfinished (an unterminated line, zeros, half a checkpoint): nobody was
// told that it is stored.

import type { KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import { ChainScan, fromBeginning, type ScanStart } from './chain-scan.ts';
import { type Checkpoint, lastNote, readCheckpoint } from './checkpoint.ts';
import { type AuditFailure, failure } from './failure.ts';
import { hashSource, MissingHash, storedCount } from './hash-file.ts';
import { type LogPosition, syncFolder, writeAll } from './log-files.ts';
import { type Frontier, frontierAt, hashBytes } from './merkle.ts';
import { checkpointsFile, hashesFile, linesOf, listSegments, openToRead, type Segment } from './segment.ts';

export type Recovered = {
  /** Bytes of an unterminated last line, moved to tornFile; the event was never acknowledged. */
  readonly tornBytes: number;
  readonly tornFile?: string;
  /** Bytes of an unfinished last checkpoint, which were cut off. */
  readonly cutCheckpointBytes: number;
  /** The log's size when it was recovered. */
  readonly size: number;
};

export type LogState = {
  readonly position: LogPosition;
  readonly frontier: Frontier;
  /** Leaf hash of the last line, hex. */
  readonly prev: string;
  readonly checkpoint?: Checkpoint & { readonly note: string };
  readonly recovered?: Recovered;
};

type Options = {
  readonly folder: string;
  readonly origin: string;
  readonly publicKey: KeyObject;
  readonly nowMs: number;
};

/** Zeros at the end of a file are moved aside up to so many: far beyond what a file system adds. */
const maxTornBytes = 67_108_864;
/** At opening the newest segments are read: at least so many bytes, and everything after the last checkpoint. */
const openCheckBytes = 67_108_864;

/** Reads and checks the folder; makes it when it is not there. Rejects with the file system's error. */
export async function recoverLog(options: Options): Promise<Result<LogState, AuditFailure>> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const last = await lastNote(join(folder, checkpointsFile));
  const segments = await listSegments(folder);
  const checkpoint = last.note === undefined ? undefined : readCheckpoint(last.note, options.publicKey, options.origin);
  if (checkpoint && !checkpoint.ok)
    return err(altered(`the last checkpoint is ${checkpoint.error.is}: ${checkpoint.error.why}`));

  const head = checkpoint?.value;
  const start = await scanStart(folder, segments, head?.size ?? 0);
  let scan = await scanLines(folder, segments, start, head);
  // The hashes before the start come from a cache: only what the segments say themselves may refuse the log.
  if (!scan.ok && start.frontier.size > 0) scan = await scanLines(folder, segments, fromBeginning, head);
  if (!scan.ok) return err(altered(scan.error));
  const { frontier, prev, segment } = scan.value;
  if (!head && frontier.size > 0)
    return err(altered(`the file of checkpoints is missing or empty, and there are ${frontier.size} events`));

  // Zeros can go on for longer than is read of one line.
  const tornBytes = scan.value.tornBytes > 0 ? (await stat(join(folder, segment.name))).size - segment.bytes : 0;
  if (tornBytes > maxTornBytes)
    return err(altered(`${tornBytes} bytes after event ${frontier.size - 1} are no events`));
  const tornFile = tornBytes > 0 ? await moveTorn(folder, segment, tornBytes, options.nowMs) : undefined;
  const isCut = tornBytes > 0 || last.cutBytes > 0;
  return ok({
    position: { segment, checkpointBytes: last.endBytes },
    frontier,
    prev,
    ...(head && last.note !== undefined ? { checkpoint: { ...head, note: last.note } } : {}),
    ...(isCut
      ? {
          recovered: {
            tornBytes,
            ...(tornFile ? { tornFile } : {}),
            cutCheckpointBytes: last.cutBytes,
            size: frontier.size,
          },
        }
      : {}),
  });
}

function altered(what: string): AuditFailure {
  const hint =
    'run `sally audit verify` to see the first bad entry; keep the folder as evidence and start with a new one or a backup';
  return failure('LOG_ALTERED', `the audit log has been altered: ${what}`, hint);
}

async function scanStart(folder: string, segments: readonly Segment[], checkpointSize: number): Promise<ScanStart> {
  // A log without its beginning is for the scan to refuse.
  if (segments[0]?.firstSeq !== 0) return fromBeginning;
  let bytes = 0;
  let first = 0;
  for (const segment of segments.toReversed()) {
    bytes += (await stat(join(folder, segment.name))).size;
    first = segment.firstSeq;
    if (bytes >= openCheckBytes && first <= checkpointSize) break;
  }
  if (first === 0) return fromBeginning;
  let hashes: FileHandle | undefined;
  try {
    hashes = await openToRead(join(folder, hashesFile));
    const source = hashSource(hashes);
    return { frontier: await frontierAt(first, source), prev: (await source(0, first - 1)).toString('hex') };
  } catch (error) {
    if (error instanceof MissingHash || hashes === undefined) return fromBeginning;
    throw error;
  } finally {
    await hashes?.close();
  }
}

async function scanLines(
  folder: string,
  segments: readonly Segment[],
  start: ScanStart,
  checkpoint: Checkpoint | undefined,
): Promise<Result<ChainScan, string>> {
  const hashes = await hashSink(folder, start.frontier.size);
  const scan = new ChainScan(start, checkpoint, hashes.add);
  try {
    for (const segment of segments.filter((one) => one.firstSeq >= start.frontier.size)) {
      const misplaced = scan.begin(segment);
      if (misplaced !== undefined) return err(misplaced);
      for await (const lines of linesOf(join(folder, segment.name))) {
        for (const line of lines) {
          const fault = scan.next(line);
          if (fault !== undefined) return err(fault);
        }
        await hashes.flush();
      }
    }
  } finally {
    await hashes.close();
  }
  const fault = scan.end();
  return fault === undefined ? ok(scan) : err(fault);
}

type HashSink = { add(hash: Buffer): void; flush(): Promise<void>; close(): Promise<void> };

async function hashSink(folder: string, size: number): Promise<HashSink> {
  const { O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(join(folder, hashesFile), O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
  let position = storedCount(size) * hashBytes;
  let pending: Buffer[] = [];
  const flush = async () => {
    const bytes = Buffer.concat(pending);
    await writeAll(handle, bytes, position);
    position += bytes.length;
    pending = [];
  };
  return {
    add: (hash) => pending.push(hash),
    flush,
    close: async () => {
      await flush();
      await handle.truncate(position);
      await handle.close();
    },
  };
}

async function moveTorn(
  folder: string,
  segment: { name: string; bytes: number },
  tornBytes: number,
  nowMs: number,
): Promise<string> {
  const tornFile = `torn-${new Date(nowMs).toISOString().replaceAll(/[:.-]/g, '')}`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants;
  const source = await open(join(folder, segment.name), O_RDWR | O_NOFOLLOW);
  try {
    const torn = await open(join(folder, tornFile), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      const { buffer, bytesRead } = await source.read(Buffer.alloc(tornBytes), 0, tornBytes, segment.bytes);
      await writeAll(torn, buffer.subarray(0, bytesRead), 0);
      await torn.sync();
    } finally {
      await torn.close();
    }
    await syncFolder(folder);
    await source.truncate(segment.bytes);
    await source.sync();
  } finally {
    await source.close();
  }
  return tornFile;
}
