// `sally audit verify`: the whole log against its signed checkpoints, offline from its files or over the network, and against what
// this device has seen before. It must never say that a log is whole when one line of it was not checked.

import type { KeyObject } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseVerifierKey, readCheckpoint, type VerifyReport, verifyAuditLog } from '@sallyport/audit';
import { err, ok, type Result } from '@sallyport/core';
import { auditCheckpoint, auditPage } from '@sallyport/protocol';
import type { Api } from '../client/api.ts';
import { type Context, fileFailure, type Outcome, profilePlace, usageFailure } from '../command/context.ts';
import { waiting, withApi } from '../command/with-api.ts';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import { unusable } from '../profile/private-file.ts';
import { readKnownLog, writeKnownLog } from './known-log.ts';

type Options = { readonly key?: string; readonly checkpoint?: string };
type Key = { readonly keyName: string; readonly publicKey: KeyObject; readonly text: string };

const pageLines = 1000;

export async function verifyFolder(context: Context, folder: string, options: Options): Promise<Outcome> {
  const key = await offlineKey(context, options.key);
  if (!key.ok) return key;
  const kept = await keptCheckpoint(context, options.checkpoint);
  if (!kept.ok) return kept;
  const { keyName, publicKey } = key.value;
  const report = await context.display.progress(
    context.text.say.audit.verifying,
    verifyAuditLog(folder, publicKey, {
      origin: keyName,
      ...(kept.value === undefined ? {} : { knownCheckpoint: kept.value }),
    }),
  );
  return tell(context, report);
}

/** The key from the command line, or the one that this device has pinned. */
async function offlineKey(context: Context, asked: string | undefined): Promise<Result<Key, Failure>> {
  const { text } = context;
  if (asked !== undefined) return readKey(context, asked);
  const place = profilePlace(context);
  if (!place.ok) return place;
  const known = readKnownLog(context, place.value);
  if (!known.ok) return known;
  return known.value === undefined
    ? err(usageFailure(text.say.audit.noKey))
    : readKey(context, known.value.verifierKey);
}

function readKey({ text }: Context, words: string): Result<Key, Failure> {
  const key = parseVerifierKey(words.trim());
  return key.ok ? ok({ ...key.value, text: words.trim() }) : err(usageFailure(text.say.audit.badKey(key.error)));
}

async function keptCheckpoint(
  { text }: Context,
  path: string | undefined,
): Promise<Result<string | undefined, Failure>> {
  if (path === undefined) return ok(undefined);
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (cause) {
    return err(fileFailure(text, unusable(path, cause)));
  }
}

export async function verifyOnline(context: Context, options: Options): Promise<Outcome> {
  const { text } = context;
  const kept = await keptCheckpoint(context, options.checkpoint);
  if (!kept.ok) return kept;
  return withApi(context, async (api, profile) => {
    const shown = await waiting(context, api.get('/v1/audit/checkpoint', auditCheckpoint));
    if (!shown.ok) return shown;
    const known = readKnownLog(context, profile);
    if (!known.ok) return known;
    const pinned = options.key ?? known.value?.verifierKey;
    if (pinned !== undefined && pinned.trim() !== shown.value.verifierKey)
      return err(localFailure(text.say.audit.otherKey(shown.value.verifierKey), exitStatuses.checkFailed));
    const key = readKey(context, shown.value.verifierKey);
    if (!key.ok) return key;
    const report = await fetchAndVerify(context, api, key.value, {
      note: shown.value.note,
      kept: [kept.value, known.value?.note].filter((note) => note !== undefined),
    });
    if (!report.ok) return report;
    const outcome = tell(context, report.value);
    if (!outcome.ok || outcome.value !== exitStatuses.ok) return outcome;
    if (pinned === undefined) context.display.note(text.say.audit.keyPinned(key.value.text));
    const written = writeKnownLog(context, profile, { verifierKey: key.value.text, note: shown.value.note });
    return written.ok ? outcome : written;
  });
}

type Claimed = { readonly note: string; readonly kept: readonly string[] };

/** Brings every line that the checkpoint covers into a file of our own and checks it there, as offline. */
async function fetchAndVerify(
  context: Context,
  api: Api,
  { keyName, publicKey }: Key,
  { note, kept }: Claimed,
): Promise<Result<VerifyReport, Failure>> {
  const { text, display } = context;
  const checkpoint = readCheckpoint(note, publicKey, keyName);
  if (!checkpoint.ok)
    return err(localFailure(text.say.audit.badCheckpoint(checkpoint.error.why), exitStatuses.checkFailed));
  const folder = await mkdtemp(join(tmpdir(), 'sally-audit-'));
  try {
    const files = { segments: [join(folder, '000000000000.jsonl')], checkpoints: join(folder, 'checkpoints') };
    await writeFile(files.checkpoints, note, { mode: 0o600 });
    const fetched = await display.progress(
      text.say.audit.fetching(checkpoint.value.size),
      fetchLines(context, api, checkpoint.value.size, files.segments[0] ?? ''),
    );
    if (!fetched.ok) return fetched;
    const check = (known: string | undefined): Promise<VerifyReport> =>
      display.progress(
        text.say.audit.verifying,
        verifyAuditLog(files, publicKey, {
          origin: keyName,
          ...(known === undefined ? {} : { knownCheckpoint: known }),
        }),
      );
    let report = await check(kept[0]);
    for (const known of kept.slice(1)) if (report.ok) report = await check(known);
    return ok(report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchLines({ text }: Context, api: Api, size: number, path: string): Promise<Result<void, Failure>> {
  await using file = await open(path, 'wx', 0o600);
  let next = 0;
  while (next < size) {
    const read = await api.get(`/v1/audit?from=${next}&limit=${Math.min(pageLines, size - next)}`, auditPage);
    if (!read.ok) return read;
    const lines = read.value.lines.slice(0, size - next);
    // A gateway that gives fewer lines than it has signed for: the check of the file names the first that is missing.
    if (lines.length === 0) return ok();
    if (lines.some((line) => line.includes('\n')))
      return err(localFailure(text.say.audit.badLine(next), exitStatuses.checkFailed));
    await file.write(lines.map((line) => `${line}\n`).join(''));
    next += lines.length;
  }
  return ok();
}

function tell({ display, text }: Context, report: VerifyReport): Outcome {
  const { firstBad, events, checkpoints, uncoveredEvents } = report;
  if (display.isJson) display.json(report);
  else if (report.ok)
    display.line(`${display.paint('green', '✓')} ${text.say.audit.good(events, checkpoints, uncoveredEvents)}`);
  if (report.ok) return ok(exitStatuses.ok);
  if (display.isJson || firstBad === undefined) return ok(exitStatuses.checkFailed);
  const { file, line, what, why, hint } = firstBad;
  const message = text.say.audit.bad(basename(file), line, text.say.audit.badKind[what], why);
  return err(localFailure({ message, hint }, exitStatuses.checkFailed));
}
