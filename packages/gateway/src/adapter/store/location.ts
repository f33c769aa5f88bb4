// Where the database is, from the settings. A URL that may hold a password is read from a private file only.

import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/core';
import type { StoreSetting } from '../../settings.ts';
import { currentOwner, type PrivateFileFailure, readPrivateFile } from '../private-file.ts';
import type { StoreLocation } from './store.ts';

const maxUrlBytes = 4096;

export async function storeLocation(
  store: StoreSetting,
  dataFolder: string,
): Promise<Result<StoreLocation, PrivateFileFailure>> {
  if (store.kind === 'sqlite') return ok({ kind: 'sqlite', path: join(dataFolder, 'sallyport.db') });
  if ('url' in store) return ok(store);
  const url = await readPrivateFile(store.urlFile, currentOwner(), maxUrlBytes);
  return url.ok ? ok({ kind: 'postgres', url: url.value.expose().toString('utf8').trim() }) : err(url.error);
}
