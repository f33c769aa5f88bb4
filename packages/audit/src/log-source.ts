// Which files a log is made of, for those who only read it.

import { basename, dirname, join } from 'node:path';
import type { SeenLine } from './blame.ts';
import { type ParsedLine, parseLine } from './line.ts';
import { leafHash } from './merkle.ts';
import { checkpointsFile, hashesFile, linesOf, listSegments, type RawLine } from './segment.ts';

/** A folder, or the segments in order and the file of checkpoints. */
export type LogSource = string | { readonly segments: readonly string[]; readonly checkpoints: string };

export type LogFile = { readonly path: string; readonly name: string; readonly firstSeq: number | undefined };

export function checkpointsOf(source: LogSource): string {
  return typeof source === 'string' ? join(source, checkpointsFile) : source.checkpoints;
}

/** The cached hashes, if they are where a log has them. */
export function hashesOf(source: LogSource): string {
  return join(dirname(checkpointsOf(source)), hashesFile);
}

export async function segmentsOf(source: LogSource): Promise<LogFile[]> {
  if (typeof source === 'string') {
    return (await listSegments(source)).map((segment) => ({ ...segment, path: join(source, segment.name) }));
  }
  return source.segments.map((path) => ({ path, name: basename(path), firstSeq: undefined }));
}

export function seenLine(file: string, line: RawLine, parsed: ParsedLine): SeenLine {
  return {
    file,
    line: line.number,
    leaf: leafHash(line.bytes).toString('hex'),
    isJson: parsed.isJson,
    ...(parsed.place ? { place: parsed.place } : {}),
  };
}

/** At most two lines that come after that one, in its file and the ones after. */
export async function linesAfter(segments: readonly LogFile[], at: SeenLine): Promise<SeenLine[]> {
  const found: SeenLine[] = [];
  const first = segments.findIndex((segment) => segment.name === at.file);
  for (const { path, name } of segments.slice(first)) {
    for await (const lines of linesOf(path)) {
      for (const line of lines) {
        if (!line.isTerminated || (name === at.file && line.number <= at.line)) continue;
        found.push(seenLine(name, line, parseLine(line.bytes)));
        if (found.length === 2) return found;
      }
    }
  }
  return found;
}
