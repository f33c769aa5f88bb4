// One line of the log: the canonical JSON (RFC 8785) of an event with its number and the leaf hash of the line before.
// What is hashed is the bytes of the line without its newline, never a parsed value.

import { canonicalJson, err, ok, type Result } from '@sallyport/core';
import { type AuditEvent, auditEvent } from '@sallyport/protocol';
import * as z from 'zod/mini';
import { type AuditFailure, failure } from './failure.ts';

/** `prev` of the first line. */
export const genesis = '0'.repeat(64);

/** Of one line, newline included: the longest command that execve takes fits in, escaped as JSON. */
export const maxLineBytes = 1_048_576;

/** What ties a line to its place; present in every line, whatever its class. */
const place = z.object({ seq: z.int().check(z.nonnegative()), prev: z.string().check(z.regex(/^[0-9a-f]{64}$/)) });
export type Place = z.infer<typeof place>;

export type AuditEntry = Place & {
  /** The line as it is stored, without its newline. */
  readonly line: string;
  /** The event; absent when this version does not know its class or a field. */
  readonly event?: AuditEvent;
};

/** The line of an event, newline included; or why there is none. */
export function encodeLine(event: AuditEvent, at: Place): Result<Buffer, AuditFailure> {
  let line: Buffer;
  try {
    const checked = auditEvent.safeParse(event);
    if (!checked.success) return err(invalid(z.prettifyError(checked.error).replaceAll('\n', ' ')));
    line = Buffer.from(`${canonicalJson(JSON.parse(JSON.stringify({ ...checked.data, ...at })))}\n`);
  } catch (error) {
    // Lone surrogates have no canonical form (RFC 8785 §3.2.2), and nesting can be deeper than the stack.
    return err(invalid(error instanceof Error ? error.message : 'no canonical form'));
  }
  if (line.length <= maxLineBytes) return ok(line);
  const size = `an event of ${line.length} bytes is larger than ${maxLineBytes}`;
  return err(failure('EVENT_TOO_LARGE', size, 'log its size and hash instead of its content'));
}

function invalid(why: string): AuditFailure {
  const hint = 'log one of the documented classes with its documented fields';
  return failure('EVENT_INVALID', `not an audit event: ${why.slice(0, 512)}`, hint);
}

export type ParsedLine = { readonly place?: Place; readonly event?: AuditEvent; readonly isJson: boolean };

/** What the bytes of a line say; nothing of it is checked against its neighbours. */
export function parseLine(bytes: Uint8Array): ParsedLine {
  const json = parseJson(bytes);
  if (json === undefined) return { isJson: false };
  const found = place.safeParse(json);
  if (!found.success) return { isJson: true };
  const { seq, prev, ...rest } = { ...json, ...found.data };
  const event = auditEvent.safeParse(rest);
  return { isJson: true, place: { seq, prev }, ...(event.success ? { event: event.data } : {}) };
}

export function parsePlace(bytes: Uint8Array): Place | undefined {
  return place.safeParse(parseJson(bytes)).data;
}

function parseJson(bytes: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
