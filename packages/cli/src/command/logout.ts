// `sally logout`: deletes the profile and the device's private key from this device.

import { stat } from 'node:fs/promises';
import { err } from '@sallyport/core';
import type { Command } from 'commander';
import { removeProfile } from '../profile/profile.ts';
import type { Text } from '../text/text.ts';
import { confirmed } from './confirm.ts';
import {
  type CommonOptions,
  type Context,
  done,
  type Outcome,
  profileFailure,
  profilePlace,
  type Run,
} from './context.ts';
import { define } from './define.ts';

type Options = CommonOptions & { readonly yes?: true };

export function addLogout(parent: Command, text: Text, run: Run): void {
  const words = text.command.logout;
  define(parent, 'logout', words, text)
    .option('-y, --yes', words.options.yes)
    .action((options: Options) => run(options, (context) => logout(context, options)));
}

async function logout(context: Context, options: Options): Promise<Outcome> {
  const { display, text } = context;
  const place = profilePlace(context);
  if (!place.ok) return place;
  // Also a damaged profile can be left, so it is not read.
  const isThere = await stat(place.value.folder).then(
    () => true,
    () => false,
  );
  if (!isThere) return err(profileFailure(text, { kind: 'missing', name: place.value.name }));
  const agreed = await confirmed(context, text.say.confirmLogout(place.value.name), options.yes);
  if (!agreed.ok) return agreed;
  await removeProfile(place.value);
  if (display.isJson) display.json({ profile: place.value.name, isRemoved: true });
  else display.line(text.say.loggedOut(place.value.name));
  return done;
}
