// LocalMachine as root and as itself, on a machine with made-up accounts: every scenario runs real processes as a real login.

import { afterAll, beforeEach, describe, it, type TestContext } from 'vitest';
import { isRoot, makeBed } from './testing/bed.ts';

/** Only root can act as another login and lay made-up accounts over the machine's. */
const needsRoot = (context: TestContext) =>
  context.skip(!isRoot, 'the made-up accounts need root and mount namespaces');

describe('LocalMachine, as root, acts as a login', () => {
  const bed = makeBed('root');
  beforeEach(needsRoot);
  afterAll(() => bed.close());

  it('has the ids and groups of a real login and no capability (SES-1)', () => bed.run('identity'));
  it('has the limits of the host’s PAM and the umask of login.defs (SES-1)', () => bed.run('limits'));
  it('begins in its home, or in / with a notice where there is none (SES-1)', () => bed.run('home'));
  it('takes the language from the client and nothing that could change how programs start (SES-1)', () =>
    bed.run('environment'));
  it('gets a login shell for a shell and a plain one for a command (SES-1)', () => bed.run('shells'));
  it('gets its shell on a host without bash (SES-1)', () => bed.run('withoutBash'));
  it('keeps a restricted shell around sftp (SES-1)', () => bed.run('restrictedShell'));
  it('refuses unknown, expired and shell-less logins, each with its reason (SES-1)', () => bed.run('refusals'));
  it('refuses all but root while logins are closed (SES-1)', () => bed.run('closedLogins'));

  it('tells every exit as it was: status, signal, core (SES-1)', () => bed.run('exits'));
  it('carries 100 MB unchanged in bounded memory (SES-1)', () => bed.run('bulk', 29_000), 30_000);
  it('gives pipes that can be opened again (SES-1)', () => bed.run('devices'));
  it('tells the exit although something in the background keeps the output open (SES-1)', () => bed.run('background'));
  it('gives a process no descriptor but its three (SES-1)', () => bed.run('descriptors'));
  it('is as likely to be killed for want of memory as any other, whatever the agent is (SES-1, CON-8)', () =>
    bed.run('memoryShortage'));
  it('shares no kernel keyring with another login (SES-1)', () => bed.run('keyrings'));
  it('delivers only signals that SSH knows (SES-1)', () => bed.run('signalsAsLogin'));
  it('serves 20 sessions at once, each in less than 6 MB (SES-1)', () => bed.run('concurrency', 29_000), 30_000);

  it('hangs up a tree, daemons included (SES-1)', () => bed.run('hangUpKills'));
  it('hangs up a tree where there is no cgroup (SES-1)', () => bed.run('hangUpKillsWithoutCgroup'));
  it('ends daemons with the session within its grace (SES-1, SES-7)', () => bed.run('endKillsDaemons'));
  it('ends daemons with the session where there is no cgroup (SES-1, SES-7)', () =>
    bed.run('endKillsDaemonsWithoutCgroup'));
  it('leaves daemons where the session may linger (SES-1)', () => bed.run('linger'));
  it('starts nothing where no cgroup can be made (SES-1)', () => bed.run('closedCell'));

  it('gives the login a controlling terminal of its own (SES-1)', () => bed.run('terminal'));
  it('resizes a terminal and tells the program (SES-1)', () => bed.run('resize'));
  it('tells a terminal its size in pixels (SES-1)', () => bed.run('pixels'));
  it('interrupts with Control-C and controls jobs (SES-1)', () => bed.run('interrupt'));
  it('applies the terminal modes that were asked for (SES-1)', () => bed.run('modes'));
  it('loses no last output in 40 runs (SES-1)', () => bed.run('tail', 29_000), 30_000);
  it('carries every byte through a raw terminal (SES-1)', () => bed.run('binary'));
  it('goes on while nobody reads a full terminal (SES-1, CON-8)', () => bed.run('fullTerminal'));
  it('ends a terminal’s input as its end-of-file character does (SES-1)', () => bed.run('endOfFile'));
  it('holds a terminal back that nobody reads (SES-1)', () => bed.run('heldBack'));
  it('hangs a terminal up so that its programs are told (SES-1)', () => bed.run('hangUp'));

  it('dials Unix sockets with the rights of the login, not of root (SES-1)', () => bed.run('dialUnix'));
  it('says why a TCP address cannot be dialled (SES-1)', () => bed.run('dialTcp'));
  it('listens on Unix sockets as the login and removes them (SES-1)', () => bed.run('listenUnix'));
  it('listens on loopback only, and on no privileged port (SES-1)', () => bed.run('listenTcp'));
  it('never listens itself (CON-1)', () => bed.run('neverListens'));
  it('keeps the login from its hand (SES-1, CON-8)', () => bed.run('handIsOutOfReach'));
});

describe('LocalMachine, not as root, acts as itself', () => {
  const bed = makeBed('dana');
  beforeEach(needsRoot);
  afterAll(() => bed.close());

  it('serves its own login and refuses every other (SES-1)', () => bed.run('onlyItself'));
  it('gives a terminal (SES-1)', () => bed.run('selfTerminal'));
  it('ends what it started, daemons included (SES-1, SES-7)', () => bed.run('selfEnds'));
});
