// A recording as asciicast v2 (docs.asciinema.org/manual/asciicast/v2), line by line. The export is for players: bytes that are no UTF-8
// become U+FFFD, so the recording itself stays the evidence.

import { StringDecoder } from 'node:string_decoder';
import type { Frame } from './frame.ts';
import type { RecordingHeader } from './header.ts';

export type AsciicastOptions = {
  /** Also what was typed; off by default, because that holds passwords. */
  readonly includeInput?: boolean;
  readonly idleLimitSeconds?: number;
};

type EventCode = 'o' | 'i' | 'r' | 'm';
const defaultSize = { columns: 80, rows: 24 };

/** The lines of the cast, each with its newline. The outcome of the recording is for the caller to look at afterwards. */
export async function* toAsciicast(
  recording: AsyncIterable<Frame> & { readonly header: RecordingHeader },
  options: AsciicastOptions = {},
): AsyncGenerator<string, void> {
  const { header } = recording;
  yield castHeader(header, options);
  const text = new StreamTexts(header.terminal === undefined);
  let lastUs = 0;
  for await (const frame of recording) {
    lastUs = frame.atUs;
    if (frame.kind === 'resize') yield event(frame.atUs, 'r', `${frame.size.columns}x${frame.size.rows}`);
    else if (frame.kind === 'mark') yield event(frame.atUs, 'm', frame.text);
    else if (frame.kind === 'output' || frame.kind === 'error') yield* events(frame.atUs, 'o', text.of(frame));
    else if (frame.kind === 'input' && options.includeInput) yield* events(frame.atUs, 'i', text.of(frame));
  }
  yield* events(lastUs, 'o', text.rest('output') + text.rest('error'));
  if (options.includeInput) yield* events(lastUs, 'i', text.rest('input'));
}

function castHeader(header: RecordingHeader, options: AsciicastOptions): string {
  const size = header.terminal?.size ?? defaultSize;
  const title = `${header.person.name} as ${header.login} on ${header.server.name}`;
  const cast = {
    version: 2,
    width: size.columns,
    height: size.rows,
    timestamp: Math.floor(header.startedAt / 1000),
    ...(options.idleLimitSeconds === undefined ? {} : { idle_time_limit: options.idleLimitSeconds }),
    ...(header.command === undefined ? {} : { command: header.command }),
    title,
    env: { TERM: header.terminal?.term ?? 'dumb' },
  };
  return `${JSON.stringify(cast)}\n`;
}

function event(atUs: number, code: EventCode, text: string): string {
  return `[${(atUs / 1e6).toFixed(6)}, "${code}", ${JSON.stringify(text)}]\n`;
}

function* events(atUs: number, code: EventCode, text: string): Generator<string, void> {
  if (text !== '') yield event(atUs, code, text);
}

type ByteStream = 'output' | 'error' | 'input';

/** Text of byte streams whose chunks end anywhere, also within a character. */
class StreamTexts {
  readonly #decoders: Readonly<Record<ByteStream, StringDecoder>> = {
    output: new StringDecoder('utf8'),
    error: new StringDecoder('utf8'),
    input: new StringDecoder('utf8'),
  };
  /** Without a terminal nobody turned line feeds into new lines, and a player would print stairs. */
  readonly #needsReturns: boolean;

  constructor(needsReturns: boolean) {
    this.#needsReturns = needsReturns;
  }

  of(frame: { readonly kind: ByteStream; readonly bytes: Buffer }): string {
    return this.#display(frame.kind, this.#decoders[frame.kind].write(frame.bytes));
  }

  rest(stream: ByteStream): string {
    return this.#display(stream, this.#decoders[stream].end());
  }

  #display(stream: ByteStream, text: string): string {
    return this.#needsReturns && stream !== 'input' ? text.replaceAll(/\r?\n/g, '\r\n') : text;
  }
}
