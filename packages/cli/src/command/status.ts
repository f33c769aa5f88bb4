// `sally status`: who you are and where; with --verbose what was really negotiated, each value read from the live connection (SES-10).

import { sshDomainOf, whoAmI } from '@sallyport/protocol';
import type { Command } from 'commander';
import type * as z from 'zod/mini';
import type { Api } from '../client/api.ts';
import { plain } from '../print/plain.ts';
import { durationText } from '../print/time.ts';
import { padTo, widthOf } from '../print/width.ts';
import type { Profile } from '../profile/profile.ts';
import type { Text } from '../text/text.ts';
import { programVersion } from '../version.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run } from './context.ts';
import { define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type Options = CommonOptions & { readonly verbose?: true };
type WhoAmI = z.infer<typeof whoAmI>;
type Fact = readonly [name: string, value: string];

/** More than this between the two clocks is worth telling: certificates and grants depend on them. */
const clockToleranceMs = 5_000;

export function addStatus(parent: Command, text: Text, run: Run): void {
  const words = text.command.status;
  define(parent, 'status', words, text)
    .option('-v, --verbose', words.options.verbose)
    .action((options: Options) => run(options, (context) => status(context, options.verbose === true)));
}

function status(context: Context, isVerbose: boolean): Promise<Outcome> {
  const { display, world } = context;
  return withApi(context, async (api, profile) => {
    const askedAtMs = world.clock.monotonicMs();
    const who = await waiting(context, api.get('/v1/whoami', whoAmI));
    if (!who.ok) return who;
    const roundTripMs = Math.round(world.clock.monotonicMs() - askedAtMs);
    const aheadMs = Math.round(world.clock.now() - who.value.gatewayTime - roundTripMs / 2);
    if (display.isJson)
      display.json({
        ...who.value,
        gateway: profile.gateway,
        profile: profile.name,
        roundTripMs,
        clockAheadMs: aheadMs,
        thisSide: api.negotiated,
      });
    else {
      print(context, factsOf(context.text, profile, who.value));
      if (isVerbose) print(context, negotiatedFacts(context.text, api, profile, who.value, roundTripMs));
      if (Math.abs(aheadMs) > clockToleranceMs)
        display.note(context.text.say.clockDiffers(durationText(context.text, Math.abs(aheadMs)), aheadMs > 0));
    }
    return done;
  });
}

function print({ display }: Context, facts: readonly Fact[]): void {
  const width = Math.max(...facts.map(([name, value]) => (value === '' ? 0 : widthOf(name)))) + 2;
  for (const [name, value] of facts)
    display.line(value === '' ? `\n${display.paint('bold', name)}` : `${padTo(name, width)}${plain(value)}`);
}

function factsOf({ say: { fact } }: Text, profile: Profile, who: WhoAmI): readonly Fact[] {
  return [
    [fact.person, `${who.person.name} (${who.person.roles.join(', ')})`],
    [fact.device, `${who.device.name} (${who.device.id})`],
    [fact.workspace, who.workspace],
    [fact.gateway, `${profile.gateway} (${who.gatewayVersion})`],
    [fact.sshDomain, `*.${sshDomainOf(who.workspace)}`],
    [fact.profile, profile.name],
  ];
}

function negotiatedFacts(
  { say: { fact } }: Text,
  { negotiated }: Api,
  profile: Profile,
  who: WhoAmI,
  roundTripMs: number,
): readonly Fact[] {
  const { connection } = who;
  return [
    [fact.thisSide, ''],
    [fact.transport, `HTTPS, ${negotiated.tls}`],
    [fact.encryption, negotiated.cipher],
    [fact.keyExchange, negotiated.keyExchange],
    [fact.integrity, fact.aead],
    [fact.peer, negotiated.address],
    [fact.trust, profile.caPem === undefined ? fact.systemRoots : fact.pinnedCa],
    [fact.deviceKey, fact.deviceKeyBound],
    [fact.roundTrip, `${roundTripMs} ms`],
    [fact.version, programVersion],
    [fact.gatewaySide, ''],
    [fact.transport, connection.tls],
    [fact.encryption, connection.cipher],
    [fact.peer, connection.address],
    [fact.sealLevel, 'inspected'],
  ];
}
