// `sally device`: a one-time link for another device of the same person, which devices there are, and the end of one.

import { err } from '@sallyport/core';
import { device, enrolmentCodeCreated, idOf, type ListedDevice } from '@sallyport/protocol';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import { plain } from '../print/plain.ts';
import { timeText } from '../print/time.ts';
import type { Text } from '../text/text.ts';
import { confirmed } from './confirm.ts';
import { type CommonOptions, type Context, done, type Outcome, type Run, usageFailure } from './context.ts';
import { define } from './define.ts';
import { waiting, withApi } from './with-api.ts';

type ListOptions = CommonOptions & { readonly all?: true };
type RevokeOptions = CommonOptions & { readonly yes?: true };

export function addDevice(parent: Command, text: Text, run: Run): void {
  const { device: words, deviceCode, deviceLs, deviceRevoke } = text.command;
  const devices = define(parent, 'device', words, text);
  define(devices, 'code', deviceCode, text).action((options: CommonOptions) => run(options, code));
  define(devices, 'ls', deviceLs, text)
    .option('-a, --all', deviceLs.options.all)
    .action((options: ListOptions) => run(options, (context) => list(context, options)));
  define(devices, 'revoke', deviceRevoke, text)
    .argument('<device>', deviceRevoke.arguments.device)
    .option('-y, --yes', deviceRevoke.options.yes)
    .action((id: string, options: RevokeOptions) => run(options, (context) => revoke(context, id, options)));
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

function list(context: Context, { all }: ListOptions): Promise<Outcome> {
  return withApi(context, async (api) => {
    const path = `/v1/devices${all === true ? '?all=1' : ''}`;
    const devices = await waiting(context, api.get(path, z.array(device)));
    if (!devices.ok) return devices;
    if (context.display.isJson) context.display.json(devices.value);
    else show(context, devices.value);
    return done;
  });
}

function show({ display, text }: Context, devices: readonly ListedDevice[]): void {
  const { column, deviceState, thisDevice } = text.say;
  const paint = { connected: 'green', away: 'yellow', revoked: 'dim' } as const;
  display.table(
    [
      { title: column.id, minWidth: 20 },
      { title: column.name, minWidth: 12 },
      { title: column.person },
      { title: column.enrolled, minWidth: 19 },
      { title: column.state },
    ],
    devices.map((one) => [
      one.id,
      plain(one.isThis ? `${one.name} (${thisDevice})` : one.name),
      plain(one.person.name),
      timeText(one.enrolledAt),
      { text: deviceState[stateOf(one)], paint: (words) => display.paint(paint[stateOf(one)], words) },
    ]),
  );
}

function stateOf({ revokedAt, links }: ListedDevice): 'connected' | 'away' | 'revoked' {
  if (revokedAt !== undefined) return 'revoked';
  return links > 0 ? 'connected' : 'away';
}

async function revoke(context: Context, id: string, { yes }: RevokeOptions): Promise<Outcome> {
  const { display, text } = context;
  if (!idOf('device').safeParse(id).success) return err(usageFailure(text.say.usage.deviceId(plain(id))));
  const agreed = await confirmed(context, text.say.confirmDeviceRevoke(id), yes);
  if (!agreed.ok) return agreed;
  return withApi(context, async (api) => {
    const revoked = await waiting(context, api.post(`/v1/devices/${id}/revoke`, {}, z.unknown()));
    if (!revoked.ok) return revoked;
    if (display.isJson) display.json({ device: id, isRevoked: true });
    else display.line(text.say.deviceRevoked(id));
    return done;
  });
}
