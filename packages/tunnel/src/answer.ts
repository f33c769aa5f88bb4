// The answer to a stream's header: one record, accepted or refused. What follows an acceptance stays in the stream.

import { err, type JsonObject, ok, parseJson, type Result } from '@sallyport/core';
import { type Refusal, recordKind, refusalOnWire, type StreamHeader, toWire } from '@sallyport/protocol';
import type * as z from 'zod/mini';
import { resetCode } from './link-fault.ts';
import type { Mux } from './mux.ts';
import { maxGatheredBytes, parseRecordHead, recordHeadBytes, writeJsonRecord } from './record.ts';
import { linkLost, protocolError, refusalOf } from './refusals.ts';
import type { MuxStream } from './stream.ts';

/** Answers a header whose stream has nothing but this answer, which every refused stream is. */
export function writeAnswer(stream: MuxStream, answer: Result<JsonObject, Refusal>): void {
  if (answer.ok) writeAccepted(stream, answer.value);
  else writeJsonRecord(stream, recordKind.refused, toWire(answer.error));
  stream.end();
  // Nobody reads what the other side may still send: its end is what closes the stream.
  stream.resume();
}

/** Accepts a header; the stream goes on with whatever it is for. */
export function writeAccepted(stream: MuxStream, accepted: JsonObject): void {
  writeJsonRecord(stream, recordKind.accepted, accepted);
}

/** Waits for the answer. The stream is reset if it is none; after an acceptance it holds what came behind it. */
export async function readAnswer<Schema extends z.ZodMiniType>(
  stream: MuxStream,
  accepted: Schema,
): Promise<Result<z.infer<Schema>, Refusal>> {
  const record = await firstRecord(stream);
  const answer = record.ok ? parseAnswer(record.value, accepted) : record;
  if (!answer.ok) stream.reset(resetCode.cancelled);
  return answer;
}

/** Asks one thing that has one answer. */
export async function ask<Schema extends z.ZodMiniType>(
  mux: Mux,
  header: StreamHeader,
  accepted: Schema,
): Promise<Result<z.infer<Schema>, Refusal>> {
  const stream = mux.open(header);
  const answer = await readAnswer(stream, accepted);
  stream.reset(resetCode.cancelled);
  return answer;
}

type FirstRecord = { readonly isAccepted: boolean; readonly payload: Buffer };

function parseAnswer<Schema extends z.ZodMiniType>(
  { isAccepted, payload }: FirstRecord,
  accepted: Schema,
): Result<z.infer<Schema>, Refusal> {
  if (isAccepted) {
    const parsed = accepted.safeParse(parseJson(payload));
    return parsed.success
      ? ok(parsed.data)
      : err(protocolError('the other side accepted with an answer of another form'));
  }
  const refused = refusalOnWire.safeParse(parseJson(payload));
  return err(refused.success ? refused.data : protocolError('the other side refused with an answer of another form'));
}

function firstRecord(stream: MuxStream): Promise<Result<FirstRecord, Refusal>> {
  return new Promise((resolve) => {
    let held: Buffer = Buffer.alloc(0);
    const settle = (result: Result<FirstRecord, Refusal>) => {
      stream.off('readable', read).off('end', onClose).off('close', onClose);
      resolve(result);
    };
    const onClose = () =>
      settle(err(stream.errored ? refusalOf(stream.errored) : linkLost('the other side gave no answer')));
    const read = () => {
      for (let chunk = readChunk(stream); chunk; chunk = readChunk(stream)) {
        held = Buffer.concat([held, chunk]);
        const result = recordIn(held);
        if (!result) continue;
        if (result.ok && result.value.rest.byteLength > 0) stream.unshift(result.value.rest);
        settle(result);
        return;
      }
    };
    stream.on('readable', read).on('end', onClose).on('close', onClose);
    if (stream.destroyed) onClose();
  });
}

function readChunk(stream: MuxStream): Buffer | undefined {
  const chunk: unknown = stream.read();
  return Buffer.isBuffer(chunk) ? chunk : undefined;
}

/** The first record of the bytes and what is behind it, or undefined while it is not there whole. */
function recordIn(bytes: Buffer): Result<FirstRecord & { readonly rest: Buffer }, Refusal> | undefined {
  if (bytes.byteLength < recordHeadBytes) return undefined;
  const head = parseRecordHead(bytes);
  if (typeof head === 'string') return err(protocolError(head));
  const isAccepted = head.kind === recordKind.accepted;
  if (!isAccepted && head.kind !== recordKind.refused) return err(protocolError('the other side did not answer first'));
  if (head.bytes > maxGatheredBytes) return err(protocolError('the answer is too long'));
  const end = recordHeadBytes + head.bytes;
  if (bytes.byteLength < end) return undefined;
  return ok({ isAccepted, payload: bytes.subarray(recordHeadBytes, end), rest: bytes.subarray(end) });
}
