// The systemd unit of the agent: systemd understands it, and it sets nothing that sessions would inherit to their harm.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';

const unit = readFileSync(join(import.meta.dirname, '../../../packaging/sallyport-agent.service'), 'utf8');
const verifier = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find(existsSync);

describe('the systemd unit of the agent', () => {
  it('is understood by systemd without a warning (OPS-5)', async (context) => {
    context.skip(verifier === undefined, 'this host has no systemd-analyze');
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-unit-'));
    const path = join(folder, 'sallyport-agent.service');
    // The program is not installed here; any that is will do for the check.
    writeFileSync(path, unit.replace('/usr/bin/sally agent run', `${process.execPath} agent run`));
    const { status, stderr } = await run([verifier ?? '', 'verify', '--man=no', path]);
    rmSync(folder, { recursive: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each([
    'Delegate=yes',
    'Restart=always',
    'KillMode=mixed',
    'OOMPolicy=continue',
    'StateDirectoryMode=0700',
    'UMask=0077',
  ])('sets %s (CON-8, OPS-5)', (setting) => {
    expect(unit.split('\n')).toContain(setting);
  });

  it('sets no sandbox that every session would inherit (SES-1, OPS-5)', () => {
    const inherited =
      /^(ProtectSystem|ProtectHome|PrivateTmp|PrivateDevices|NoNewPrivileges|CapabilityBoundingSet|Restrict\w+|SystemCall\w+|User)=/m;
    expect(inherited.exec(unit)?.[0]).toBeUndefined();
  });
});
