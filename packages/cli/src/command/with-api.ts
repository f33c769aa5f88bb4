// A command's connection to the HTTP API: opened with the profile, closed in every case.

import type { Result } from '@sallyport/core';
import type { Api } from '../client/api.ts';
import type { Failure } from '../failure.ts';
import type { Profile } from '../profile/profile.ts';
import { type Context, loadProfile } from './context.ts';

export async function withApi<T = number>(
  context: Context,
  work: (api: Api, profile: Profile) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const profile = loadProfile(context);
  if (!profile.ok) return profile;
  const { connectApi } = await import('../client/api.ts');
  const api = await waiting(context, connectApi(context.text, profile.value));
  if (!api.ok) return api;
  try {
    return await work(api.value, profile.value);
  } finally {
    api.value.close();
  }
}

/** The answer, with a spinner while it is waited for. */
export function waiting<T>(
  { display, text }: Context,
  answer: Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  return display.progress(text.say.askingGateway, answer);
}
