// An agent that is not root: its own login and no other.

import { strict as assert } from 'node:assert';
import { expectOk } from '@sallyport/core';
import { uids } from './bed.ts';
import { eventually, isAlive, linesOf, over, type Scenarios, terminal } from './scenario.ts';

export const selfScenarios: Scenarios = {
  onlyItself: async (ground) => {
    assert.equal(ground.host.acting, 'as-self');
    for (const login of ['root', 'erin']) {
      const refused = await ground.tryMachine(login);
      assert(!refused.ok);
      assert.equal(refused.error.code, 'LOGIN_NOT_ALLOWED');
      assert.match(refused.error.message, /does not run as root/);
      assert.match(refused.error.hint, /the login that runs the agent/);
    }
    const { stdout } = await ground.run(await ground.machine(), 'id -u; pwd; ulimit -Sn');
    assert.equal(stdout, `${uids.dana}\n${ground.folder}/dana\n1024\n`);
  },

  selfTerminal: async (ground) => {
    const { stdout, exit } = await ground.run(await ground.machine(), 'stty size; echo x >/dev/tty; exit 3', {
      terminal: terminal(),
    });
    assert.equal(stdout, '31 97\r\nx\r\n');
    assert.deepEqual(exit, { how: 'exited', status: 3 });
  },

  selfEnds: async (ground) => {
    const machine = await ground.machine();
    const process = await ground.start(
      machine,
      `(setsid sh -c 'trap "" HUP TERM; echo "pid $$"; while :; do sleep 1; done' &); wait; sleep 600`,
    );
    const pid = Number(await linesOf(process.stdout).until(/pid (\d+)/));
    process.hangUp();
    await process.exit;
    await eventually(() => !isAlive(pid));
    expectOk(await machine.listen({ kind: 'listen', on: { family: 'tcp', host: '', port: 0 } }, () => undefined));
    await machine.end(over);
  },
};
