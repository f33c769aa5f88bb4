// A stream seen chunk by chunk as it passes: same bytes, same ends, same errors, same back-pressure. Not a Transform: a chunk is
// handed on in the call that brought it, so that three lenses cost next to nothing.

import { Duplex, type Readable, type Writable } from 'node:stream';

/** Sees a chunk before anybody else. A promise holds the stream back until it resolves; it must not reject. */
export type See = (chunk: Buffer) => Promise<void> | undefined;

const seeNothing: See = () => undefined;

export function tapReadable(source: Readable, see: See): Readable {
  return new Tap(source, undefined, see, seeNothing);
}

export function tapWritable(sink: Writable, see: See): Writable {
  return new Tap(undefined, sink, seeNothing, see);
}

export function tapDuplex(connection: Duplex, seeRead: See, seeWritten: See): Duplex {
  return new Tap(connection, connection, seeRead, seeWritten);
}

type Callback = (error?: Error | null) => void;

// A function of its own: the types of Node leave `readable` out, which its documentation has.
function sides(source: Readable | undefined, sink: Writable | undefined) {
  return { readable: source !== undefined, writable: sink !== undefined, allowHalfOpen: true };
}

class Tap extends Duplex {
  readonly #source: Readable | undefined;
  readonly #sink: Writable | undefined;
  readonly #seeRead: See;
  readonly #seeWritten: See;
  #isStarted = false;
  #isHeld = false;
  #hasSourceEnded: boolean;
  #onDrain: Callback | undefined;

  constructor(source: Readable | undefined, sink: Writable | undefined, seeRead: See, seeWritten: See) {
    super(sides(source, sink));
    this.#source = source;
    this.#sink = sink;
    this.#seeRead = seeRead;
    this.#seeWritten = seeWritten;
    this.#hasSourceEnded = source === undefined;
    // One stream, or two ends of the same one.
    const stream = source ?? sink;
    // A program that reads no more is no error of who writes to it: its exit tells. Other streams pass theirs on.
    stream?.on('error', (error) => this.destroy(source === undefined ? undefined : error));
    stream?.on('close', () => this.#closed());
    sink?.on('drain', () => this.#release());
    if (source !== undefined && (source.destroyed || source.readableEnded)) this.#closed();
  }

  override _read(): void {
    const source = this.#source;
    if (source === undefined || this.#isHeld) return;
    if (this.#isStarted) {
      source.resume();
      return;
    }
    this.#isStarted = true;
    source.on('data', (chunk: Buffer) => {
      const hold = this.#seeRead(chunk);
      if (hold !== undefined) this.#hold(hold);
      if (!this.push(chunk) || hold !== undefined) source.pause();
    });
    source.on('end', () => {
      this.#hasSourceEnded = true;
      this.push(null);
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    const sink = this.#sink;
    if (sink === undefined || sink.destroyed) {
      callback();
      return;
    }
    const hold = this.#seeWritten(chunk);
    if (hold !== undefined) void hold.then(() => this.#forward(sink, chunk, callback));
    else this.#forward(sink, chunk, callback);
  }

  override _final(callback: Callback): void {
    const sink = this.#sink;
    if (sink === undefined || sink.destroyed || sink.writableFinished) {
      callback();
      return;
    }
    const done = () => {
      sink.off('finish', done);
      sink.off('close', done);
      callback();
    };
    sink.on('finish', done);
    sink.on('close', done);
    sink.end();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const isWhole = this.#hasSourceEnded && (this.#sink?.writableFinished ?? true);
    if (error !== null || !isWhole) {
      this.#source?.destroy();
      this.#sink?.destroy();
    }
    this.#release();
    callback(error);
  }

  #forward(sink: Writable, chunk: Buffer, callback: Callback): void {
    if (sink.destroyed || sink.write(chunk)) callback();
    else this.#onDrain = callback;
  }

  #release(): void {
    const callback = this.#onDrain;
    this.#onDrain = undefined;
    callback?.();
  }

  #hold(hold: Promise<void>): void {
    this.#isHeld = true;
    void hold.then(() => {
      this.#isHeld = false;
      if (!this.destroyed) this.#source?.resume();
    });
  }

  // What has been read but not consumed is still delivered.
  #closed(): void {
    this.#release();
    if (!this.#hasSourceEnded || this.readableEnded || this.#source === undefined) this.destroy();
    else this.once('end', () => this.destroy());
  }
}
