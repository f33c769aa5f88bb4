// `sally audit`: read the log, verify it, prove one event of it.

import { err, parseJson, type Result } from '@sallyport/core';
import { auditEvent, auditPage } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import type { Api } from '../client/api.ts';
import type { Failure } from '../failure.ts';
import type { Display } from '../print/display.ts';
import { plain, plainJson } from '../print/plain.ts';
import { parseCount, timeText } from '../print/time.ts';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run, usageFailure } from './context.ts';
import { define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type TailOptions = CommonOptions & { readonly follow?: true; readonly lines: string };
type VerifyOptions = CommonOptions & { readonly folder?: string; readonly key?: string; readonly checkpoint?: string };
type Page = z.infer<typeof auditPage>;

const pageLines = 1000;
const maxTailLines = 1_000_000;
const followEveryMs = 2_000;
const auditSeqPattern = /^(0|[1-9][0-9]{0,14})$/;

export function addAudit(parent: Command, text: Text, run: Run): void {
  const { audit, auditTail, auditVerify, auditProve } = text.command;
  const log = define(parent, 'audit', audit, text);
  define(log, 'tail', auditTail, text)
    .option('-f, --follow', auditTail.options.follow)
    .option('-n, --lines <count>', auditTail.options.lines, '20')
    .action((options: TailOptions) => run(options, (context) => tail(context, options)));
  define(log, 'verify', auditVerify, text)
    .option('--folder <folder>', auditVerify.options.folder)
    .option('--key <key>', auditVerify.options.key)
    .option('--checkpoint <file>', auditVerify.options.checkpoint)
    .action((options: VerifyOptions) =>
      run(options, async (context) => {
        const { verifyFolder, verifyOnline } = await import('../audit/verify.ts');
        return options.folder === undefined
          ? verifyOnline(context, options)
          : verifyFolder(context, options.folder, options);
      }),
    );
  define(log, 'prove', auditProve, text)
    .argument('<seq>', auditProve.arguments.seq)
    .action((seq: string, options: CommonOptions) =>
      run(options, async (context) => {
        if (!auditSeqPattern.test(seq)) return err(usageFailure(context.text.say.usage.seq()));
        return (await import('../audit/prove.ts')).prove(context, seq);
      }),
    );
}

async function tail(context: Context, options: TailOptions): Promise<Outcome> {
  const lines = parseCount(options.lines, 0, maxTailLines);
  if (lines === undefined) return err(usageFailure(context.text.say.usage.count('--lines', 0, maxTailLines)));
  return withApi(context, async (api, profile) => {
    // Beyond the end the gateway answers with no lines and the number of the next one.
    const end = await waiting(context, page(api, Number.MAX_SAFE_INTEGER, 1));
    if (!end.ok) return end;
    let next = Math.max(0, end.value.nextSeq - lines);
    while (next < end.value.nextSeq) {
      const read = await page(api, next, Math.min(pageLines, end.value.nextSeq - next));
      if (!read.ok) return read;
      if (read.value.lines.length === 0) break;
      for (const line of read.value.lines) show(context, line);
      next = read.value.nextSeq;
    }
    return options.follow === true ? follow(context, api, { from: end.value.nextSeq, device: profile.device }) : done;
  });
}

function page(api: Api, from: number, limit: number, isFollowing = false) {
  return api.get(`/v1/audit?from=${from}&limit=${limit}${isFollowing ? '&follow=1' : ''}`, auditPage);
}

type Following = { readonly from: number; readonly device: string };

async function follow(context: Context, api: Api, { from, device }: Following): Promise<Outcome> {
  const { world } = context;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<'stopped'>();
  const forget = [world.onSignal('SIGINT', () => stop('stopped')), world.onSignal('SIGTERM', () => stop('stopped'))];
  let next = from;
  try {
    for (;;) {
      const read: Result<Page, Failure> = await page(api, next, pageLines, true);
      if (!read.ok) return read;
      // Following reads the log, and reading is logged: shown as well, it would go on for ever.
      for (const line of read.value.lines) if (!isOwnReading(line, device)) show(context, line);
      next = read.value.nextSeq;
      if (read.value.lines.length === pageLines) continue;
      const { promise: later, resolve } = Promise.withResolvers<'later'>();
      const timer = world.clock.after(followEveryMs, () => resolve('later'));
      if ((await Promise.race([stopped, later])) === 'stopped') return done;
      timer.cancel();
    }
  } finally {
    for (const undo of forget) undo();
  }
}

const reading = z.object({ class: z.literal('api.allowed'), action: z.literal('readAudit'), device: z.string() });

function isOwnReading(line: string, device: string): boolean {
  const read = reading.safeParse(parseJson(line));
  return read.success && read.data.device === device;
}

const numbered = z.object({ seq: z.int() });

/** One event as one line a person can read; with --json the line as it is stored, byte for byte where it is not shown on a terminal. */
function show({ display, world }: Context, line: string): void {
  const stored = () => (world.stdout.isTTY === true ? plainJson(line) : line);
  display.line(display.isJson ? stored() : eventLine(display, line));
}

function eventLine({ paint }: Display, line: string): string {
  const json = parseJson(line);
  const place = numbered.safeParse(json);
  const event = auditEvent.safeParse(withoutPlace(json));
  if (!event.success) return plain(line);
  const { time, class: name, actor, action, resource, decision, reason, address } = event.data;
  const paintDecision = (words: string): string => paint(words === 'deny' ? 'red' : 'green', words);
  const parts = [
    paint('dim', `${place.data?.seq ?? ''} ${timeText(Date.parse(time))}`),
    paint('bold', name),
    plain(actor.name ?? actor.id),
    plain(action),
    plain(`${resource.kind}:${resource.name ?? resource.id}`),
    ...(decision === undefined ? [] : [paintDecision(decision)]),
    ...(address === undefined ? [] : [plain(address)]),
    ...(reason === undefined ? [] : [paint('dim', plain(reason))]),
  ];
  return parts.join('  ');
}

function withoutPlace(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).filter(([name]) => name !== 'seq' && name !== 'prev'));
}
