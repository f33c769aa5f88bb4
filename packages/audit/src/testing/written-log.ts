// A real log to tamper with, and the ways to put it back together.

import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, expectOk } from '@sallyport/core';
import { appendLeaf, emptyFrontier, type Frontier, leafHash, rootOf } from '../merkle.ts';
import { appendMany, openLog } from './fixture.ts';

export const otherKey = generateKeyPairSync('ed25519');
const noteLines = 5;

/** A log of 40 events, ten to a segment, with checkpoints at 0, 10, 20, 30 and 40. */
export class Written {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  get segments(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort();
  }

  get lines(): string[] {
    return this.segments.flatMap((name) => readFileSync(this.path(name), 'utf8').split('\n').slice(0, -1));
  }

  /** Writes the lines back, ten to a segment. */
  write(lines: readonly string[]): void {
    for (const [index, name] of this.segments.entries()) {
      const end = index === 3 ? lines.length : index * 10 + 10;
      writeFileSync(
        this.path(name),
        lines
          .slice(index * 10, end)
          .map((line) => `${line}\n`)
          .join(''),
      );
    }
  }

  edit(change: (lines: string[]) => string[]): void {
    this.write(change(this.lines));
  }

  notes(): string[] {
    const lines = readFileSync(this.path('checkpoints'), 'utf8').split('\n').slice(0, -1);
    return Array.from({ length: lines.length / noteLines }, (_, index) =>
      lines
        .slice(index * noteLines, index * noteLines + noteLines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  editNotes(change: (notes: string[]) => string[]): void {
    writeFileSync(this.path('checkpoints'), change(this.notes()).join(''));
  }
}

export async function written(folder: string): Promise<Written> {
  const log = await openLog(folder, { segmentBytes: 1 });
  for (let ten = 0; ten < 4; ten++) {
    await appendMany(log, 10);
    expectOk(await log.checkpoint());
  }
  await log.close();
  return new Written(folder);
}

export const lineOf = (lines: readonly string[], seq: number) => lines[seq] ?? '';
export const changed = (line: string) => line.replace('"allow"', '"deny"');

/** The lines with that one changed and every later `prev` computed anew, as one does who can write the files. */
export function rechained(lines: readonly string[], seq: number, change: (line: string) => string): string[] {
  const result = lines.slice(0, seq);
  for (const line of [change(lineOf(lines, seq)), ...lines.slice(seq + 1)]) {
    const last = result.at(-1);
    const prev = last === undefined ? '0'.repeat(64) : leafHash(Buffer.from(last)).toString('hex');
    result.push(canonicalJson({ ...JSON.parse(line), prev, seq: result.length }));
  }
  return result;
}

export function rootOfLines(lines: readonly string[]): Buffer {
  return rootOf(lines.reduce<Frontier>((tree, line) => appendLeaf(tree, leafHash(Buffer.from(line))), emptyFrontier));
}

export const segment = (index: number) => `0000000000${index}0.jsonl`;
export const noHashes = (log: Written) => rmSync(log.path('hashes'));
