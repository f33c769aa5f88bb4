// `sally policy`: show the one in force, check a file here, put one in force.

import { readFile, stat } from 'node:fs/promises';
import { err, ok, type Result } from '@sallyport/core';
import { policyVersion } from '@sallyport/protocol';
import type { Command } from 'commander';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import { plain } from '../print/plain.ts';
import { timeText } from '../print/time.ts';
import { unusable } from '../profile/private-file.ts';
import type { Text } from '../text/text.ts';
import {
  type CommonOptions,
  type Context,
  done,
  fileFailure,
  type Outcome,
  type Run,
  usageFailure,
} from './context.ts';
import { define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type ApplyOptions = CommonOptions & { readonly reason: string };

const maxPolicyBytes = 1_048_576;

export function addPolicy(parent: Command, text: Text, run: Run): void {
  const { policy, policyShow, policyCheck, policyApply } = text.command;
  const policies = define(parent, 'policy', policy, text);
  define(policies, 'show', policyShow, text).action((options: CommonOptions) => run(options, show));
  define(policies, 'check', policyCheck, text)
    .argument('<file>', policyCheck.arguments.file)
    .action((file: string, options: CommonOptions) => run(options, (context) => check(context, file)));
  define(policies, 'apply', policyApply, text)
    .argument('<file>', policyApply.arguments.file)
    .requiredOption('--reason <text>', policyApply.options.reason)
    .action((file: string, options: ApplyOptions) => run(options, (context) => apply(context, file, options)));
}

function show(context: Context): Promise<Outcome> {
  const { display, text } = context;
  return withApi(context, async (api) => {
    const found = await waiting(context, api.get('/v1/policy', policyVersion));
    if (!found.ok) return found;
    const { version, author, appliedAt, reason, text: policy } = found.value;
    if (display.isJson) display.json(found.value);
    else {
      display.note(plain(text.say.policyVersion(version, author, timeText(appliedAt), reason)));
      // A policy is a text of many lines; only its control characters are shown as such.
      for (const line of policy.trimEnd().split('\n')) display.line(plain(line.replaceAll('\t', '  ')));
    }
    return done;
  });
}

async function check(context: Context, file: string): Promise<Outcome> {
  const { display, text } = context;
  const policy = await readPolicy(context, file);
  if (!policy.ok) return policy;
  const mistakes = await mistakesIn(policy.value);
  if (display.isJson) display.json({ file, isValid: mistakes.length === 0, mistakes });
  else if (mistakes.length === 0) display.line(`${display.paint('green', '✓')} ${text.say.policyValid(plain(file))}`);
  if (mistakes.length === 0) return done;
  if (display.isJson) return ok(exitStatuses.checkFailed);
  return err(
    localFailure(text.say.policyInvalid(file, mistakes.length, mistakes.join('; ')), exitStatuses.checkFailed),
  );
}

async function mistakesIn(policy: string): Promise<readonly string[]> {
  const { compilePolicy, mistakeText } = await import('@sallyport/policy');
  const compiled = compilePolicy(policy);
  return compiled.ok ? [] : compiled.error.map(mistakeText);
}

async function apply(context: Context, file: string, { reason }: ApplyOptions): Promise<Outcome> {
  const { display, text } = context;
  const policy = await readPolicy(context, file);
  if (!policy.ok) return policy;
  const mistakes = await mistakesIn(policy.value);
  if (mistakes.length > 0)
    return err(
      localFailure(text.say.policyInvalid(file, mistakes.length, mistakes.join('; ')), exitStatuses.checkFailed),
    );
  return withApi(context, async (api) => {
    const applied = await waiting(context, api.put('/v1/policy', { text: policy.value, reason }, policyVersion));
    if (!applied.ok) return applied;
    if (display.isJson) display.json(applied.value);
    else display.line(text.say.policyApplied(applied.value.version));
    return done;
  });
}

async function readPolicy({ world, text }: Context, file: string): Promise<Result<string, Failure>> {
  try {
    if (file !== '-') {
      if ((await stat(file)).size > maxPolicyBytes) return err(usageFailure(text.say.usage.inputTooLong()));
      return ok(await readFile(file, 'utf8'));
    }
    let policy = '';
    world.stdin.setEncoding('utf8');
    for await (const chunk of world.stdin) {
      policy += String(chunk);
      if (policy.length > maxPolicyBytes) return err(usageFailure(text.say.usage.inputTooLong()));
    }
    return ok(policy);
  } catch (cause) {
    return err(fileFailure(text, unusable(file, cause)));
  }
}
