// A process on the other side of a link. Its exit is told only behind its last byte of output; when the link goes, it is hung up.

import { Readable, Writable } from 'node:stream';
import { parseJson } from '@sallyport/core';
import { type ExitStatus, exitStatus, type RecordKind, recordKind, type WindowSize } from '@sallyport/protocol';
import type { Process } from '@sallyport/session';
import { resetCode } from './link-fault.ts';
import { RecordParser, writeJsonRecord, writeRecord } from './record.ts';
import { type MuxStream, onPeerEnd } from './stream.ts';

const hungUp: ExitStatus = { how: 'signalled', signal: 'HUP', isCoreDumped: false };
const outputBufferBytes = 65_536;
/** Signals that wait behind so much unsent input are dropped: the link is stuck, and hangUp still works. */
const maxWaitingBytes = 262_144;

/** Takes a channel's stream whose request was accepted. */
export function remoteProcess(stream: MuxStream): Process {
  return new RemoteProcess(stream);
}

class RemoteProcess implements Process {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<ExitStatus>;
  readonly #stream: MuxStream;
  readonly #fullOutputs = new Set<Readable>();
  #pendingSize: WindowSize | undefined;
  #resolveExit: (status: ExitStatus) => void = () => undefined;

  constructor(stream: MuxStream) {
    this.#stream = stream;
    this.exit = new Promise((resolve) => {
      this.#resolveExit = resolve;
    });
    this.stdin = inputOf(stream);
    this.stdout = this.#output();
    this.stderr = this.#output();
    const parser = new RecordParser((kind, payload) => this.#take(kind, payload));
    stream.on('data', (chunk: Buffer) => {
      if (parser.push(chunk) !== undefined) stream.reset(resetCode.internal);
    });
    // An end without an exit status is no end.
    onPeerEnd(stream, () => stream.destroy());
    stream.on('close', () => this.#closed());
    stream.on('drain', () => this.#sendPendingSize());
    if (stream.destroyed) this.#closed();
  }

  resize(size: WindowSize): void {
    if (this.#stream.writableNeedDrain) this.#pendingSize = size;
    else writeJsonRecord(this.#stream, recordKind.resize, size);
  }

  signal(name: string): void {
    if (this.#stream.writableLength > maxWaitingBytes) return;
    writeRecord(this.#stream, recordKind.signal, Buffer.from(name));
  }

  hangUp(): void {
    // A reset overtakes the input that may be stuck in front of it.
    this.#stream.reset(resetCode.cancelled);
  }

  #take(kind: RecordKind, payload: Buffer): void {
    switch (kind) {
      case recordKind.stdout:
        this.#deliver(this.stdout, payload);
        break;
      case recordKind.stderr:
        this.#deliver(this.stderr, payload);
        break;
      case recordKind.exit:
        this.#exited(payload);
        break;
      default:
        this.#stream.reset(resetCode.internal);
    }
  }

  #deliver(output: Readable, payload: Buffer): void {
    if (output.destroyed || output.push(payload)) return;
    this.#fullOutputs.add(output);
    this.#stream.pause();
  }

  #exited(payload: Buffer): void {
    const status = exitStatus.safeParse(parseJson(payload));
    if (!status.success) {
      this.#stream.reset(resetCode.internal);
      return;
    }
    this.#endOutputs();
    this.#resolveExit(status.data);
    this.stdin.destroy();
    this.#stream.end();
  }

  #closed(): void {
    const { errored } = this.#stream;
    if (errored) {
      this.stdout.destroy(errored);
      this.stderr.destroy(errored);
    } else this.#endOutputs();
    this.stdin.destroy();
    this.#resolveExit(hungUp);
  }

  #endOutputs(): void {
    for (const output of [this.stdout, this.stderr]) if (!output.destroyed && !output.readableEnded) output.push(null);
  }

  #output(): Readable {
    const output: Readable = new Readable({
      highWaterMark: outputBufferBytes,
      read: () => this.#hasRoom(output),
    });
    output.on('error', handled);
    output.on('close', () => this.#hasRoom(output));
    return output;
  }

  #hasRoom(output: Readable): void {
    if (this.#fullOutputs.delete(output) && this.#fullOutputs.size === 0) this.#stream.resume();
  }

  #sendPendingSize(): void {
    const size = this.#pendingSize;
    this.#pendingSize = undefined;
    if (size) this.resize(size);
  }
}

function inputOf(stream: MuxStream): Writable {
  const input = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      writeRecord(stream, recordKind.stdin, chunk, done);
    },
    final: (done) => {
      writeRecord(stream, recordKind.stdinEnd, Buffer.alloc(0), done);
    },
  });
  input.on('error', handled);
  return input;
}

function handled(): void {}
