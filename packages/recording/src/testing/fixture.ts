// What the recording tests share: a header, folders that remove themselves, a clock that tests own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, expectOk, newId } from '@sallyport/core';
import type { Frame } from '../frame.ts';
import type { RecordingHeader } from '../header.ts';
import { type RecordingOutcome, readRecording } from '../reader.ts';
import { type RecordingWriter, startRecording } from '../writer.ts';

const fixed = (count: number) => new Uint8Array(count).fill(7);

export const header: RecordingHeader = {
  session: newId('session', fixed),
  channel: newId('channel', fixed),
  person: { id: newId('person', fixed), name: '앨리스' },
  server: { id: newId('server', fixed), name: 'web-1' },
  login: 'deploy',
  kind: 'shell',
  terminal: { term: 'xterm-256color', size: { columns: 100, rows: 30, widthPx: 0, heightPx: 0 } },
  startedAt: 1_785_000_000_000,
};

/** A folder for one test, removed when its scope ends. */
export function scratch(): { readonly folder: string; path(name: string): string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sally-recording-'));
  return {
    folder,
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Time that stands still until the test moves it. */
export class TestClock implements Clock {
  #nowMs = 1_785_000_000_000;
  #timers: { atMs: number; call: () => void }[] = [];

  now(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, call: () => void): { cancel(): void } {
    const timer = { atMs: this.#nowMs + delayMs, call };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      },
    };
  }

  get pending(): readonly number[] {
    return this.#timers.map((one) => one.atMs - this.#nowMs);
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    const due = this.#timers.filter((one) => one.atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((one) => one.atMs > this.#nowMs);
    for (const { call } of due) call();
  }
}

export async function start(
  path: string,
  clock: Clock = new TestClock(),
  about: RecordingHeader = header,
): Promise<RecordingWriter> {
  return expectOk(await startRecording({ path, header: about, clock }));
}

export async function readAll(
  path: string,
): Promise<{ header: RecordingHeader; frames: Frame[]; outcome: RecordingOutcome | undefined }> {
  const recording = expectOk(await readRecording(path));
  const frames: Frame[] = [];
  for await (const frame of recording) frames.push(frame);
  return { header: recording.header, frames, outcome: recording.outcome };
}
