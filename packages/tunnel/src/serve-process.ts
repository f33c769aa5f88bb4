// Serves one process on a channel's stream: its output and exit go out as records, input and signals come in.
// When the stream goes before the exit was told, the process is hung up; it must never outlive its channel unseen.

import { finished, type Readable } from 'node:stream';
import { parseJson } from '@sallyport/core';
import { type RecordKind, recordKind, windowSize } from '@sallyport/protocol';
import type { Process } from '@sallyport/session';
import { resetCode } from './link-fault.ts';
import { RecordParser, writeJsonRecord, writeRecord } from './record.ts';
import { type MuxStream, onPeerEnd } from './stream.ts';

const maxSignalNameBytes = 32;

export function serveProcess(stream: MuxStream, process: Process): void {
  for (const one of [process.stdin, process.stdout, process.stderr]) one.on('error', handled);
  receiveInput(stream, process);
  const outputs = [
    sendOutput(stream, process.stdout, recordKind.stdout),
    sendOutput(stream, process.stderr, recordKind.stderr),
  ];
  let isExitTold = false;
  // None of them rejects.
  void Promise.all([process.exit, ...outputs]).then(([status]) => {
    isExitTold = true;
    writeJsonRecord(stream, recordKind.exit, status);
    stream.end();
  });
  stream.on('close', () => {
    if (isExitTold) return;
    process.hangUp();
    process.stdin.destroy();
  });
  // The other side leaves before the exit: it has hung up.
  onPeerEnd(stream, () => {
    if (!isExitTold) stream.destroy();
  });
  if (stream.destroyed) process.hangUp();
}

/** Resolves once everything is handed to the stream, or nothing more will come. A broken stream lets the output run dry. */
function sendOutput(stream: MuxStream, output: Readable, kind: RecordKind): Promise<void> {
  const resume = () => output.resume();
  output.on('data', (chunk: Buffer) => {
    if (stream.writable && !writeRecord(stream, kind, chunk)) output.pause();
  });
  stream.on('drain', resume);
  stream.on('close', resume);
  return new Promise((resolve) => {
    finished(output, { writable: false }, () => {
      stream.off('drain', resume);
      stream.off('close', resume);
      resolve();
    });
  });
}

function receiveInput(stream: MuxStream, process: Process): void {
  const { stdin } = process;
  const resume = () => stream.resume();
  const parser = new RecordParser((kind, payload) => {
    if (!isTaken(kind, payload)) stream.reset(resetCode.internal);
  });
  stream.on('data', (chunk: Buffer) => {
    if (parser.push(chunk) !== undefined) stream.reset(resetCode.internal);
  });
  stdin.on('drain', resume);
  stdin.on('close', resume);

  function isTaken(kind: RecordKind, payload: Buffer): boolean {
    switch (kind) {
      case recordKind.stdin:
        // Input that nobody reads any more is dropped, as a closed pipe does.
        if (stdin.writable && !stdin.write(payload)) stream.pause();
        return true;
      case recordKind.stdinEnd:
        if (stdin.writable) stdin.end();
        return true;
      case recordKind.resize: {
        const size = windowSize.safeParse(parseJson(payload));
        if (size.success) process.resize(size.data);
        return size.success;
      }
      case recordKind.signal:
        if (payload.byteLength > maxSignalNameBytes) return false;
        process.signal(payload.toString('latin1'));
        return true;
      default:
        return false;
    }
  }
}

function handled(): void {}
