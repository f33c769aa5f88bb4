// A lost device: its person revokes it from another one, while a thief works on a server with it.

import { Running } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { withStack } from './stack.ts';

const stack = withStack();
const second = ['--profile', 'second'];

describe('a revoked device', () => {
  it('loses its live SSH session within a second, with the reason in the terminal, and every way back (IDN-7, SES-7)', async () => {
    const made = await stack.current.sally(['device', 'code', '--json']);
    const login = await stack.current.sally(['login', '-', ...second], { input: JSON.parse(made.stdout).link });
    expect(login).toMatchObject({ status: 0 });
    const [lost] = JSON.parse((await stack.current.sally(['device', 'ls', '--json'])).stdout).filter(
      ({ isThis }: { isThis: boolean }) => isThis,
    );

    const shell = new Running(stack.current.sshArgv(['-tt', stack.current.host, 'echo working; sleep 600']), {
      env: stack.current.env(),
    });
    await shell.until(/working/);
    const started = performance.now();
    const revoked = await stack.current.sally(['device', 'revoke', lost.id, '--yes', ...second]);
    expect(revoked).toMatchObject({ status: 0, stdout: `${lost.id} is revoked\n` });
    // The start of the program that revokes is part of this time.
    await shell.until(/this device was revoked by owner/);
    await shell.exited;
    expect(performance.now() - started).toBeLessThan(3000);

    const refused = await stack.current.sally(['ls']);
    expect(refused).toMatchObject({ status: 77, stderr: expect.stringContaining('DEVICE_REVOKED') });
    expect((await stack.current.ssh([stack.current.host, 'true'])).status).toBe(255);
    const listed = await stack.current.sally(['audit', 'tail', '-n', '50', '--json', ...second]);
    const events: { class: string; time: string; device?: string; resource: { id: string } }[] = listed.stdout
      .split('\n')
      .flatMap((line) => (line === '' ? [] : JSON.parse(line)));
    const at = (name: string) => Date.parse(events.findLast((event) => event.class === name)?.time ?? '');
    expect(at('session.ended') - at('device.revoked')).toBeLessThan(1000);
  });
});
