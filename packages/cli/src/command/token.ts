// `sally token`: make, list and revoke the join tokens by which servers are enrolled.

import { err } from '@sallyport/core';
import { joinToken, joinTokenCreated } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import { labelsText, parseLabels } from '../labels.ts';
import { plain } from '../print/plain.ts';
import { parseCount, parseDuration, timeText } from '../print/time.ts';
import type { Text } from '../text/text.ts';
import { confirmed } from './confirm.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run, usageFailure } from './context.ts';
import { collect, define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type CreateOptions = CommonOptions & {
  readonly uses: string;
  readonly ttl: string;
  readonly label?: readonly string[];
};
type RevokeOptions = CommonOptions & { readonly yes?: true };

const maxUses = 10_000;

export function addToken(parent: Command, text: Text, run: Run): void {
  const { token, tokenCreate, tokenLs, tokenRevoke } = text.command;
  const tokens = define(parent, 'token', token, text);
  define(tokens, 'create', tokenCreate, text)
    .option('--uses <count>', tokenCreate.options.uses, '1')
    .option('--ttl <duration>', tokenCreate.options.ttl, '1h')
    .option('-l, --label <name=value>', tokenCreate.options.label, collect)
    .action((options: CreateOptions) => run(options, (context) => create(context, options)));
  define(tokens, 'ls', tokenLs, text).action((options: CommonOptions) => run(options, list));
  define(tokens, 'revoke', tokenRevoke, text)
    .argument('<token>', tokenRevoke.arguments.token)
    .option('-y, --yes', tokenRevoke.options.yes)
    .action((id: string, options: RevokeOptions) => run(options, (context) => revoke(context, id, options)));
}

async function create(context: Context, options: CreateOptions): Promise<Outcome> {
  const { display, text } = context;
  const [uses, ttlSeconds, labels] = [
    parseCount(options.uses, 1, maxUses),
    parseDuration(options.ttl),
    parseLabels(options.label ?? []),
  ];
  if (uses === undefined) return err(usageFailure(text.say.usage.count('--uses', 1, maxUses)));
  if (ttlSeconds === undefined) return err(usageFailure(text.say.usage.duration('--ttl')));
  if (!labels.ok) return err(usageFailure(text.say.usage.label(labels.error)));
  return withApi(context, async (api, profile) => {
    const made = await waiting(
      context,
      api.post('/v1/join-tokens', { uses, ttlSeconds, labels: labels.value }, joinTokenCreated),
    );
    if (!made.ok) return made;
    if (display.isJson) {
      display.json(made.value);
      return done;
    }
    display.line(plain(made.value.token));
    display.note(text.say.tokenMade(timeText(made.value.expiresAt), uses));
    display.note(`  sally agent join ${profile.gateway} --token-file -`);
    return done;
  });
}

function list(context: Context): Promise<Outcome> {
  const { display, text, world } = context;
  return withApi(context, async (api) => {
    const tokens = await waiting(context, api.get('/v1/join-tokens', z.array(joinToken)));
    if (!tokens.ok) return tokens;
    const { column, tokenState } = text.say;
    if (display.isJson) display.json(tokens.value);
    else if (tokens.value.length === 0) display.note(text.say.noTokens);
    else
      display.table(
        [
          { title: column.id, minWidth: 20 },
          { title: column.state },
          { title: column.uses },
          { title: column.labels },
          { title: column.expires, minWidth: 19 },
        ],
        tokens.value.map((token) => [
          token.id,
          tokenState[stateOf(token, world.clock.now())],
          `${token.usesLeft}/${token.uses}`,
          plain(labelsText(token.labels)),
          timeText(token.expiresAt),
        ]),
      );
    return done;
  });
}

function stateOf(
  token: { isRevoked: boolean; usesLeft: number; expiresAt: number },
  now: number,
): 'revoked' | 'expired' | 'usedUp' | 'usable' {
  if (token.isRevoked) return 'revoked';
  if (token.expiresAt <= now) return 'expired';
  return token.usesLeft === 0 ? 'usedUp' : 'usable';
}

async function revoke(context: Context, id: string, options: RevokeOptions): Promise<Outcome> {
  const { display, text } = context;
  const agreed = await confirmed(context, text.say.confirmTokenRevoke(plain(id)), options.yes);
  if (!agreed.ok) return agreed;
  return withApi(context, async (api) => {
    const revoked = await waiting(
      context,
      api.post(`/v1/join-tokens/${encodeURIComponent(id)}/revoke`, {}, z.unknown()),
    );
    if (!revoked.ok) return revoked;
    if (display.isJson) display.json({ token: id, isRevoked: true });
    else display.line(text.say.tokenRevoked(plain(id)));
    return done;
  });
}
