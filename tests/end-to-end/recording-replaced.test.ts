// Somebody with the gateway's disk puts another recording in the place of one: what plays it must tell.

import { readdir, rename, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expectOk, systemClock } from '@sallyport/core';
import { readRecording, startRecording } from '@sallyport/recording';
import { waitFor } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { withStack } from './stack.ts';

const stack = withStack();

/** A command's session, with the file of its recording, once the log has its hash. */
async function recorded(command: string): Promise<{ session: string; file: string }> {
  await stack.current.ssh([stack.current.host, command]);
  const session = await waitFor(async () => {
    const [latest] = JSON.parse((await stack.current.sally(['sessions', 'ls', '--json'])).stdout);
    return latest.channels[0]?.recordingHash === undefined ? undefined : String(latest.id);
  }, 'the hash of the recording');
  const folder = stack.current.dataPath('recordings', session);
  const [name = ''] = await readdir(folder);
  return { session, file: join(folder, name) };
}

describe('a recording', () => {
  it('that was replaced by another one of the same channel, sealed as it should be, is not played (REC-3)', async () => {
    const { session, file } = await recorded('echo what really happened');
    const { header } = expectOk(await readRecording(file));
    const forged = expectOk(await startRecording({ path: `${file}.forged`, header, clock: systemClock }));
    forged.output(Buffer.from('nothing of note'), 'stdout');
    expectOk(await forged.seal({ how: 'exited', status: 0 }));
    await rename(`${file}.forged`, file);
    for (const words of [
      ['play', session],
      ['export', session, '-o', '-'],
    ]) {
      const refused = await stack.current.sally(words);
      expect(refused).toMatchObject({ status: 1, stdout: '' });
      expect(refused.stderr).toContain('it was replaced');
    }
  });

  it('whose end was cut off, seal and all, is not played (REC-3)', async () => {
    const { session, file } = await recorded('echo first; sleep 0.1; echo last');
    await truncate(file, 600);
    const refused = await stack.current.sally(['play', session]);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
  });
});
