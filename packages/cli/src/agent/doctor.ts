// `sally agent doctor`: one step after another on the way to the gateway, which one is broken and how to mend it (CON-6).

import type { DoctorStep } from '@sallyport/agent';
import { ok } from '@sallyport/core';
import type { Context, Outcome } from '../command/context.ts';
import { exitStatuses } from '../exit-status.ts';
import { plain } from '../print/plain.ts';
import { padTo, widthOf } from '../print/width.ts';
import { agentWorldOf } from './here.ts';

const marks = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  'not tried': ['·', 'dim'],
} as const;

type Target = { readonly url?: string; readonly token?: string };

export async function examine(context: Context, state: string | undefined, target: Target): Promise<Outcome> {
  const { world, display, text } = context;
  const { diagnoseHere } = await import('@sallyport/agent');
  const steps = await display.progress(text.say.agent.examining, diagnoseHere(agentWorldOf(world, state), target));
  if (display.isJson) display.json(steps);
  else print(context, steps);
  return ok(steps.some((step) => step.state === 'failed') ? exitStatuses.checkFailed : exitStatuses.ok);
}

function print({ display, text }: Context, steps: readonly DoctorStep[]): void {
  const { step: names, mend: mendTitle } = text.say.agent;
  const width = Math.max(...Object.values(names).map(widthOf)) + 2;
  for (const { name, state, found, mend } of steps) {
    const [mark, style] = marks[state];
    display.line(`${display.paint(style, mark)} ${padTo(names[name], width)}${plain(found)}`);
    if (mend !== undefined) display.line(`  ${' '.repeat(width)}${display.paint('cyan', mendTitle)} ${plain(mend)}`);
  }
}
