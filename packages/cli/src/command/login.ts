// `sally login`: makes a key on this device and enrols it with a one-time link or code. The code is sent only over a connection that is
// verified against the fingerprint in the link, and is never printed or kept.

import { generateKeyPairSync } from 'node:crypto';
import { err, ok, type Result, toBase64Url } from '@sallyport/core';
import {
  deviceEnrolled,
  deviceEnrolment,
  type EnrolmentLink,
  headerNames,
  parseEnrolmentLink,
  parseGatewayUrl,
  proveLink,
} from '@sallyport/protocol';
import type { Command } from 'commander';
import type * as z from 'zod/mini';
import type { Gateway } from '../client/api.ts';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import { plain } from '../print/plain.ts';
import type { DeviceKey } from '../profile/openssh-key.ts';
import { makePrivateFolder } from '../profile/private-file.ts';
import { type ProfilePlace, readProfile, writeProfile } from '../profile/profile.ts';
import { readSecret, readSecretFrom } from '../secret-input.ts';
import type { Text } from '../text/text.ts';
import { programVersion } from '../version.ts';
import {
  type CommonOptions,
  type Context,
  done,
  fileFailure,
  type Outcome,
  profileFailure,
  profilePlace,
  type Run,
  usageFailure,
} from './context.ts';
import { define } from './define.ts';
import { waiting } from './with-api.ts';

type Options = CommonOptions & { readonly codeFile?: string; readonly name?: string; readonly force?: true };
type Enrolled = z.infer<typeof deviceEnrolled>;

export function addLogin(parent: Command, text: Text, run: Run): void {
  const words = text.command.login;
  define(parent, 'login', words, text)
    .argument('[link]', words.arguments.link)
    .option('--code-file <file>', words.options.codeFile)
    .option('--name <name>', words.options.name)
    .option('--force', words.options.force)
    .action((link: string | undefined, options: Options) => run(options, (context) => login(context, link, options)));
}

async function login(context: Context, typed: string | undefined, options: Options): Promise<Outcome> {
  const { text, world } = context;
  const place = profilePlace(context);
  if (!place.ok) return place;
  // Before the code is used: what stands in the way here must not cost it.
  const free = checkFree(context, place.value, options.force === true);
  if (!free.ok) return free;
  const link = await findLink(context, typed, options.codeFile);
  if (!link.ok) return link;
  const name = deviceEnrolment.shape.name.safeParse(options.name ?? (world.hostname || 'device'));
  if (!name.success) return err(usageFailure(text.say.usage.deviceName()));
  const key = newDeviceKey();
  const gateway = await trustedGateway(context, link.value);
  if (!gateway.ok) return gateway;
  const enrolled = await waiting(context, enrol(text, gateway.value, link.value.code, key, name.data));
  if (!enrolled.ok) return enrolled;
  const { person, device, workspace, sshHostCa } = enrolled.value;
  const trust = gateway.value.ca === undefined ? {} : { caPem: gateway.value.ca };
  const file = {
    version: 1 as const,
    gateway: gateway.value.url.origin,
    ...trust,
    device,
    person,
    workspace,
    sshHostCa,
  };
  const written = writeProfile(place.value, file, key, world.uid);
  if (!written.ok) return err(profileFailure(text, written.error));
  tell(context, enrolled.value, place.value);
  return done;
}

function checkFree({ text, world }: Context, place: ProfilePlace, isForced: boolean): Result<void, Failure> {
  const made = makePrivateFolder(place.folder, world.uid);
  if (!made.ok) return err(fileFailure(text, made.error));
  const present = readProfile(place, world.uid);
  if (isForced || (!present.ok && present.error.kind === 'missing')) return ok();
  if (!present.ok) return err(profileFailure(text, present.error));
  const { person, workspace } = present.value;
  return err(localFailure(text.say.alreadyEnrolled(plain(person.name), workspace, place.name), exitStatuses.usage));
}

/** The link from where the person put it; LINK may be only the gateway's address when the code comes from a file. */
async function findLink(
  context: Context,
  typed: string | undefined,
  codeFile: string | undefined,
): Promise<Result<EnrolmentLink, Failure>> {
  const { text } = context;
  const secret = await secretText(context, typed, codeFile);
  if (!secret.ok) return secret;
  const words = secret.value.trim();
  if (typed === undefined || typed === '-' || codeFile === undefined || words.includes('#')) {
    const link = parseEnrolmentLink(words);
    return link.ok ? link : err(usageFailure(text.say.usage.link(link.error)));
  }
  const address = parseGatewayUrl(typed);
  if (!address.ok) return err(usageFailure(text.say.usage.gatewayAddress(address.error)));
  // The fragment alone, as the link has it: code, then the fingerprint.
  const link = parseEnrolmentLink(`${address.value.origin}/enrol#${words}`);
  return link.ok ? link : err(usageFailure(text.say.usage.link(link.error)));
}

function secretText(
  context: Context,
  typed: string | undefined,
  codeFile: string | undefined,
): Promise<Result<string, Failure>> {
  if (codeFile !== undefined) return readSecretFrom(context, codeFile);
  if (typed === '-') return readSecretFrom(context, '-');
  return typed === undefined ? readSecret(context, context.text.say.askLink) : Promise.resolve(ok(typed));
}

async function trustedGateway(
  context: Context,
  { gateway, caFingerprint }: EnrolmentLink,
): Promise<Result<Gateway, Failure>> {
  if (caFingerprint === undefined) return ok({ url: gateway, ca: undefined });
  const { learnGatewayCa } = await import('../client/api.ts');
  const ca = await waiting(context, learnGatewayCa(gateway, caFingerprint, context.text));
  return ca.ok ? ok({ url: gateway, ca: ca.value }) : ca;
}

async function enrol(
  text: Text,
  gateway: Gateway,
  code: string,
  key: DeviceKey,
  name: string,
): Promise<Result<Enrolled, Failure>> {
  const { connectAnonymously } = await import('../client/api.ts');
  const publicKey = toBase64Url(key.publicKey);
  // The device has no id yet; its key proves that it is the one to be enrolled.
  const api = await connectAnonymously(gateway, text, (exporter) => ({
    [headerNames.proof]: proveLink({ role: 'device', id: '', link: '' }, exporter, key.privateKey),
    [headerNames.version]: programVersion,
  }));
  if (!api.ok) return api;
  const enrolled = await api.value.post('/v1/devices', { code, publicKey, name }, deviceEnrolled);
  api.value.close();
  return enrolled;
}

function newDeviceKey(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url') };
}

function tell({ display, text }: Context, { person, device, workspace }: Enrolled, { folder }: ProfilePlace): void {
  if (display.isJson) display.json({ person, device, workspace, folder });
  else {
    display.line(text.say.enrolled(plain(person.name), plain(workspace)));
    display.note(text.say.enrolledNext);
  }
}
