// `sally audit prove`: one event with its proof of inclusion, checked here before it is shown.

import { inclusionProof, parseVerifierKey, verifyInclusionProof } from '@sallyport/audit';
import { err } from '@sallyport/core';
import * as z from 'zod/mini';
import { type Context, done, type Outcome } from '../command/context.ts';
import { waiting, withApi } from '../command/with-api.ts';
import { exitStatuses } from '../exit-status.ts';
import { localFailure } from '../failure.ts';
import { plain } from '../print/plain.ts';
import { readKnownLog } from './known-log.ts';

const answer = z.object({ line: z.string(), proof: inclusionProof, verifierKey: z.string() });

export function prove(context: Context, seq: string): Promise<Outcome> {
  const { display, text } = context;
  return withApi(context, async (api, profile) => {
    const proven = await waiting(context, api.get(`/v1/audit/proof?seq=${seq}`, answer));
    if (!proven.ok) return proven;
    const known = readKnownLog(context, profile);
    if (!known.ok) return known;
    const { line, proof, verifierKey } = proven.value;
    if (known.value !== undefined && known.value.verifierKey !== verifierKey)
      return err(localFailure(text.say.audit.otherKey(verifierKey), exitStatuses.checkFailed));
    const key = parseVerifierKey(verifierKey);
    if (!key.ok) return err(localFailure(text.say.audit.badKey(key.error), exitStatuses.checkFailed));
    if (String(proof.seq) !== seq)
      return err(localFailure(text.say.audit.notProven(text.say.audit.otherEvent), exitStatuses.checkFailed));
    const checkpoint = verifyInclusionProof(line, proof, { publicKey: key.value.publicKey, origin: key.value.keyName });
    if (!checkpoint.ok) return err(localFailure(text.say.audit.notProven(checkpoint.error), exitStatuses.checkFailed));
    if (display.isJson) display.json(proven.value);
    else {
      display.line(`${display.paint('green', '✓')} ${text.say.audit.proven(seq, checkpoint.value.size)}`);
      for (const shown of [line, `leaf  ${proof.leafHash}`, ...proof.path.map((hash) => `path  ${hash}`)])
        display.line(`  ${plain(shown)}`);
      for (const noted of proof.checkpoint.trimEnd().split('\n')) display.line(`  ${plain(noted)}`);
      display.line(`  ${plain(verifierKey)}`);
    }
    return done;
  });
}
