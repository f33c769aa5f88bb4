// Asks before something that cannot be undone. Where nobody can be asked, only --yes goes on.

import { err, ok, type Result } from '@sallyport/core';
import type { Failure } from '../failure.ts';
import { type Context, usageFailure } from './context.ts';

export async function confirmed(
  { world, text }: Context,
  question: string,
  isAgreed: true | undefined,
): Promise<Result<void, Failure>> {
  if (isAgreed === true) return ok();
  if (world.stdin.isTTY !== true || world.stderr.isTTY !== true) return err(usageFailure(text.say.usage.needsYes()));
  const { confirm } = await import('@clack/prompts');
  const { active, inactive } = text.say.confirmAnswers;
  const answer = await confirm({
    message: question,
    active,
    inactive,
    initialValue: false,
    input: world.stdin,
    output: world.stderr,
  });
  return answer === true ? ok() : err(usageFailure(text.say.usage.notConfirmed()));
}
