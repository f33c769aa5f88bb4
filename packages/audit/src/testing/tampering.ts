// What somebody who can write the files may do to a log, and what verifying must name.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { canonicalJson } from '@sallyport/core';
import { signCheckpoint } from '../checkpoint.ts';
import { event, origin, signingKey } from './fixture.ts';
import { changed, lineOf, noHashes, otherKey, rechained, rootOfLines, segment, type Written } from './written-log.ts';

export type Row = {
  did: string;
  tamper: (log: Written) => void;
  bad: { what: string; file: string; line: number; seq?: number };
};

export const lineRows: Row[] = [
  {
    did: 'changed a line',
    tamper: (log) => log.edit((lines) => lines.with(14, changed(lineOf(lines, 14)))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed the first line',
    tamper: (log) => log.edit((lines) => lines.with(0, changed(lineOf(lines, 0)))),
    bad: { what: 'changed', file: segment(0), line: 1, seq: 0 },
  },
  {
    did: 'changed one that a checkpoint ends at',
    tamper: (log) => log.edit((lines) => lines.with(19, changed(lineOf(lines, 19)))),
    bad: { what: 'changed', file: segment(1), line: 10, seq: 19 },
  },
  {
    did: 'changed the last line',
    tamper: (log) => log.edit((lines) => lines.with(39, changed(lineOf(lines, 39)))),
    bad: { what: 'changed', file: segment(3), line: 10, seq: 39 },
  },
  {
    did: 'changed the hash that a line names',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 14).replace(/"prev":"../, '"prev":"00'))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed the hash that the last line names',
    tamper: (log) => log.edit((lines) => lines.with(39, lineOf(lines, 39).replace(/"prev":"../, '"prev":"00'))),
    bad: { what: 'changed', file: segment(3), line: 10, seq: 39 },
  },
  {
    did: 'changed the number of a line',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 14).replace('"seq":14', '"seq":94'))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed only spaces',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 14).replace(':', ': '))),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'deleted a line',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 1)),
    bad: { what: 'deleted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'deleted the first line',
    tamper: (log) => log.edit((lines) => lines.toSpliced(0, 1)),
    bad: { what: 'deleted', file: segment(0), line: 1, seq: 0 },
  },
  {
    did: 'deleted several lines',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 9)),
    bad: { what: 'deleted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'deleted a segment',
    tamper: (log) => rmSync(log.path(segment(1))),
    bad: { what: 'deleted', file: segment(2), line: 1, seq: 10 },
  },
  {
    did: 'renamed a segment',
    tamper: (log) => renameSync(log.path(segment(1)), log.path('000000000011.jsonl')),
    bad: { what: 'misnamed', file: '000000000011.jsonl', line: 1, seq: 10 },
  },
  {
    did: 'inserted a copy of an event with a new text',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 0, changed(lineOf(lines, 14)))),
    bad: { what: 'inserted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'inserted an event that is nowhere linked',
    tamper: (log) =>
      log.edit((lines) =>
        lines.toSpliced(
          14,
          0,
          canonicalJson({
            ...JSON.parse(canonicalJson(JSON.parse(JSON.stringify(event(3))))),
            prev: 'ab'.repeat(32),
            seq: 14,
          }),
        ),
      ),
    bad: { what: 'inserted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'inserted a line that is no event',
    tamper: (log) => log.edit((lines) => lines.toSpliced(14, 0, '{"hello":1}')),
    bad: { what: 'inserted', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'swapped two lines',
    tamper: (log) => log.edit((lines) => lines.with(14, lineOf(lines, 15)).with(15, lineOf(lines, 14))),
    bad: { what: 'reordered', file: segment(1), line: 5, seq: 15 },
  },
  {
    did: 'doubled a line',
    tamper: (log) => log.edit((lines) => lines.toSpliced(15, 0, lineOf(lines, 14))),
    bad: { what: 'duplicate', file: segment(1), line: 6, seq: 14 },
  },
  {
    did: 'wrote what is not JSON',
    tamper: (log) => log.edit((lines) => lines.with(14, 'nothing to see here')),
    bad: { what: 'not-json', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'wrote JSON that is no line of a log',
    tamper: (log) => log.edit((lines) => lines.with(14, '{"seq":"14"}')),
    bad: { what: 'changed', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'wrote bytes that are not UTF-8 into a line',
    tamper: (log) => {
      const bytes = readFileSync(log.path(segment(1)));
      bytes[bytes.indexOf('allow')] = 0xff;
      writeFileSync(log.path(segment(1)), bytes);
    },
    bad: { what: 'changed', file: segment(1), line: 1, seq: 10 },
  },
  {
    did: 'wrote one endless line',
    tamper: (log) => writeFileSync(log.path(segment(3)), 'x'.repeat(3_000_000)),
    bad: { what: 'not-json', file: segment(3), line: 1, seq: 30 },
  },
  {
    did: 'cut a segment in the middle',
    tamper: (log) => writeFileSync(log.path(segment(1)), readFileSync(log.path(segment(1))).subarray(0, -100)),
    bad: { what: 'truncated', file: segment(1), line: 10, seq: 19 },
  },
  {
    did: 'cut off the end',
    tamper: (log) => log.edit((lines) => lines.slice(0, 35)),
    bad: { what: 'truncated', file: segment(3), line: 6, seq: 35 },
  },
  {
    did: 'cut the last line',
    tamper: (log) => writeFileSync(log.path(segment(3)), readFileSync(log.path(segment(3))).subarray(0, -1)),
    bad: { what: 'truncated', file: segment(3), line: 10, seq: 39 },
  },
  {
    did: 'removed all events',
    tamper: (log) => {
      for (const name of log.segments) rmSync(log.path(name));
    },
    bad: { what: 'truncated', file: segment(0), line: 1, seq: 0 },
  },
  {
    did: 'changed an event and computed the chain anew',
    tamper: (log) => log.edit((lines) => rechained(lines, 14, changed)),
    bad: { what: 'rewritten', file: segment(1), line: 5, seq: 14 },
  },
  {
    did: 'changed an event and computed a part of the chain anew',
    tamper: (log) => log.edit((lines) => [...rechained(lines, 12, changed).slice(0, 16), ...lines.slice(16)]),
    bad: { what: 'rewritten', file: segment(1), line: 3, seq: 12 },
  },
];

export const checkpointRows: Row[] = [
  {
    did: 'changed an event and computed the chain anew, and the cached hashes are gone',
    tamper: (log) => {
      log.edit((lines) => rechained(lines, 14, changed));
      noHashes(log);
    },
    bad: { what: 'checkpoint-mismatch', file: 'checkpoints', line: 11, seq: 19 },
  },
  {
    did: 'signed a checkpoint with another key',
    tamper: (log) =>
      log.editNotes((notes) =>
        notes.with(2, signCheckpoint({ origin, size: 20, root: rootOfLines(log.lines.slice(0, 20)) }, otherKey)),
      ),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'changed the size of a checkpoint',
    tamper: (log) => log.editNotes((notes) => notes.with(2, (notes[2] ?? '').replace('\n20\n', '\n21\n'))),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'changed the signature of a checkpoint',
    tamper: (log) =>
      log.editNotes((notes) =>
        notes.with(2, (notes[2] ?? '').replace(/.{6}==\n$/, 'AAAAAA==\n').replace(/.{8}\n$/, 'AAAAAAAA\n')),
      ),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'put the checkpoint of another log of this key in its place',
    tamper: (log) =>
      log.editNotes((notes) =>
        notes.with(
          2,
          signCheckpoint({ origin: 'other', size: 20, root: rootOfLines(log.lines.slice(0, 20)) }, signingKey),
        ),
      ),
    bad: { what: 'checkpoint-forged', file: 'checkpoints', line: 11 },
  },
  {
    did: 'put a signed checkpoint with another root in its place',
    tamper: (log) =>
      log.editNotes((notes) => notes.with(2, signCheckpoint({ origin, size: 20, root: Buffer.alloc(32) }, signingKey))),
    bad: { what: 'checkpoint-mismatch', file: 'checkpoints', line: 11, seq: 19 },
  },
  {
    did: 'moved a checkpoint to the end',
    tamper: (log) => log.editNotes((notes) => [...notes.toSpliced(2, 1), notes[2] ?? '']),
    bad: { what: 'checkpoint-backwards', file: 'checkpoints', line: 21 },
  },
  {
    did: 'wrote into the file of checkpoints',
    tamper: (log) => log.editNotes((notes) => notes.toSpliced(2, 0, 'hello\n')),
    bad: { what: 'checkpoint-malformed', file: 'checkpoints', line: 11 },
  },
  {
    did: 'removed the file of checkpoints',
    tamper: (log) => rmSync(log.path('checkpoints')),
    bad: { what: 'checkpoints-missing', file: 'checkpoints', line: 1 },
  },
  {
    did: 'emptied the file of checkpoints',
    tamper: (log) => writeFileSync(log.path('checkpoints'), ''),
    bad: { what: 'checkpoints-missing', file: 'checkpoints', line: 1 },
  },
  {
    did: 'put events where the checkpoints were',
    tamper: (log) => {
      rmSync(log.path('checkpoints'));
      renameSync(log.path(segment(0)), log.path('checkpoints'));
    },
    bad: { what: 'checkpoint-malformed', file: 'checkpoints', line: 1 },
  },
];
