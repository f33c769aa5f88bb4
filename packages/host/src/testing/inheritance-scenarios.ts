// What a login's process must not have of the agent it comes from, beyond its descriptors.

import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Scenarios } from './scenario.ts';

const oomFile = '/proc/self/oom_score_adj';
// add_key(2), keyctl(2): numbers of asm-generic on arm64.
const calls = process.arch === 'arm64' ? { addKey: 217, keyctl: 219 } : { addKey: 248, keyctl: 250 };
const joinSessionKeyring = 1;
const search = 10;
const sessionKeyring = -3;

/** A session keyring as systemd gives a service (systemd.exec(5), KeyringMode=private). */
async function joinKeyring(): Promise<void> {
  const { default: koffi } = await import('koffi');
  const syscall = koffi.load(null).func('long syscall(long number, ...)');
  const joined = Number(syscall(calls.keyctl, 'int', joinSessionKeyring, 'void *', null));
  assert(joined > 0, 'this machine has session keyrings');
}

// Texts that a system call gets must be variables in perl.
const perl = (words: string) =>
  `perl -e 'my ($t, $d, $p) = ("user", "sally-test", "hunter2"); print syscall(${words}), "\\n"'`;
const plant = perl(`${calls.addKey}, $t, $d, $p, 7, ${sessionKeyring}`);
const find = perl(`${calls.keyctl}, ${search}, ${sessionKeyring}, $t, $d, 0`);

export const inheritanceScenarios: Scenarios = {
  memoryShortage: async (ground) => {
    const before = readFileSync(oomFile, 'utf8');
    writeFileSync(oomFile, '300');
    try {
      const { stdout } = await ground.run(await ground.machine(), `cat ${oomFile}`);
      assert.equal(stdout, '0\n');
    } finally {
      writeFileSync(oomFile, before);
    }
  },

  keyrings: async (ground) => {
    if (!existsSync('/proc/keys') || !existsSync('/usr/bin/perl')) return;
    await joinKeyring();
    const [dana, erin] = [await ground.machine('dana'), await ground.machine('erin')];
    const [added, foundByItself] = (await ground.run(dana, `${plant}; ${find}`)).stdout.split('\n');
    assert.match(added ?? '', /^\d+$/);
    assert.equal(foundByItself, added);
    assert.equal((await ground.run(erin, find)).stdout, '-1\n');
  },
};
