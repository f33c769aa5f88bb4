// The link to the gateway that carries sessions: one WebSocket with the device's proof in its upgrade request, many streams over it.

import { err, fraction, ok, type Result } from '@sallyport/core';
import { headerNames, linkPaths, proveLink } from '@sallyport/protocol';
import { createMux, dialGateway, type Mux, type NegotiatedConnection } from '@sallyport/tunnel';
import type { Failure } from '../failure.ts';
import type { Profile } from '../profile/profile.ts';
import type { Text } from '../text/text.ts';
import { programVersion } from '../version.ts';
import type { World } from '../world.ts';
import { unreachable } from './unreachable.ts';

export type Link = { readonly mux: Mux; readonly connection: NegotiatedConnection };

const dialTimeoutMs = 15_000;

export async function connectLink(
  { clock, random }: World,
  text: Text,
  { gateway, caPem, device, key }: Profile,
): Promise<Result<Link, Failure>> {
  const url = new URL(gateway);
  const dialled = await dialGateway({
    url,
    path: linkPaths.client,
    ...(caPem === undefined ? {} : { ca: caPem }),
    headers: (exporter) => ({
      [headerNames.device]: device,
      [headerNames.proof]: proveLink({ role: 'device', id: device, link: '' }, exporter, key.privateKey),
      [headerNames.version]: programVersion,
    }),
    timeoutMs: dialTimeoutMs,
  });
  if (dialled.ok)
    return ok({
      mux: createMux(dialled.value.carrier, { role: 'dialler', clock, random: () => fraction(random) }),
      connection: dialled.value.connection,
    });
  const { refusal, fault, step, message, hint } = dialled.error;
  if (refusal !== undefined) return err({ kind: 'refused', refusal });
  const words = fault === undefined ? { message, hint } : unreachable(url, fault, text);
  return err({ ...words, kind: 'unreachable', step });
}
