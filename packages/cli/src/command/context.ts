// What every command gets, and how it tells its outcome: an exit status, or a failure that is printed in one place.

import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import { exitStatuses } from '../exit-status.ts';
import { type Failure, localFailure } from '../failure.ts';
import type { Display } from '../print/display.ts';
import type { FileProblem } from '../profile/private-file.ts';
import {
  defaultProfile,
  type Profile,
  type ProfilePlace,
  type ProfileProblem,
  placeOf,
  readProfile,
} from '../profile/profile.ts';
import type { Text } from '../text/text.ts';
import type { World } from '../world.ts';

export type Context = {
  readonly world: World;
  readonly text: Text;
  readonly display: Display;
  readonly profileName: string;
  /** The words after `--`, which are not ours to read. */
  readonly rest: readonly string[];
};

export type Outcome = Result<number, Failure>;
export type CommonOptions = { readonly json?: true; readonly profile?: string; readonly lang?: string };
export type Run = (options: CommonOptions, action: (context: Context) => Promise<Outcome>) => Promise<void>;

export const done: Outcome = ok(exitStatuses.ok);

export function profileNameOf(world: World, asked: string | undefined): string {
  const fromEnvironment = world.env['SALLY_PROFILE'];
  return asked ?? (fromEnvironment === undefined || fromEnvironment === '' ? defaultProfile : fromEnvironment);
}

/** `$XDG_CONFIG_HOME/sallyport` (XDG Base Directory Specification): a relative path there is ignored, as it says. */
function configRoot({ env, homeFolder }: World): string {
  const base = env['XDG_CONFIG_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homeFolder, '.config'), 'sallyport');
}

/** What finding a profile takes: less than a whole context, for a start that must be short. */
export type ProfileContext = Pick<Context, 'world' | 'text' | 'profileName'>;

export function profilePlace({ world, text, profileName }: ProfileContext): Result<ProfilePlace, Failure> {
  const place = placeOf(configRoot(world), profileName);
  return place.ok ? place : err(profileFailure(text, place.error));
}

export function loadProfile(context: ProfileContext): Result<Profile, Failure> {
  const place = profilePlace(context);
  if (!place.ok) return place;
  const profile = readProfile(place.value, context.world.uid);
  return profile.ok ? profile : err(profileFailure(context.text, profile.error));
}

export function profileFailure(text: Text, problem: ProfileProblem): Failure {
  switch (problem.kind) {
    case 'name':
      return localFailure(text.say.badProfileName(problem.name), exitStatuses.usage);
    case 'missing':
      return localFailure(text.say.notEnrolled(problem.name), exitStatuses.notPermitted);
    case 'damaged':
      return localFailure(text.say.profileDamaged(problem.path, problem.message), exitStatuses.config);
    case 'file':
      return fileFailure(text, problem.problem);
  }
}

export function fileFailure(text: Text, problem: FileProblem): Failure {
  switch (problem.kind) {
    case 'absent':
      return localFailure(text.say.fileAbsent(problem.path), exitStatuses.config);
    case 'mode':
      return localFailure(text.say.fileMode(problem.path, problem.found, problem.wanted), exitStatuses.notPermitted);
    case 'owner':
      return localFailure(text.say.fileOwner(problem.path, problem.uid), exitStatuses.notPermitted);
    case 'unusable':
      return localFailure(text.say.fileUnusable(problem.path, problem.message), exitStatuses.config);
  }
}

export function usageFailure(words: { message: string; hint: string }): Failure {
  return localFailure(words, exitStatuses.usage);
}
