// `sally device code`: a one-time link for another device of the same person.

import { enrolmentCodeCreated } from '@sallyport/protocol';
import type { Command } from 'commander';
import { plain } from '../print/plain.ts';
import { timeText } from '../print/time.ts';
import type { Text } from '../text/text.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run } from './context.ts';
import { define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

export function addDevice(parent: Command, text: Text, run: Run): void {
  const { device, deviceCode } = text.command;
  const devices = define(parent, 'device', device, text);
  define(devices, 'code', deviceCode, text).action((options: CommonOptions) => run(options, code));
}

function code(context: Context): Promise<Outcome> {
  const { display, text } = context;
  return withApi(context, async (api) => {
    const made = await waiting(context, api.post('/v1/codes', {}, enrolmentCodeCreated));
    if (!made.ok) return made;
    if (display.isJson) {
      display.json(made.value);
      return done;
    }
    display.line(plain(made.value.link));
    display.note(text.say.codeMade(timeText(made.value.expiresAt)));
    return done;
  });
}
