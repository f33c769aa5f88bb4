// The link for the first owner. It lets anybody in who reads it, once: it goes into a file of this user and to the person at the
// terminal, never to the log.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatEnrolmentLink } from '@sallyport/protocol';
import type { IdentityService } from '../../domain/identity/index.ts';
import { writePrivateFile } from '../private-file.ts';

type Needs = {
  readonly identity: IdentityService;
  readonly authority: { readonly caFingerprint: string };
  readonly dataFolder: string;
  readonly publicUrl: string;
  readonly print: (line: string) => void;
  /** Where the gateway listens. */
  readonly url: string;
};

/** Says that the gateway listens; before that, while nobody has signed in, a link is made and written. */
export async function offerFirstLink({ identity, authority, dataFolder, publicUrl, print, url }: Needs): Promise<void> {
  const path = join(dataFolder, 'first-owner-link');
  const owner = await identity.ensureOwner('owner');
  if (!(await identity.hasNoDevice(owner))) {
    await rm(path, { force: true });
    return print(`sallyport is listening on ${url}`);
  }
  const { code } = await identity.createCode(owner);
  const { caFingerprint } = authority;
  const link = formatEnrolmentLink({ gateway: new URL(publicUrl), code, caFingerprint });
  await writePrivateFile(path, `${link}\n`);
  // Whoever waits for this line finds the link written.
  print(`sallyport is listening on ${url}`);
  print('nobody has signed in yet. On your own machine, within 24 hours:');
  print(process.stdout.isTTY ? `  sally login '${link}'` : `  sally login - < ${path}`);
}
