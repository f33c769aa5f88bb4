// LocalMachine is a Machine: the common suite, as the login that runs the tests.

import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { expectOk, newId, systemClock } from '@sallyport/core';
import { machineContract } from '@sallyport/testkit';
import { prepareHost } from './host.ts';
import { localMachine } from './local-machine.ts';
import { findLogin } from './login.ts';

const handCommand = [process.execPath, new URL('login-hand.ts', import.meta.url).pathname];
const host = prepareHost({ clock: systemClock, handCommand });

machineContract(
  'LocalMachine',
  async () => {
    const login = expectOk(await findLogin(userInfo().username));
    const session = newId('session', randomBytes);
    return {
      machine: expectOk(await localMachine({ host: await host, login, session })),
      dispose: async () => undefined,
    };
  },
  { hasTerminal: true, hasSftp: true },
);
