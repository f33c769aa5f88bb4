// The audit log as its readers see it: the stored lines themselves, checkpoints and proofs, so that anybody can verify them.

import { type AuditFailure, type AuditLog, inclusionProof } from '@sallyport/audit';
import { type Clock, type DeviceId, err, ok, type Result } from '@sallyport/core';
import { auditCheckpoint, auditPage, type Refusal } from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { Caller } from '../../domain/identity/index.ts';
import type { Guard } from './guard.ts';
import { type HttpServer, refusalResponses } from './server.ts';

type Needs = {
  readonly log: AuditLog;
  /** The public key of the checkpoints as a C2SP signed-note verifier key. */
  readonly verifierKey: string;
  readonly guard: Guard;
  readonly clock: Clock;
};

const maxLinesPerPage = 1000;
// Whoever follows the log reads it every few seconds; each reading of its own in the log would be most of the log.
const followToldForMs = 600_000;
const pageQuery = z.object({
  follow: z.optional(z.literal('1')),
  from: z._default(z.coerce.number().check(z.int(), z.nonnegative()), 0),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(maxLinesPerPage)), 100),
});
const proofQuery = z.object({ seq: z.coerce.number().check(z.int(), z.nonnegative()) });
const proofAnswer = z.object({ line: z.string(), proof: inclusionProof, verifierKey: z.string() });

export function auditRoutes(server: HttpServer, { log, verifierKey, guard, clock }: Needs): void {
  const following = followings(clock);
  server.get(
    '/v1/audit',
    { schema: { tags: ['audit'], querystring: pageQuery, response: { 200: auditPage, ...refusalResponses } } },
    (request, reply) => {
      const { from, limit, follow } = request.query;
      const connection = request.raw.socket;
      const read = async (caller: Caller) => {
        if (follow) following.begin(connection, caller);
        const entries = await log.read(from, limit);
        const last = entries.at(-1);
        return ok({
          lines: entries.map((entry) => entry.line),
          nextSeq: last ? last.seq + 1 : Math.min(from, log.size),
        });
      };
      const going = (caller: Caller) => ({
        isToldAlready: following.has(connection, caller),
        details: { follow: true },
      });
      return guard(request, reply, 'readAudit', read, follow && going);
    },
  );
  server.get(
    '/v1/audit/checkpoint',
    { schema: { tags: ['audit'], response: { 200: auditCheckpoint, ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'readAudit', async () => {
        const checkpoint = await log.checkpoint();
        return checkpoint.ok ? ok({ note: checkpoint.value.note, verifierKey }) : unavailable(checkpoint.error);
      }),
  );
  server.get(
    '/v1/audit/proof',
    { schema: { tags: ['audit'], querystring: proofQuery, response: { 200: proofAnswer, ...refusalResponses } } },
    (request, reply) => guard(request, reply, 'readAudit', () => proof(log, verifierKey, request.query.seq)),
  );
}

/** The connections on which the log is followed, and that the log knows of: which device on each, and since when. */
function followings(clock: Clock) {
  const told = new WeakMap<object, { readonly device: DeviceId; readonly atMs: number }>();
  const has = (connection: object, { device }: Caller) => {
    const known = told.get(connection);
    return known?.device === device.id && clock.monotonicMs() - known.atMs < followToldForMs;
  };
  return {
    has,
    begin: (connection: object, caller: Caller) => {
      if (!has(connection, caller)) told.set(connection, { device: caller.device.id, atMs: clock.monotonicMs() });
    },
  };
}

async function proof(
  log: AuditLog,
  verifierKey: string,
  seq: number,
): Promise<Result<z.infer<typeof proofAnswer>, Refusal>> {
  const [entry] = await log.read(seq, 1);
  if (entry?.seq !== seq) {
    return err({
      code: 'NOT_FOUND',
      message: `the log has no event ${seq}`,
      rule: 'AUD-2',
      hint: 'see `sally audit tail`',
    });
  }
  const inclusion = await log.proveInclusion(seq);
  if (!inclusion.ok) return unavailable(inclusion.error);
  return ok({ line: entry.line, proof: inclusion.value, verifierKey });
}

function unavailable(failure: AuditFailure): Result<never, Refusal> {
  return err({ code: 'AUDIT_UNAVAILABLE', message: failure.message, rule: failure.rule, hint: failure.hint });
}
